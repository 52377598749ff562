import type { GuestEntry } from '@vireo/app-main/contract'
import { expect, test } from 'vitest'
import { arrange, modeText, nextSorting } from './arrange.ts'
import { among, everything, NOTHING, only, rangeTo, toggled } from './selection.ts'

const entry = (name: string, part: Partial<GuestEntry> = {}): GuestEntry => ({
  ...{ name, type: 'file', sizeBytes: 0, mode: null, owner: null, group: null, modifiedAt: null, linkTarget: null },
  ...part,
})
const names = (...args: Parameters<typeof arrange>) => arrange(...args).map(({ name }) => name)

const entries = [
  entry('b10', { sizeBytes: 5, modifiedAt: 30 }),
  entry('b9', { sizeBytes: 50, modifiedAt: 10 }),
  entry('.rc'),
  entry('z', { type: 'directory', modifiedAt: 20 }),
  entry('a', { type: 'directory' }),
]

test('folders come first, numbers count, hidden ones only when they are wanted', () => {
  expect(names(entries, { column: 'name', down: false }, false)).toEqual(['a', 'z', 'b9', 'b10'])
  expect(names(entries, { column: 'name', down: true }, true)).toEqual(['z', 'a', 'b10', 'b9', '.rc'])
  expect(names(entries, { column: 'size', down: true }, false)).toEqual(['a', 'z', 'b9', 'b10'])
  expect(names(entries, { column: 'modified', down: false }, false)).toEqual(['z', 'a', 'b9', 'b10'])
})

test('a head sorts, and turns the order when it is pressed again', () => {
  expect(nextSorting({ column: 'name', down: false }, 'size')).toEqual({ column: 'size', down: true })
  expect(nextSorting({ column: 'size', down: true }, 'size')).toEqual({ column: 'size', down: false })
})

test.each<[GuestEntry['type'], number | null, string]>([
  ['file', 0o644, '-rw-r--r--'],
  ['directory', 0o1777, 'drwxrwxrwt'],
  ['file', 0o4755, '-rwsr-xr-x'],
  ['file', 0o2644, '-rw-r-Sr--'],
  ['other', 0, '?---------'],
  ['link', null, ''],
])('%s with %j is %j', (type, mode, shown) => expect(modeText({ type, mode })).toBe(shown))

const order = ['a', 'b', 'c', 'd']

test('keys and clicks choose one, a range, or several', () => {
  expect([...rangeTo(only('b'), order, 'd').names]).toEqual(['b', 'c', 'd'])
  expect([...rangeTo(rangeTo(only('c'), order, 'd'), order, 'a').names]).toEqual(['a', 'b', 'c'])
  expect([...rangeTo(NOTHING, order, 'c').names]).toEqual(['c'])
  expect([...toggled(only('a'), 'c').names]).toEqual(['a', 'c'])
  expect([...toggled(only('a'), 'a').names]).toEqual([])
  expect(everything(only('a'), order).names.size).toBe(4)
})

test('what went away is not chosen', () => {
  const both = toggled(only('a'), 'x')
  expect(among(both, order)).toEqual({ cursor: null, anchor: null, names: new Set(['a']) })
  expect(among(only('a'), order)).toEqual(only('a'))
})
