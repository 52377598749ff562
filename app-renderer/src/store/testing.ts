/** Records for tests of this window. */
import {
  type Connection,
  type ConnectionUri,
  domainId,
  type DomainStats,
  type DomainSummary,
  type EntryDescription,
  type GuestTelemetry,
} from '@vireo/app-main/contract'

export const SYSTEM = 'qemu:///system' as ConnectionUri
export const SESSION = 'qemu:///session' as ConnectionUri

/** A machine that runs on the system connection; its id follows from name and connection. */
export const domainOf = (name: string, part: Partial<DomainSummary> = {}): DomainSummary => ({
  id: domainId(name, part.connection ?? SYSTEM),
  uuid: '00000000-0000-4000-8000-000000000000',
  name,
  connection: SYSTEM,
  kind: 'kvm',
  state: 'running',
  reason: null,
  vcpus: 2,
  memoryBytes: 2 ** 31,
  addresses: [],
  guestOs: null,
  title: null,
  autostart: false,
  persistent: true,
  stale: false,
  ...part,
})

export const mapOf = (...domains: readonly DomainSummary[]): ReadonlyMap<DomainSummary['id'], DomainSummary> =>
  new Map(domains.map(domain => [domain.id, domain]))

export const connectionOf = (part: Partial<Connection> = {}): Connection => ({
  uri: SYSTEM,
  kind: 'kvm',
  state: 'ready',
  readOnly: false,
  error: null,
  retryAt: null,
  host: null,
  features: {},
  domainCount: 0,
  ...part,
})

export const entryOf = (name: string, part: Partial<EntryDescription> = {}): EntryDescription => ({
  room: 'domain',
  name,
  kind: 'call',
  summary: name,
  effect: 'change',
  title: name,
  target: 'domain',
  ...part,
})

export const statsOf = (name: string, at: number, part: Partial<DomainStats> = {}): DomainStats => ({
  id: domainId(name, SYSTEM),
  at,
  cpuSeconds: null,
  vcpus: 2,
  memoryUsedBytes: null,
  memoryBytes: null,
  diskReadBytes: null,
  diskWriteBytes: null,
  netReceiveBytes: null,
  netTransmitBytes: null,
  ...part,
})

export const sampleOf = (at: number, part: Partial<GuestTelemetry> = {}): GuestTelemetry => ({
  at,
  cpuPercent: null,
  memoryTotalBytes: null,
  memoryAvailableBytes: null,
  swapTotalBytes: null,
  swapUsedBytes: null,
  load: null,
  filesystems: [],
  interfaces: [],
  processCount: null,
  uptimeSeconds: null,
  ...part,
})
