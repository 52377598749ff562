/** All rooms of the window, made once around one client. */
import type { VireoClient } from '@vireo/app-main/contract'
import { createStore, type StoreApi } from 'zustand/vanilla'
import type { Bridge } from '../bridge/index.ts'
import { type ConnectionsStore, createConnectionsStore } from './connections.ts'
import { createDomainsStore, type DomainsStore } from './domains.ts'
import { createEntriesStore, type EntriesStore } from './entries.ts'
import { createHostStore, type HostStore } from './host.ts'
import { createSettingsStore, type SettingsStore } from './settings.ts'
import { createStatsStore, type StatsStore } from './stats.ts'
import { createTasksStore, type TasksStore } from './tasks.ts'
import { createTelemetryStore, type TelemetryStore } from './telemetry.ts'
import { createUiStore, type UiStore } from './ui.ts'

export interface Stores {
  readonly client: VireoClient
  /** False while the server behind the window is gone. */
  readonly online: StoreApi<boolean>
  readonly connections: ConnectionsStore
  readonly domains: DomainsStore
  readonly entries: EntriesStore
  readonly host: HostStore
  readonly settings: SettingsStore
  readonly stats: StatsStore
  readonly tasks: TasksStore
  readonly telemetry: TelemetryStore
  readonly ui: UiStore
}

export const createStores = (client: VireoClient, bridge: Bridge): Stores => {
  const stores: Stores = {
    client,
    online: createStore<boolean>(() => bridge.online.get()),
    connections: createConnectionsStore(client),
    domains: createDomainsStore(client),
    entries: createEntriesStore(bridge),
    host: createHostStore(client),
    settings: createSettingsStore(client),
    stats: createStatsStore(client),
    tasks: createTasksStore(client),
    telemetry: createTelemetryStore(client),
    ui: createUiStore(),
  }
  const load = (): void => {
    const rooms = [stores.connections, stores.domains, stores.entries, stores.settings, stores.tasks]
    for (const room of rooms) void room.load()
    void stores.host.reload()
  }
  bridge.online.listen(online => {
    stores.online.setState(online, true)
    // Events were missed: ask for everything again.
    if (online) load()
  })
  load()
  return stores
}
