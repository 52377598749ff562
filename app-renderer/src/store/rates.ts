/** Differences of raw counters; pure. */
import type { DomainStats } from '@vireo/app-main/contract'

export interface Rates {
  /** Epoch milliseconds of the newer measurement. */
  readonly at: number
  /** Share of all virtual processors, 0 to 1. */
  readonly cpu: number | null
  readonly memoryUsedBytes: number | null
  readonly memoryBytes: number | null
  /** Bytes per second. */
  readonly diskRead: number | null
  readonly diskWrite: number | null
  readonly netReceive: number | null
  readonly netTransmit: number | null
}

/** A counter that went back belongs to a machine that was restarted: no rate. */
const perSecond = (older: number | null | undefined, newer: number | null, seconds: number): number | null =>
  older === null || older === undefined || newer === null || newer < older ? null : (newer - older) / seconds

export const ratesOf = (older: DomainStats | undefined, newer: DomainStats): Rates => {
  const seconds = older ? (newer.at - older.at) / 1000 : 0
  const before = seconds > 0 ? older : undefined
  const cpu = perSecond(before?.cpuSeconds, newer.cpuSeconds, seconds)
  return {
    at: newer.at,
    cpu: cpu === null ? null : Math.min(1, cpu / Math.max(1, newer.vcpus)),
    memoryUsedBytes: newer.memoryUsedBytes,
    memoryBytes: newer.memoryBytes,
    diskRead: perSecond(before?.diskReadBytes, newer.diskReadBytes, seconds),
    diskWrite: perSecond(before?.diskWriteBytes, newer.diskWriteBytes, seconds),
    netReceive: perSecond(before?.netReceiveBytes, newer.netReceiveBytes, seconds),
    netTransmit: perSecond(before?.netTransmitBytes, newer.netTransmitBytes, seconds),
  }
}

/** What is remembered of one machine. */
export interface History {
  readonly last: DomainStats
  /** Oldest first, at most as many as were to be kept. */
  readonly rates: readonly Rates[]
}

/** Measurements kept of a machine in a list, and of one that is looked at: a quarter of an hour, one every two seconds. */
export const KEPT = 60
export const KEPT_LOOKED_AT = 450

export const remember = (history: History | undefined, stats: DomainStats, kept = KEPT): History => {
  if (stats.at === history?.last.at) return history
  // The clock was set back: what was measured before has no place in time any more.
  const before = history && stats.at > history.last.at ? history : undefined
  return { last: stats, rates: [...(before?.rates ?? []), ratesOf(before?.last, stats)].slice(-kept) }
}
