/** Measurements of the machines on screen, and of no others; none while the window is hidden. */
import type { DomainId, DomainStats, VireoClient } from '@vireo/app-main/contract'
import { createStore, type StoreApi } from 'zustand/vanilla'
import { type History, remember } from './rates.ts'

export interface StatsState {
  readonly byId: ReadonlyMap<DomainId, History>
}

export interface StatsStore {
  readonly state: StoreApi<StatsState>
  /** Measures these until the returned function is called. */
  watch(ids: readonly DomainId[]): () => void
}

/** Milliseconds between measurements, and before the first one of a machine that just came into view. */
const PERIOD = 2000
const SOON = 120
/** The contract takes at most so many ids in one call. */
const MOST = 1000

interface Page {
  readonly hidden: boolean
  addEventListener(type: 'visibilitychange', listener: () => void): void
}

export const createStatsStore = (client: VireoClient, page: Page = document): StatsStore => {
  const state = createStore<StatsState>(() => ({ byId: new Map() }))
  const watchers = new Set<readonly DomainId[]>()
  let timer: ReturnType<typeof setTimeout> | undefined
  let asking = false

  const watched = (): DomainId[] => [...new Set([...watchers].flat())].slice(0, MOST)
  const record = (measured: readonly DomainStats[]): void =>
    state.setState(({ byId }) => {
      const next = new Map(byId)
      for (const stats of measured) next.set(stats.id, remember(byId.get(stats.id), stats))
      return { byId: next }
    })
  const ask = async (): Promise<void> => {
    timer = undefined
    const ids = watched()
    if (asking || page.hidden || ids.length === 0) return
    asking = true
    try {
      const measured = await client.domain.stats({ ids })
      if (measured.length > 0) record(measured)
    } catch {
      // A connection that fails says so itself; a missing sample is a gap in the line, nothing more.
    } finally {
      asking = false
      plan(PERIOD)
    }
  }
  const plan = (delay: number): void => {
    if (asking || page.hidden || watchers.size === 0) return
    clearTimeout(timer)
    timer = setTimeout(() => void ask(), delay)
  }

  page.addEventListener('visibilitychange', () => plan(0))
  return {
    state,
    watch(ids) {
      const own = [...ids]
      if (own.length === 0) return () => {}
      watchers.add(own)
      const known = state.getState().byId
      if (timer === undefined || own.some(id => !known.has(id))) plan(SOON)
      return () => void watchers.delete(own)
    },
  }
}
