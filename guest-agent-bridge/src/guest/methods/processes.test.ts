import { expect, test } from 'vitest'
import { parseStat } from './processes.ts'

test('reads a process whose name is meant to confuse', () => {
  const rest = 'S 1 42 42 0 -1 4194560 1 2 3 4 150 50 7 8 20 0 3 0 12345 1000000 99 18446744073709551615'
  expect(parseStat(`42 (a) R 9 (b) ${rest}`)).toEqual({
    name: 'a) R 9 (b',
    state: 'S',
    parentPid: 1,
    ticks: 200,
    threads: 3,
    startTicks: 12_345,
    residentPages: 99,
  })
})

test('a process that ended while we looked is none', () => {
  expect(parseStat('')).toBeNull()
})
