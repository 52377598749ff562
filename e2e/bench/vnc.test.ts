import { expect, test } from 'vitest'
import { inCommon } from './vnc.ts'

test('only frames of the time in which all looked are compared', () => {
  expect(
    inCommon([
      [0, 30, 60, 90, 120],
      [45, 75, 105, 135],
    ]),
  ).toEqual([
    [60, 90, 120],
    [45, 75, 105],
  ])
})

test('who saw nothing has nothing in common with anybody', () => {
  expect(inCommon([[0, 30], []])).toEqual([[], []])
})
