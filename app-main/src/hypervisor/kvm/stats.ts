/** libvirt's typed statistics as the contract's counters. */
import { domainId, type ConnectionUri, type DomainStats } from '../../contract/index.ts'
import type { DomainStatsRecord } from '../../libvirt/index.ts'
import * as v from '../../libvirt/generated/constants.ts'

/** The groups that `statsOf` reads. */
export const STATS_GROUPS =
  v.VIR_DOMAIN_STATS_STATE |
  v.VIR_DOMAIN_STATS_CPU_TOTAL |
  v.VIR_DOMAIN_STATS_BALLOON |
  v.VIR_DOMAIN_STATS_VCPU |
  v.VIR_DOMAIN_STATS_INTERFACE |
  v.VIR_DOMAIN_STATS_BLOCK

/** The groups that the inventory needs. */
export const SUMMARY_GROUPS = v.VIR_DOMAIN_STATS_STATE | v.VIR_DOMAIN_STATS_BALLOON | v.VIR_DOMAIN_STATS_VCPU

/** A record's numbers by name; what is no number is left out. */
export const numbersOf = (record: DomainStatsRecord): ReadonlyMap<string, number> => {
  const numbers = new Map<string, number>()
  for (const { field, value } of record.params)
    if (typeof value === 'number' || typeof value === 'bigint') numbers.set(field, Number(value))
  return numbers
}

const KIB = 1024

/** What the hypervisor does not tell is null: counters of a machine that is off, or of a busy one. */
export const statsOf = (uri: ConnectionUri, record: DomainStatsRecord, at: number): DomainStats => {
  const numbers = numbersOf(record)
  const kib = (name: string) => {
    const value = numbers.get(name)
    return value === undefined ? null : value * KIB
  }
  const cpu = numbers.get('cpu.time')
  const memory = kib('balloon.current')
  const unused = kib('balloon.usable') ?? kib('balloon.unused')
  const available = kib('balloon.available') ?? memory
  return {
    id: domainId(record.domain.uuid, uri),
    at,
    cpuSeconds: cpu === undefined ? null : cpu / 1e9,
    vcpus: numbers.get('vcpu.current') ?? 0,
    // Without a balloon driver in the guest nobody knows what is used; what QEMU holds is not it.
    memoryUsedBytes: unused === null || available === null ? null : Math.max(0, available - unused),
    memoryBytes: memory,
    diskReadBytes: sum(numbers, 'block', 'rd.bytes'),
    diskWriteBytes: sum(numbers, 'block', 'wr.bytes'),
    netReceiveBytes: sum(numbers, 'net', 'rx.bytes'),
    netTransmitBytes: sum(numbers, 'net', 'tx.bytes'),
  }
}

/** libvirt numbers devices: `block.count`, then `block.0.rd.bytes`. Null when not one tells. */
const sum = (numbers: ReadonlyMap<string, number>, group: string, name: string): number | null => {
  let total: number | null = null
  // The count comes from the daemon; no machine has more devices than this.
  const count = Math.min(numbers.get(`${group}.count`) ?? 0, 1024)
  for (let at = 0; at < count; at++) {
    const value = numbers.get(`${group}.${at}.${name}`)
    if (value !== undefined) total = (total ?? 0) + value
  }
  return total
}
