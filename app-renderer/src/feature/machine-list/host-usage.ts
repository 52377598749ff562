/** What running machines were given of their hosts; pure. */
import type { Connection, DomainSummary } from '@vireo/app-main/contract'

export interface HostUsage {
  readonly vcpus: number
  readonly cpus: number
  readonly memoryBytes: number
  readonly hostMemoryBytes: number
}

const ALIVE: ReadonlySet<string> = new Set(['running', 'paused', 'suspended', 'shutting-down'])

/** Null while no host is known. Two connections to one host count it once. */
export const hostUsage = (connections: Iterable<Connection>, domains: Iterable<DomainSummary>): HostUsage | null => {
  const hosts = new Map<string, { cpus: number; memoryBytes: number }>()
  const live = new Set<string>()
  for (const { host, uri, kind } of connections) {
    if (!host || kind === 'test') continue
    hosts.set(host.hostname, host)
    live.add(uri)
  }
  if (hosts.size === 0) return null
  const usage = { vcpus: 0, cpus: 0, memoryBytes: 0, hostMemoryBytes: 0 }
  for (const host of hosts.values()) {
    usage.cpus += host.cpus
    usage.hostMemoryBytes += host.memoryBytes
  }
  for (const domain of domains) {
    if (!live.has(domain.connection) || !ALIVE.has(domain.state)) continue
    usage.vcpus += domain.vcpus ?? 0
    usage.memoryBytes += domain.memoryBytes ?? 0
  }
  return usage
}
