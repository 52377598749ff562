import { expect, test } from 'vitest'
import { rateLimit } from './rate.ts'

test('all at once, then as time goes by', () => {
  let now = 0
  const limit = rateLimit(3, 1000, () => now)
  expect([limit?.take(), limit?.take(), limit?.take()]).toEqual([0, 0, 0])
  expect(limit?.take()).toBe(334)
  now = 334
  expect(limit?.take()).toBe(0)
  expect(limit?.take()).toBeGreaterThan(300)
  now = 100_000
  expect([limit?.take(), limit?.take(), limit?.take(), limit?.take()]).toEqual([0, 0, 0, 334])
})

test('no limit', () => {
  expect(rateLimit(null, 1000, () => 0)).toBeNull()
})
