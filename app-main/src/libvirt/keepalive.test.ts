import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { keepAlive } from './keepalive.ts'

beforeEach(() => void vi.useFakeTimers({ now: 0 }))
afterEach(() => void vi.useRealTimers())

const INTERVAL = 4000

/** A connection that answers a ping after `answerMs`; never, when that is undefined. */
const connection = (answerMs: number | undefined) => {
  let heard = performance.now()
  const close = vi.fn()
  const ping = vi.fn(() => {
    if (answerMs !== undefined) setTimeout(() => (heard = performance.now()), answerMs)
  })
  const rpc = {
    ...{ ping, close },
    onClose: () => ({ dispose: () => undefined }),
    get silentMs() {
      return performance.now() - heard
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
