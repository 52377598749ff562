import { domainId, type DomainId, type GuestTelemetry, type VireoClient } from '@vireo/app-main/contract'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createTelemetryStore, INTERVALS } from './telemetry.ts'
import { sampleOf, SYSTEM } from './testing.ts'

const [a, b] = [domainId('a', SYSTEM), domainId('b', SYSTEM)]
const ONE = INTERVALS.history * 1000
const LIST = INTERVALS.newest * 1000

interface Question {
  ids: DomainId[]
  since: number
  intervalSeconds: number
}

/** A server whose clock is `skew` off ours, and which gives what `samples` tells of a machine since a moment. */
const bench = (samples: (id: DomainId, since: number) => readonly GuestTelemetry[] | null = () => null) => {
  const asked: Question[] = []
  const page = {
    hidden: false,
    turn: () => {},
    addEventListener: (_: string, turn: () => void) => void (page.turn = turn),
  }
  const telemetry = (question: Question) => {
    asked.push(question)
    return Promise.resolve(
      question.ids.flatMap(id => {
        const found = samples(id, question.since)
        return found ? [{ id, dialect: 'vireo', osName: null, samples: found }] : []
      }),
    )
  }
  const store = createTelemetryStore({ guest: { telemetry } } as unknown as VireoClient, page)
  const points = (id: DomainId) =>
    store.state
      .getState()
      .byId.get(id)
      ?.points.map(({ at }) => at)
  return { asked, page, store, points, about: () => asked.map(({ ids }) => ids.toSorted()) }
}

/** A guest that is measured every five seconds of the server's clock. */
const steady =
  (skew = 0) =>
  (_: DomainId, since: number) => {
    const now = Date.now() + skew
    return Array.from({ length: 180 }, (_unused, at) =>
      sampleOf(Math.floor(now / ONE) * ONE - (179 - at) * ONE),
    ).filter(sample => sample.at > since)
  }

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})
const turn = (ms: number) => vi.advanceTimersByTimeAsync(ms)

test('only what is watched is asked about, until nobody watches', async () => {
  const { about, store } = bench()
  const stopA = store.watch([a], 'newest')
  const stopB = store.watch([b, a], 'newest')
  await turn(300)
  expect(about()).toEqual([[a, b]])
  stopB()
  await turn(LIST)
  expect(about().at(-1)).toEqual([a])
  stopA()
  await turn(60_000)
  expect(about()).toHaveLength(2)
  expect(vi.getTimerCount()).toBe(0)
})

test('a hidden window asks nothing and has nothing to wake for', async () => {
  const { about, page, store } = bench()
  store.watch([a], 'history')
  page.hidden = true
  page.turn()
  expect(vi.getTimerCount()).toBe(0)
  await turn(60_000)
  expect(about()).toHaveLength(0)
  page.hidden = false
  page.turn()
  await turn(10)
  expect(about()).toHaveLength(1)
})

test('what is looked at comes with its past, then what is new, more often than a list', async () => {
  const { asked, store, points } = bench(steady())
  store.watch([a, b], 'newest')
  await turn(300)
  store.watch([a], 'history')
  await turn(20)
  expect(points(a)?.length).toBeLessThan(10)
  await turn(ONE * 3)
  expect(points(a)?.length).toBeGreaterThan(175)
  expect(points(b)).toHaveLength(1)
  const ofA = asked.filter(({ ids }) => ids.includes(a))
  expect(ofA[1]).toMatchObject({ since: 0, intervalSeconds: INTERVALS.history })
  expect(ofA.at(-1)?.since).toBeGreaterThan(0)
  expect(asked.filter(({ ids }) => ids.includes(b)).every(({ since }) => since > 0)).toBe(true)
})

test('a list of any length is asked about in calls that the server takes', async () => {
  const { asked, store } = bench()
  store.watch(
    Array.from({ length: 450 }, (_, at) => domainId(`m${at}`, SYSTEM)),
    'newest',
  )
  await turn(300)
  expect(asked.map(({ ids }) => ids.length)).toEqual([200, 200, 50])
})

test('a failure leaves a gap, and is not asked again at once', async () => {
  let times = 0
  const telemetry = () => (times++ === 0 ? Promise.reject(new Error('gone')) : Promise.resolve([]))
  const page = { hidden: false, addEventListener: () => {} }
  const store = createTelemetryStore({ guest: { telemetry } } as unknown as VireoClient, page)
  store.watch([a], 'history')
  await turn(ONE - 1000)
  expect(times).toBe(1)
  await turn(2000)
  expect(times).toBe(2)
})

test('a machine in which nobody answers any more keeps its past', async () => {
  let here = true
  const { store, points } = bench((id, since) => (here ? steady()(id, since) : null))
  store.watch([a], 'history')
  await turn(300)
  here = false
  await turn(ONE)
  expect(store.state.getState().byId.get(a)?.answering).toBe(false)
  expect(points(a)?.length).toBeGreaterThan(170)
})

test.each([-3_600_000, 3_600_000])('a server whose clock is %i off is understood', async skew => {
  const { asked, store, points } = bench(steady(skew))
  store.watch([a], 'newest')
  await turn(LIST * 6)
  expect(points(a)?.[0]).toBeGreaterThan(Date.now() + skew - 2 * LIST)
  // Once it is known, only what is new is asked for.
  expect(asked.at(-1)?.since).toBeGreaterThan(Date.now() + skew - 60_000)
})

test('a clock that is set back while we look is followed', async () => {
  let skew = 0
  const { store, points } = bench((id, since) => steady(skew)(id, since))
  store.watch([a], 'history')
  await turn(ONE)
  skew = -3_600_000
  await turn(ONE * 6)
  expect(points(a)?.at(-1)).toBeLessThan(Date.now() + skew + 1000)
  expect(points(a)?.at(-1)).toBeGreaterThan(Date.now() + skew - 2 * ONE)
})
