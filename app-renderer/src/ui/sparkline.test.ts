import { expect, test } from 'vitest'
import { sparkPath } from './sparkline.tsx'

test('the newest value stands at the end, whatever the number of values', () => {
  expect(sparkPath([0], 3)).toBe('M100.0 29.0')
  expect(sparkPath([0, 1], 3)).toBe('M50.0 29.0L100.0 2.0')
})

test('a gap ends the line and a value begins it again', () => {
  expect(sparkPath([0, null, 0], 3)).toBe('M0.0 29.0M100.0 29.0')
})

test('values beyond the scale stay inside the picture', () => {
  expect(sparkPath([7, -7], 2)).toBe('M0.0 2.0L100.0 29.0')
})
