import { expect, test } from 'vitest'
import { TokenBucket } from './token-bucket.ts'

const bucketAt = (perSecond: number, burst: number) => {
  const clock = { ms: 0 }
  return { clock, bucket: new TokenBucket(perSecond, burst, () => clock.ms) }
}

test('a burst is given at once, then only the rate', () => {
  const { clock, bucket } = bucketAt(10, 3)
  expect([1, 2, 3, 4].map(() => bucket.take(1))).toEqual([true, true, true, false])
  clock.ms = 100
  expect([bucket.take(1), bucket.take(1)]).toEqual([true, false])
})

test('waiting long gives no more than the burst', () => {
  const { clock, bucket } = bucketAt(10, 3)
  clock.ms = 60_000
  expect(bucket.take(4)).toBe(false)
  expect(bucket.take(3)).toBe(true)
})

test('a debt says how long to wait, and a refund shortens it', () => {
  const { clock, bucket } = bucketAt(100, 50)
  bucket.charge(150)
  expect(bucket.debtMs).toBe(1000)
  bucket.refund(50)
  expect(bucket.debtMs).toBe(500)
  clock.ms = 500
  expect(bucket.debtMs).toBe(0)
})
