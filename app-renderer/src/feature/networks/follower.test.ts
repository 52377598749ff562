import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Follower } from './follower.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('a burst is read once, and news that came while it was read once more', async () => {
  let reads = 0
  let end: () => void = () => undefined
  const follower = new Follower(() => {
    reads++
    return new Promise(resolve => (end = resolve))
  })
  follower.soon(1000)
  follower.soon(60)
  follower.soon(60)
  await vi.advanceTimersByTimeAsync(59)
  expect(reads).toBe(0)
  await vi.advanceTimersByTimeAsync(1)
  expect(reads).toBe(1)
  follower.soon(60)
  await vi.advanceTimersByTimeAsync(5000)
  expect(reads, 'never twice at a time').toBe(1)
  end()
  await vi.advanceTimersByTimeAsync(0)
  expect(reads).toBe(2)
  end()
  await vi.advanceTimersByTimeAsync(5000)
  expect(reads).toBe(2)
})

test('what is read after its end is nobody’s any more', async () => {
  let wanted: (() => boolean) | undefined
  const follower = new Follower(async current => void (wanted = current))
  follower.soon(0)
  await vi.advanceTimersByTimeAsync(0)
  expect(wanted?.()).toBe(true)
  follower.dispose()
  follower.soon(0)
  await vi.advanceTimersByTimeAsync(100)
  expect(wanted?.()).toBe(false)
})
