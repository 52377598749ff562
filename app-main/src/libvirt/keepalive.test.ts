import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { keepAlive } from './keepalive.ts'

beforeEach(() => void vi.useFakeTimers({ now: 0 }))
afterEach(() => void vi.useRealTimers())

const INTERVAL = 4000

/** A connection that answers a ping after `answerMs`; never, when that is undefined. */
const connection = (answerMs: number | undefined) => {
  let heard = performance.now()
  let asked = performance.now()
  const close = vi.fn()
  const ping = vi.fn(() => {
    if (answerMs !== undefined) setTimeout(() => (heard = performance.now()), answerMs)
  })
  const rpc = {
    ...{ ping, close },
    onBusy: undefined as (() => void) | undefined,
    ask() {
      this.onBusy?.()
      asked = performance.now()
    },
    onClose: () => ({ dispose: () => undefined }),
    get silentMs() {
      return performance.now() - heard
    },
    get unaskedMs() {
      return performance.now() - asked
    },
  }
  return { rpc, ping, close }
}

test('an idle daemon that answers at once keeps its connection, however late the next look is', () => {
  const { rpc, ping, close } = connection(1)
  keepAlive(rpc, { intervalMs: INTERVAL, count: 1 })
  vi.advanceTimersByTime(INTERVAL)
  expect(ping).toHaveBeenCalledTimes(1)
  vi.advanceTimersByTime(1)
  // A busy process looks late: more than an interval after the answer.
  const late = vi.spyOn(performance, 'now').mockImplementation(() => Date.now() + 2)
  vi.advanceTimersByTime(INTERVAL)
  late.mockRestore()
  expect(close).not.toHaveBeenCalled()
})

test('a daemon that never answers is closed after the last ping it may miss', () => {
  const { rpc, ping, close } = connection(undefined)
  keepAlive(rpc, { intervalMs: INTERVAL, count: 2 })
  vi.advanceTimersByTime(INTERVAL * 2)
  expect(ping).toHaveBeenCalledTimes(2)
  expect(close).not.toHaveBeenCalled()
  vi.advanceTimersByTime(INTERVAL)
  expect(close).toHaveBeenCalledWith(expect.objectContaining({ trouble: 'not-responding' }))
})

const MINUTE = 60_000

test('a daemon that nobody asks is hardly pinged, and watched closely again from the next call on', () => {
  const { rpc, ping, close } = connection(1)
  keepAlive(rpc, { intervalMs: INTERVAL, count: 1 })
  vi.advanceTimersByTime(MINUTE)
  ping.mockClear()
  vi.advanceTimersByTime(10 * MINUTE)
  expect(ping.mock.calls.length).toBeGreaterThan(5)
  expect(ping.mock.calls.length).toBeLessThan(11)
  ping.mockImplementation(() => undefined)
  rpc.ask()
  vi.advanceTimersByTime(3 * INTERVAL)
  expect(close).toHaveBeenCalledWith(expect.objectContaining({ trouble: 'not-responding' }))
})

test('a daemon that stopped while nobody asked is found out too', () => {
  const { rpc, ping, close } = connection(1)
  keepAlive(rpc, { intervalMs: INTERVAL, count: 1 })
  vi.advanceTimersByTime(MINUTE)
  ping.mockImplementation(() => undefined)
  vi.advanceTimersByTime(2 * MINUTE)
  expect(close).toHaveBeenCalled()
})

test('nothing wakes after it was stopped', () => {
  const { rpc } = connection(1)
  const watch = keepAlive(rpc, { intervalMs: INTERVAL, count: 1 })
  watch.dispose()
  rpc.ask()
  expect(vi.getTimerCount()).toBe(0)
})
