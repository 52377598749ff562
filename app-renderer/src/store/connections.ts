/** The daemons whose machines are shown. */
import type { AppError, Connection, ConnectionUri, VireoClient } from '@vireo/app-main/contract'
import { createStore, type StoreApi } from 'zustand/vanilla'
import { appErrorOf } from './app-error.ts'

export interface ConnectionsState {
  readonly byUri: ReadonlyMap<ConnectionUri, Connection>
  /** False until the first list arrived. */
  readonly loaded: boolean
  readonly error: AppError | null
}

export interface ConnectionsStore {
  readonly state: StoreApi<ConnectionsState>
  /** Asks for the whole list; failures stand in `error`. */
  load(): Promise<void>
}

type Edit = (byUri: Map<ConnectionUri, Connection>) => unknown

export const createConnectionsStore = (client: VireoClient): ConnectionsStore => {
  const state = createStore<ConnectionsState>(() => ({ byUri: new Map(), loaded: false, error: null }))
  const apply = (edits: readonly Edit[], byUri: Iterable<[ConnectionUri, Connection]>) => {
    const next = new Map(byUri)
    for (const edit of edits) edit(next)
    return next
  }
  /** What arrives while lists are under way: played again after each, because the event is the later word. */
  let late: Edit[] = []
  let loading = 0
  const receive = (edit: Edit): void => {
    if (loading > 0) late.push(edit)
    state.setState(({ byUri }) => ({ byUri: apply([edit], byUri) }))
  }
  client.connection.changed(connection => receive(byUri => byUri.set(connection.uri, connection)))
  client.connection.removed(({ uri }) => receive(byUri => byUri.delete(uri)))
  return {
    state,
    async load() {
      loading++
      try {
        const list = await client.connection.list({ partial: true })
        const entries = list.map((connection): [ConnectionUri, Connection] => [connection.uri, connection])
        state.setState({ byUri: apply(late, entries), loaded: true, error: null })
      } catch (thrown) {
        state.setState({ error: appErrorOf(thrown) })
      } finally {
        loading--
        if (loading === 0) late = []
      }
    },
  }
}
