import { expect, test } from 'vitest'
import { cpuPercent, parseCpuTimes } from './cpu.ts'
import { parseCounters } from './interfaces.ts'
import { parseMemory } from './memory.ts'

const stat = (user: number, idle: number): string =>
  `cpu  ${user} 0 0 ${idle} 0 0 0 0 50 0\ncpu0 1 0 0 1 0 0 0 0 0 0\ncpu1 1 0 0 1 0 0 0 0 0 0\nintr 5\n`

test('a share is what was busy between two readings', () => {
  const [from, to] = [parseCpuTimes(stat(100, 900)), parseCpuTimes(stat(150, 1050))]
  expect(from).toEqual({ busy: 100, total: 1000, cpus: 2 })
  expect(cpuPercent(from, to)).toBe(25)
  expect(cpuPercent(to, to)).toBe(0)
  expect(cpuPercent(to, from)).toBe(0)
})

test('a CPU that only waits for its disk is idle, one that was stolen from is not', () => {
  const times = parseCpuTimes('cpu  0 0 0 10 20 0 0 70 0 0\n')
  expect(times).toMatchObject({ busy: 70, total: 100 })
})

test('memory in bytes', () => {
  const text =
    'MemTotal:  1000 kB\nMemFree:  100 kB\nMemAvailable: 600 kB\nSwapTotal: 50 kB\nSwapFree: 20 kB\nHugePages_Total: 3\n'
  expect(parseMemory(text)).toEqual({ total: 1_024_000, available: 614_400, swapTotal: 51_200, swapUsed: 30_720 })
  expect(parseMemory('MemTotal: 9 kB\nMemFree: 1 kB\nBuffers: 2 kB\nCached: 3 kB\n').available).toBe(6144)
})

test('counters of the interfaces', () => {
  const text = `Inter-|   Receive                            |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
  eth0: 123456789012 20 3 0 0 0 0 0 40 5 6 0 0 0 0 0
br-1.5:1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16
`
  const counters = parseCounters(text)
  expect(counters.get('eth0')).toEqual({
    received_bytes: 123_456_789_012,
    received_packets: 20,
    receive_errors: 3,
    sent_bytes: 40,
    sent_packets: 5,
    send_errors: 6,
  })
  expect(counters.get('br-1.5')).toMatchObject({ received_bytes: 1, sent_bytes: 9, send_errors: 11 })
})
