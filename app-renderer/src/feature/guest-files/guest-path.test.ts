import { expect, test } from 'vitest'
import { crumbsOf, isEntryName, joinPath, nameOf, parentOf, typedPath } from './guest-path.ts'

test.each([
  ['/etc', '/etc'],
  [' /etc/ ', '/etc'],
  ['//a///b/', '/a/b'],
  ['/a/./b/../c', '/a/c'],
  ['/../..', '/'],
  ['/', '/'],
  ['etc', null],
  ['', null],
  ['/a\0b', null],
  [`/${'x'.repeat(5000)}`, null],
])('%j as a typed path is %j', (text, path) => expect(typedPath(text)).toBe(path))

test('a path is taken apart and put together', () => {
  expect(crumbsOf('/a/b').map(({ path }) => path)).toEqual(['/', '/a', '/a/b'])
  expect(crumbsOf('/')).toEqual([{ name: '/', path: '/' }])
  expect([parentOf('/a/b'), parentOf('/a'), parentOf('/')]).toEqual(['/a', '/', '/'])
  expect([joinPath('/', 'a'), joinPath('/a', 'b'), joinPath('/a/', 'b')]).toEqual(['/a', '/a/b', '/a/b'])
  expect(nameOf('/a/b')).toBe('b')
})

test.each(['a', '.hidden', 'a b', 'ü', '..;'])('%j names something in a folder', name =>
  expect(isEntryName(name)).toBe(true),
)
test.each(['', '.', '..', 'a/b', 'a\0', 'ü'.repeat(128)])('%j names nothing in a folder', name =>
  expect(isEntryName(name)).toBe(false),
)
