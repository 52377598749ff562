/** CPU time from /proc/stat: a share is the difference between two readings. */
export interface CpuTimes {
  readonly busy: number
  readonly total: number
  readonly cpus: number
}

/** Ticks since boot of all CPUs together. Time that the host took away (steal) counts as busy: the guest wanted it. */
export const parseCpuTimes = (text: string): CpuTimes => {
  const first = /^cpu +(.*)$/m.exec(text)?.[1] ?? ''
  // Guest time is in user time already.
  const ticks = first.split(' ').slice(0, 8).map(Number)
  const total = ticks.reduce((sum, one) => sum + (Number.isFinite(one) ? one : 0), 0)
  const idle = (ticks[3] ?? 0) + (ticks[4] ?? 0)
  return { busy: total - idle, total, cpus: Math.max(1, text.match(/^cpu\d+ /gm)?.length ?? 1) }
}

/** 0 to 100. Counters that run backwards (they may, for iowait) give no negative share. */
export const cpuPercent = (from: CpuTimes, to: CpuTimes): number => {
  const total = to.total - from.total
  if (total <= 0) return 0
  return Math.min(100, Math.max(0, (100 * (to.busy - from.busy)) / total))
}
