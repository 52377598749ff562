import { domainId, type DomainId, type VireoClient } from '@vireo/app-main/contract'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createStatsStore, LIST_PERIOD, PERIOD } from './stats.ts'
import { statsOf, SYSTEM } from './testing.ts'

const [a, b] = [domainId('a', SYSTEM), domainId('b', SYSTEM)]

const bench = () => {
  const asked: DomainId[][] = []
  const page = {
    hidden: false,
    turn: () => {},
    addEventListener: (_: string, turn: () => void) => void (page.turn = turn),
  }
  const stats = ({ ids }: { ids: DomainId[] }) => {
    asked.push(ids)
    return Promise.resolve(ids.map(id => ({ ...statsOf('a', Date.now()), id })))
  }
  const store = createStatsStore({ domain: { stats } } as unknown as VireoClient, page)
  return { asked, page, store }
}

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

test('only what is watched is measured, again and again, until nobody watches', async () => {
  const { asked, store } = bench()
  const stopA = store.watch([a])
  const stopB = store.watch([b, a])
  await vi.advanceTimersByTimeAsync(200)
  expect(asked).toEqual([[a, b]])
  stopB()
  await vi.advanceTimersByTimeAsync(2000)
  expect(asked.at(-1)).toEqual([a])
  stopA()
  await vi.advanceTimersByTimeAsync(10_000)
  expect(asked).toHaveLength(2)
})

test('a hidden window measures nothing and goes on when it shows', async () => {
  const { asked, page, store } = bench()
  store.watch([a])
  page.hidden = true
  page.turn()
  await vi.advanceTimersByTimeAsync(10_000)
  expect(asked).toHaveLength(0)
  page.hidden = false
  page.turn()
  await vi.advanceTimersByTimeAsync(10)
  expect(asked).toHaveLength(1)
})

test('a failure leaves a gap, not an end', async () => {
  let times = 0
  const stats = () => (times++ === 0 ? Promise.reject(new Error('gone')) : Promise.resolve([statsOf('a', 1)]))
  const page = { hidden: false, addEventListener: () => {} }
  const store = createStatsStore({ domain: { stats } } as unknown as VireoClient, page)
  store.watch([a])
  await vi.advanceTimersByTimeAsync(3000)
  expect(store.state.getState().byId.has(a)).toBe(true)
})

test('a hidden window has nothing to wake for, even when an answer comes late', async () => {
  const { page, store } = bench()
  store.watch([a])
  await vi.advanceTimersByTimeAsync(200)
  page.hidden = true
  page.turn()
  expect(vi.getTimerCount()).toBe(0)
  page.hidden = false
  page.turn()
  await vi.advanceTimersByTimeAsync(PERIOD - 500)
  page.hidden = true
  page.turn()
  await vi.advanceTimersByTimeAsync(PERIOD)
  expect(vi.getTimerCount()).toBe(0)
})

test('what is looked at is measured more often than a list, and together with it', async () => {
  const { asked, store } = bench()
  store.watch([a, b], LIST_PERIOD)
  await vi.advanceTimersByTimeAsync(200)
  store.watch([a])
  await vi.advanceTimersByTimeAsync(LIST_PERIOD)
  expect(asked.map(ids => ids.toSorted())).toEqual([[a, b], [a], [a, b]])
})

test('a machine that comes into view is measured at once, then together with the others', async () => {
  const { asked, store } = bench()
  const stop = store.watch([a], LIST_PERIOD)
  await vi.advanceTimersByTimeAsync(1000)
  stop()
  store.watch([a, b], LIST_PERIOD)
  await vi.advanceTimersByTimeAsync(1000)
  expect(asked).toEqual([[a], [b]])
  await vi.advanceTimersByTimeAsync(3 * LIST_PERIOD)
  expect(asked.slice(2)).toEqual([
    [a, b],
    [a, b],
    [a, b],
  ])
})
