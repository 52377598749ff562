/** How components read the stores. */
import type {
  Connection,
  ConnectionUri,
  DomainId,
  DomainSummary,
  EntryDescription,
  Settings,
  VireoClient,
} from '@vireo/app-main/contract'
import { createContext, useContext, useEffect } from 'react'
import { useStore } from 'zustand'
import type { History } from './rates.ts'
import type { Route } from './route.ts'
import type { Stores } from './stores.ts'
import { runningTaskOf, type TasksState } from './tasks.ts'
import type { UiState } from './ui.ts'

export const StoresContext = createContext<Stores | null>(null)

export const useStores = (): Stores => {
  const stores = useContext(StoresContext)
  if (!stores) throw new Error('StoresContext is missing above this component.')
  return stores
}

export const useClient = (): VireoClient => useStores().client
export const useOnline = (): boolean => useStore(useStores().online)

export const useDomain = (id: DomainId): DomainSummary | undefined =>
  useStore(useStores().domains.state, state => state.byId.get(id))
export const useConnection = (uri: ConnectionUri): Connection | undefined =>
  useStore(useStores().connections.state, state => state.byUri.get(uri))
export const useConnections = (): ReadonlyMap<ConnectionUri, Connection> =>
  useStore(useStores().connections.state, state => state.byUri)

export const useSettings = (): Settings => useStore(useStores().settings.state)
export const useEntries = (): readonly EntryDescription[] => useStore(useStores().entries.state, state => state.entries)
export const useTasks = (): TasksState['byId'] => useStore(useStores().tasks.state, state => state.byId)

export const useUi = <T>(select: (state: UiState) => T): T => useStore(useStores().ui.state, select)
export const useRoute = (): Route => useUi(state => state.route)

/** Whether what is shown of a machine may be out of date: nobody tells its changes. */
export const useIsLastKnown = (domain: DomainSummary): boolean => {
  const online = useOnline()
  const connection = useConnection(domain.connection)
  return domain.stale || !online || connection?.state !== 'ready'
}

/** Remembered measurements of one machine; does not ask for any. */
export const useHistory = (id: DomainId): History | undefined =>
  useStore(useStores().stats.state, state => state.byId.get(id))

/** Measures one machine while the component is mounted. */
export const useMeasured = (id: DomainId): History | undefined => {
  const { stats } = useStores()
  useEffect(() => stats.watch([id]), [stats, id])
  return useHistory(id)
}

/** The step under way on a machine or connection, as the task tells it. */
export const useRunningStep = (target: string): string | null =>
  useStore(useStores().tasks.state, state => runningTaskOf(state.byId, target)?.step ?? null)
