import { expect, test } from 'vitest'
import { type PacePoint, secondsLeft, speedOf, withPoint } from './pace.ts'

const points = (...values: readonly (readonly [number, number])[]): readonly PacePoint[] =>
  values.reduce<readonly PacePoint[]>((known, [at, bytes]) => withPoint(known, { at, bytes }), [])

test('a speed is what moved within the last seconds', () => {
  expect(speedOf(points([0, 0], [1000, 500]))).toBe(500)
  expect(speedOf(points([0, 0], [1000, 1_000_000], [10_000, 1_000_000], [11_000, 1_000_100]))).toBe(100)
  expect(secondsLeft(points([0, 0], [1000, 500]), 2000)).toBe(3)
})

test('nothing is told before there is something to tell', () => {
  expect(speedOf([])).toBeNull()
  expect(speedOf(points([0, 0], [100, 5000]))).toBeNull()
  expect(secondsLeft(points([0, 0], [1000, 0]), 2000)).toBeNull()
  expect(secondsLeft(points([0, 0], [1000, 500]), null)).toBeNull()
})

test('what begins anew forgets what was, and what is further than announced is at its end', () => {
  expect(speedOf(points([0, 1000], [1000, 2000], [1100, 0]))).toBeNull()
  expect(secondsLeft(points([0, 0], [1000, 500]), 100)).toBe(0)
})
