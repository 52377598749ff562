import { expect, test } from 'vitest'
import { processorTime } from './others.ts'

test('idle and waiting are not busy, and a guest is not counted twice', () => {
  const stat = 'cpu  100 10 50 800 40 3 2 5 60 0\ncpu0 50 5 25 400 20 1 1 2 30 0\n'
  expect(processorTime(stat)).toEqual({ busy: 170, all: 1010 })
})
