/** An instance's state as the contract's counters. */
import { domainId, type ConnectionUri, type DomainStats } from '../../contract/index.ts'
import type { Instance, InstanceState } from '../../lxd/index.ts'
import { keyOf, sizeOfInstance, type HostSize } from './instance.ts'

/** Disk counters are null: LXD tells them only with its metrics. */
export const statsOf = (
  uri: ConnectionUri,
  instance: Instance,
  state: InstanceState,
  host: HostSize | null,
  at: number,
): DomainStats => {
  const on = state.pid > 0
  const { vcpus, memoryBytes } = sizeOfInstance(instance, host)
  const outside = Object.entries(state.network).filter(([name, { type }]) => name !== 'lo' && type !== 'loopback')
  const sum = (counter: 'bytes_received' | 'bytes_sent'): number | null =>
    on && outside.length > 0 ? outside.reduce((total, [, { counters }]) => total + (counters?.[counter] ?? 0), 0) : null
  return {
    id: domainId(keyOf(instance), uri),
    at,
    // A negative number is LXD's word for unknown.
    cpuSeconds: on && (state.cpu?.usage ?? -1) >= 0 ? (state.cpu?.usage ?? 0) / 1e9 : null,
    vcpus: vcpus ?? 0,
    memoryUsedBytes: on && (state.memory?.usage ?? 0) > 0 ? (state.memory?.usage ?? null) : null,
    memoryBytes: state.memory?.total || memoryBytes,
    diskReadBytes: null,
    diskWriteBytes: null,
    netReceiveBytes: sum('bytes_received'),
    netTransmitBytes: sum('bytes_sent'),
  }
}
