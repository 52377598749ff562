import { expect, test } from 'vitest'
import { sparkPath } from './sparkline.tsx'

/** One measurement a second. */
const line = (values: readonly (number | null)[], seconds: number, digits?: number): string =>
  sparkPath(
    values.map((value, index) => ({ at: 5000 + index * 1000, value })),
    seconds * 1000,
    digits,
  )

test('the newest value stands at the end, whatever the number of values', () => {
  expect(line([0], 2)).toBe('M100.0 29.0')
  expect(line([0, 1], 2)).toBe('M50.0 29.0L100.0 2.0')
  expect(line([], 2)).toBe('')
})

test('a gap ends the line and a value begins it again', () => {
  expect(line([0, null, 0], 2)).toBe('M0.0 29.0M100.0 29.0')
  expect(line([null, 1, 1, null], 4)).toBe('M50.0 2.0L75.0 2.0')
})

test('values beyond the scale stay inside the picture', () => {
  expect(line([7, -7], 1)).toBe('M0.0 2.0L100.0 29.0')
})

test('what is older than the picture lies at its edge', () => {
  expect(line([1, 0, 1, 0], 1.5)).toBe('M0.0 29.0L33.3 2.0L100.0 29.0')
})

test('a level line does not change with what is measured next, however its moments lie', () => {
  const still = (late: number) =>
    sparkPath(
      Array.from({ length: 40 }, (_, index) => ({
        at: index * 4000 + ((index * late) % 7),
        value: 0.012 + late / 1000,
      })),
      120_000,
      0,
    )
  expect(still(1)).toBe('M0.0 29L100.0 29')
  expect(still(5)).toBe(still(1))
})
