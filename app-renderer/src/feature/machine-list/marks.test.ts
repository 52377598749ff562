import type { DomainId } from '@vireo/app-main/contract'
import { expect, test } from 'vitest'
import { keepExisting, markRange, toggleMark } from './marks.ts'

const ids = (...names: string[]) => names as DomainId[]
const order = ids('a', 'b', 'c', 'd')
const set = (...names: string[]) => new Set(ids(...names))
const [a, b, d, gone] = ids('a', 'b', 'd', 'gone') as [DomainId, DomainId, DomainId, DomainId]

test('a mark goes on and off', () => {
  expect(toggleMark(set('a'), b)).toEqual(set('a', 'b'))
  expect(toggleMark(set('a', 'b'), b)).toEqual(set('a'))
})

test('a range has both ends, in both directions, and keeps other marks', () => {
  expect(markRange(set(), order, b, d)).toEqual(set('b', 'c', 'd'))
  expect(markRange(set('a'), order, d, b)).toEqual(set('a', 'b', 'c', 'd'))
})

test('a range whose beginning is gone is its end', () => {
  expect(markRange(set(), order, gone, b)).toEqual(set('b'))
  expect(markRange(set(), order, null, a)).toEqual(set('a'))
  expect(markRange(set('a'), order, a, gone)).toEqual(set('a'))
})

test('what went away loses its mark; else nothing changes', () => {
  const marks = set('a', 'gone')
  expect(keepExisting(marks, id => order.includes(id))).toEqual(set('a'))
  expect(keepExisting(marks, () => true)).toBe(marks)
})
