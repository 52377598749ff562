/** Measurements of the machines on screen, and of no others; none while the window is hidden. */
import type { DomainId, DomainStats, VireoClient } from '@vireo/app-main/contract'
import { createStore, type StoreApi } from 'zustand/vanilla'
import { type History, KEPT, KEPT_LOOKED_AT, remember } from './rates.ts'

export interface StatsState {
  readonly byId: ReadonlyMap<DomainId, History>
}

export interface StatsStore {
  readonly state: StoreApi<StatsState>
  /** Measures these every `period` milliseconds until the returned function is called. */
  watch(ids: readonly DomainId[], period?: number): () => void
}

/** Milliseconds between measurements: of a machine that is looked at, and of the many in a list. */
export const PERIOD = 2000
export const LIST_PERIOD = 4000
/** Timers may be this much too early, milliseconds. */
const EARLY = 50
/** Milliseconds before the first measurement of a machine that just came into view. */
const SOON = 120
/** The contract takes at most so many ids in one call. */
const MOST = 1000

interface Page {
  readonly hidden: boolean
  addEventListener(type: 'visibilitychange', listener: () => void): void
}

export const createStatsStore = (client: VireoClient, page: Page = document): StatsStore => {
  const state = createStore<StatsState>(() => ({ byId: new Map() }))
  const watchers = new Set<{ readonly ids: readonly DomainId[]; readonly period: number }>()
  const measuredAt = new Map<DomainId, number>()
  let timer: ReturnType<typeof setTimeout> | undefined
  let asking = false

  /** Milliseconds until a machine is to be measured; negative when it is late. */
  const wait = (id: DomainId, period: number): number => (measuredAt.get(id) ?? -Infinity) + period - performance.now()
  /** What is due, and with it what would be soon: machines that came into view one by one come to be measured together. */
  const due = (): DomainId[] => {
    const late = [...watchers].filter(({ ids, period }) => ids.some(id => wait(id, period) <= EARLY))
    const longest = Math.max(...late.map(({ period }) => period))
    const all = [...watchers].flatMap(({ ids, period }) =>
      period <= longest ? ids.filter(id => wait(id, period) <= period / 2) : [],
    )
    return [...new Set(all)].slice(0, MOST)
  }
  const kept = (id: DomainId): number =>
    [...watchers].some(({ ids, period }) => period < LIST_PERIOD && ids.includes(id)) ? KEPT_LOOKED_AT : KEPT
  const record = (measured: readonly DomainStats[]): void =>
    state.setState(({ byId }) => {
      const next = new Map(byId)
      for (const stats of measured) next.set(stats.id, remember(byId.get(stats.id), stats, kept(stats.id)))
      return { byId: next }
    })
  const ask = async (): Promise<void> => {
    timer = undefined
    if (asking || page.hidden) return
    const ids = due()
    if (ids.length === 0) return plan()
    asking = true
    try {
      const measured = await client.domain.stats({ ids })
      if (measured.length > 0) record(measured)
    } catch {
      // A connection that fails says so itself; a missing sample is a gap in the line, nothing more.
    } finally {
      asking = false
      const now = performance.now()
      for (const id of ids) measuredAt.set(id, now)
      plan()
    }
  }
  const plan = (soonest = SOON): void => {
    clearTimeout(timer)
    timer = undefined
    const next = Math.min(...[...watchers].flatMap(({ ids, period }) => ids.map(id => wait(id, period))))
    if (!asking && !page.hidden && next < Infinity) timer = setTimeout(() => void ask(), Math.max(soonest, next))
  }

  page.addEventListener('visibilitychange', () => plan(0))
  return {
    state,
    watch(ids, period = PERIOD) {
      const own = { ids: [...ids], period }
      watchers.add(own)
      plan()
      return () => {
        watchers.delete(own)
        plan()
      }
    },
  }
}
