/** The machines of all connections, kept by events; nothing polls. */
import type { AppError, VireoClient } from '@vireo/app-main/contract'
import { createStore, type StoreApi } from 'zustand/vanilla'
import { appErrorOf } from './app-error.ts'
import { applyChanges, type Domains, type DomainsChange, replaceAll } from './domain-change.ts'

export interface DomainsState {
  readonly byId: Domains
  /** False until the first list arrived. */
  readonly loaded: boolean
  readonly error: AppError | null
}

export interface DomainsStore {
  readonly state: StoreApi<DomainsState>
  /** Asks for the whole list; failures stand in `error`. */
  load(): Promise<void>
}

/** A burst of events becomes one paint, well below what a person can see. */
const BATCH_MS = 12

export const createDomainsStore = (client: VireoClient): DomainsStore => {
  const state = createStore<DomainsState>(() => ({ byId: new Map(), loaded: false, error: null }))
  let waiting: DomainsChange[] = []
  let timer: ReturnType<typeof setTimeout> | undefined
  let loading = 0

  const flush = (): void => {
    timer = undefined
    const changes = waiting
    waiting = []
    const { byId } = state.getState()
    const next = applyChanges(byId, changes)
    if (next !== byId) state.setState({ byId: next })
  }
  const receive = (change: DomainsChange): void => {
    waiting.push(change)
    if (loading === 0) timer ??= setTimeout(flush, BATCH_MS)
  }

  client.domain.changed(receive)
  client.connection.removed(({ uri }) => receive({ connection: uri, full: true, changed: [], removed: [] }))
  return {
    state,
    async load() {
      // What arrives while the list is under way is played after it: every change has an event, so the last word wins.
      loading++
      try {
        const list = await client.domain.list({ partial: true })
        state.setState(({ byId }) => ({ byId: replaceAll(byId, list), loaded: true, error: null }))
      } catch (thrown) {
        state.setState({ error: appErrorOf(thrown) })
      } finally {
        loading--
        if (loading === 0) flush()
      }
    },
  }
}
