import fc from 'fast-check'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { nameIn, parsePlace, safeName } from './copy-place.ts'

describe('places on the command line', () => {
  const guest = (machine: string, path: string) => ({ kind: 'guest', machine, path })
  it.each([
    ['web:/etc/hosts', guest('web', '/etc/hosts')],
    ['web:/', guest('web', '/')],
    ['a b:/c:/d', guest('a b', '/c:/d')],
    ['1234@qemu:///system:/etc/a', guest('1234@qemu:///system', '/etc/a')],
    ['1234@qemu+ssh://me@host:22/system:/etc/a', guest('1234@qemu+ssh://me@host:22/system', '/etc/a')],
    ['-', { kind: 'pipe' }],
    ['file', { kind: 'file', path: 'file' }],
    ['./web:/etc', { kind: 'file', path: './web:/etc' }],
    ['../a:/b', { kind: 'file', path: '../a:/b' }],
    ['/a:/b', { kind: 'file', path: '/a:/b' }],
    ['dir/a:b', { kind: 'file', path: 'dir/a:b' }],
  ])('%s', (text, place) => expect(parsePlace(text)).toEqual(place))

  it.each(['web:etc', 'web:', 'C:\\x'])('%s is refused: it might be meant as a path in a machine', text => {
    expect(() => parsePlace(text)).toThrow('absolute')
  })
})

describe('names that a guest gives', () => {
  it.each(['a', 'a b', '..;', '...', '.hidden', 'ü', '日本', '-rf', '$(id)', 'a\\b'])('%j may be a file', name =>
    expect(safeName(name)).toBe(true),
  )
  it.each([
    '',
    '.',
    '..',
    '../x',
    '/etc/passwd',
    'a/b',
    'a\0b',
    'a\nb',
    '\u001b[2J',
    'a\u202eb',
    '\ufffd',
    'x'.repeat(256),
  ])('%j may not', name => expect(safeName(name)).toBe(false))

  it('never lead out of a folder', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), name => {
        fc.pre(safeName(name))
        expect(resolve(join('/chosen', name))).toBe(`/chosen/${name}`)
      }),
    )
  })

  it('are taken from the end of a path', () => {
    expect(nameIn('/etc/hosts')).toBe('hosts')
    expect(nameIn('/etc/')).toBe('etc')
    for (const path of ['/', '/a/..', '/a/b\nc']) expect(() => nameIn(path)).toThrow('does not end with a name')
  })
})
