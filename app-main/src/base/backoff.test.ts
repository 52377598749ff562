import { expect, test } from 'vitest'
import { Backoff } from './backoff.ts'

test('waits double up to the longest, and begin anew after a reset', () => {
  const backoff = new Backoff({ firstMs: 500, longestMs: 3000 })
  const waits = () => [1, 2, 3, 4, 5].map(() => backoff.next(() => 1))
  expect(waits()).toEqual([500, 1000, 2000, 3000, 3000])
  backoff.reset()
  expect(waits()).toEqual([500, 1000, 2000, 3000, 3000])
})

test('chance shortens a wait by a quarter at most', () => {
  expect(new Backoff({ firstMs: 1000, longestMs: 3000 }).next(() => 0)).toBe(750)
})

test('very many failures still give the longest wait', () => {
  const backoff = new Backoff()
  for (let round = 0; round < 5000; round++) backoff.next()
  expect(backoff.next(() => 1)).toBe(30_000)
})
