import { act, cleanup, renderHook } from '@testing-library/react'
import { afterAll, afterEach, beforeEach, expect, test, vi } from 'vitest'
import { useReading } from './use-reading.ts'

let hidden = false
const sight = vi.spyOn(document, 'hidden', 'get').mockImplementation(() => hidden)
const look = async (away: boolean): Promise<void> => {
  hidden = away
  await act(async () => void document.dispatchEvent(new Event('visibilitychange')))
}

beforeEach(() => {
  hidden = false
  vi.useFakeTimers()
})
afterEach(() => {
  cleanup()
  vi.useRealTimers()
})
afterAll(() => sight.mockRestore())

test('what is opened out of sight is asked for when somebody turns to it, and only then', async () => {
  hidden = true
  const read = vi.fn(async () => 'told')
  const { result } = renderHook(() => useReading(read, { shown: true }))
  await act(() => vi.advanceTimersByTimeAsync(100_000))
  expect(read).not.toHaveBeenCalled()
  await look(false)
  expect(result.current.value).toBe('told')
  expect(read).toHaveBeenCalledTimes(1)
})

test('nothing is asked while the window is out of sight; back in sight it goes on at once', async () => {
  const read = vi.fn(async () => 'told')
  renderHook(() => useReading(read, { shown: true, everyMs: 1000 }))
  await act(() => vi.advanceTimersByTimeAsync(2500))
  expect(read).toHaveBeenCalledTimes(3)
  await look(true)
  await act(() => vi.advanceTimersByTimeAsync(60_000))
  expect(read).toHaveBeenCalledTimes(3)
  await look(false)
  expect(read).toHaveBeenCalledTimes(4)
})

test('what nobody looks at any more is not asked for, whenever the window comes back', async () => {
  hidden = true
  const read = vi.fn(async () => 'told')
  const { unmount } = renderHook(() => useReading(read, { shown: true, everyMs: 1000 }))
  unmount()
  await look(false)
  await vi.advanceTimersByTimeAsync(5000)
  expect(read).not.toHaveBeenCalled()
})
