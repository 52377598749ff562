/** What runs in the guest, from /proc (proc(5)). */
import type { vireo } from '../../protocol/index.ts'
import { namesIn, readText } from '../files.ts'
import type { Sys } from '../sys.ts'
import { Names } from './entry.ts'

/** Of /proc's times; the same on every processor we build for. */
const TICKS_PER_SECOND = 100
const PAGE_BYTES = 4096
const MAX_COMMAND = 1000

interface Stat {
  readonly name: string
  readonly state: string
  readonly parentPid: number
  /** User and system time. */
  readonly ticks: number
  readonly threads: number
  readonly startTicks: number
  readonly residentPages: number
}

/** The name stands in parentheses and may hold any character, parentheses too. */
export const parseStat = (text: string): Stat | null => {
  const [open, close] = [text.indexOf('('), text.lastIndexOf(')')]
  if (open < 0 || close < open) return null
  const [state = '?', ...rest] = text.slice(close + 2).split(' ')
  const field = (number: number): number => Number(rest[number - 4] ?? 0)
  return {
    name: text.slice(open + 1, close),
    state,
    parentPid: field(4),
    ticks: field(14) + field(15),
    threads: field(20),
    startTicks: field(22),
    residentPages: field(24),
  }
}

const commandOf = (sys: Sys, pid: string): string | null => {
  const text = readText(sys, `/proc/${pid}/cmdline`, 4 * MAX_COMMAND)
  if (text === null || text === '') return null
  return text.replace(/\0+$/, '').replaceAll('\0', ' ').slice(0, MAX_COMMAND)
}

const uidOf = (sys: Sys, pid: string): number | null => {
  const match = /^Uid:\s*\d+\s+(\d+)/m.exec(readText(sys, `/proc/${pid}/status`, 4096) ?? '')
  return match === null ? null : Number(match[1])
}

/** Seconds since 1970 at which the kernel started. */
const bootTime = (sys: Sys): number => {
  const match = /^btime (\d+)/m.exec(readText(sys, '/proc/stat') ?? '')
  return Number(match?.[1] ?? 0)
}

/** Epoch milliseconds, to the second: the kernel tells its own start no better. */
const startedAt = (boot: number, stat: Stat): number => boot * 1000 + (stat.startTicks * 1000) / TICKS_PER_SECOND

/** Null when there is none of this number. */
export const startOf = (sys: Sys, pid: number): number | null => {
  const stat = parseStat(readText(sys, `/proc/${pid}/stat`) ?? '')
  return stat === null ? null : startedAt(bootTime(sys), stat)
}

interface Seen {
  readonly startTicks: number
  readonly ticks: number
}

/** Remembers the last listing, so that the next one can tell what each process used since. */
export class ProcessList {
  #seen = new Map<number, Seen>()
  /** Monotonic milliseconds of the last listing. */
  #at = 0

  take(sys: Sys): vireo.Process[] {
    const [names, boot, now] = [new Names(sys), bootTime(sys), sys.monotonic()]
    const uptime = Number((readText(sys, '/proc/uptime') ?? '0').split(' ')[0])
    const seen = new Map<number, Seen>()
    const pids = namesIn(sys, '/proc').filter(name => /^\d+$/.test(name))
    const processes = pids.flatMap(pid => {
      const stat = parseStat(readText(sys, `/proc/${pid}/stat`) ?? '')
      const uid = uidOf(sys, pid)
      if (stat === null || uid === null) return []
      seen.set(Number(pid), stat)
      return [
        {
          pid: Number(pid),
          parent_pid: stat.parentPid,
          name: stat.name,
          command: commandOf(sys, pid),
          uid,
          user: names.user(uid),
          cpu_percent: this.#percent(Number(pid), stat, uptime, now),
          memory_bytes: stat.residentPages * PAGE_BYTES,
          state: stat.state,
          threads: stat.threads,
          started_at_ms: startedAt(boot, stat),
        },
      ]
    })
    this.#seen = seen
    this.#at = now
    return processes.toSorted((a, b) => a.pid - b.pid)
  }

  /** Since the last listing, or since its start when that did not know it. */
  #percent(pid: number, stat: Stat, uptime: number, now: number): number {
    const former = this.#seen.get(pid)
    const known = former?.startTicks === stat.startTicks
    const ticks = stat.ticks - (known ? former.ticks : 0)
    const seconds = known ? (now - this.#at) / 1000 : uptime - stat.startTicks / TICKS_PER_SECOND
    if (seconds <= 0 || ticks < 0) return 0
    return Math.round((1000 * ticks) / TICKS_PER_SECOND / seconds) / 10
  }
}
