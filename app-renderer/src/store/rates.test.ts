import { expect, test } from 'vitest'
import { KEPT, ratesOf, remember } from './rates.ts'
import { statsOf } from './testing.ts'

test('processor time is a share of all virtual processors', () => {
  const rates = ratesOf(statsOf('a', 1000, { cpuSeconds: 10 }), statsOf('a', 3000, { cpuSeconds: 12 }))
  expect(rates.cpu).toBe(0.5)
})

test('bytes are per second between the two measurements', () => {
  const older = statsOf('a', 0, { diskReadBytes: 100, netReceiveBytes: 0 })
  const newer = statsOf('a', 4000, { diskReadBytes: 900, netReceiveBytes: 4000 })
  expect(ratesOf(older, newer)).toMatchObject({ diskRead: 200, netReceive: 1000, diskWrite: null })
})

test('a counter that went back, a first measurement and one of the same moment give no rate', () => {
  const newer = statsOf('a', 2000, { cpuSeconds: 1 })
  expect(ratesOf(statsOf('a', 0, { cpuSeconds: 50 }), newer).cpu).toBeNull()
  expect(ratesOf(undefined, newer).cpu).toBeNull()
  expect(ratesOf(statsOf('a', 2000, { cpuSeconds: 0 }), newer).cpu).toBeNull()
})

test('more processor time than there is stays at the whole', () => {
  expect(ratesOf(statsOf('a', 0, { cpuSeconds: 0 }), statsOf('a', 1000, { cpuSeconds: 9 })).cpu).toBe(1)
})

test('the history keeps the newest, and a repeated measurement once', () => {
  let history = remember(undefined, statsOf('a', 0, { cpuSeconds: 0 }))
  for (let at = 1; at <= KEPT + 5; at++) history = remember(history, statsOf('a', at * 1000, { cpuSeconds: at }))
  expect(history.rates).toHaveLength(KEPT)
  expect(history.rates.at(-1)).toMatchObject({ at: (KEPT + 5) * 1000, cpu: 0.5 })
  expect(remember(history, history.last)).toBe(history)
})

test('a machine that is looked at keeps more, and a clock that is set back begins anew', () => {
  let history = remember(undefined, statsOf('a', 0, { cpuSeconds: 0 }))
  for (let at = 1; at <= KEPT * 2; at++) history = remember(history, statsOf('a', at * 1000, { cpuSeconds: at }), 100)
  expect(history.rates).toHaveLength(100)
  const back = remember(history, statsOf('a', 5000, { cpuSeconds: 200 }))
  expect(back.rates).toEqual([expect.objectContaining({ at: 5000, cpu: null })])
})
