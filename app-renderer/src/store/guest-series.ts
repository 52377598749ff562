/** What was measured inside one machine: figures that can be drawn, whatever its guest claims; pure. */
import type { GuestDialect, GuestFilesystem, GuestInterface, GuestTelemetry } from '@vireo/app-main/contract'

/** Milliseconds that are remembered: as long as the server remembers. */
export const SPAN = 15 * 60_000
/** One a second is the most that anybody can ask for. */
const MOST_POINTS = 1000
/** More bytes than any machine has; and no share of a second gives more. */
const MOST_BYTES = 2 ** 60
const MOST_ADDRESSES = 8

/** One moment. Null: not told, or nothing that could be true. */
export interface GuestPoint {
  /** Epoch milliseconds on the server's clock. */
  readonly at: number
  /** Share of all processors, 0 to 1. */
  readonly cpu: number | null
  readonly memoryUsed: number | null
  readonly memoryTotal: number | null
  readonly swapUsed: number | null
  /** Bytes per second. */
  readonly netReceive: number | null
  readonly netTransmit: number | null
}

/** A filesystem whose sizes make sense. */
export interface Volume {
  readonly mountPoint: string
  readonly device: string | null
  readonly type: string | null
  readonly used: number
  readonly total: number
  /** 0 to 1. */
  readonly share: number
}

/** What the newest measurement tells beside its point. */
export interface GuestNow {
  readonly at: number
  /** The fullest first. */
  readonly volumes: readonly Volume[]
  /** Without their prefix length. */
  readonly addresses: readonly string[]
  readonly load: readonly [number, number, number] | null
  readonly processes: number | null
  readonly uptimeSeconds: number | null
  readonly swapTotal: number | null
}

export interface GuestRecord {
  /** False when nobody answers in the machine any more: the rest is what was known then. */
  readonly answering: boolean
  readonly dialect: GuestDialect
  readonly osName: string | null
  /** Oldest first; only the newest one while nobody looks at the machine itself. */
  readonly points: readonly GuestPoint[]
  readonly now: GuestNow | null
  /** Counters of the newest measurement, by interface. */
  readonly counters: ReadonlyMap<string, GuestInterface>
}

const amount = (value: number | null, most = MOST_BYTES): number | null =>
  value === null || !Number.isFinite(value) || value < 0 || value > most ? null : value

/** What passes through these was or will be counted at the card itself. */
const INNER = /^(?:lo|veth|docker|br-|virbr|tun|tap|wg|cni|flannel|cali|vnet|dummy|bond|team)|[.@]/

type Counters = ReadonlyMap<string, GuestInterface>

const countersOf = (sample: GuestTelemetry): Counters =>
  new Map(sample.interfaces.filter(({ name }) => !INNER.test(name)).map(one => [one.name, one]))

type Counter = 'receivedBytes' | 'sentBytes'

/** Of the interfaces that were there at both moments; a counter that went back began anew. */
const rateOf = (before: Counters, after: Counters, counter: Counter, seconds: number): number | null => {
  let sum: number | null = null
  if (seconds <= 0) return null
  for (const [name, one] of after) {
    const older = amount(before.get(name)?.[counter] ?? null)
    const newer = amount(one[counter])
    if (older !== null && newer !== null && newer >= older) sum = (sum ?? 0) + (newer - older) / seconds
  }
  return amount(sum)
}

const memoryOf = ({ memoryTotalBytes, memoryAvailableBytes }: GuestTelemetry) => {
  const total = amount(memoryTotalBytes)
  const available = amount(memoryAvailableBytes)
  const used = total === null || available === null || available > total ? null : total - available
  return { memoryTotal: total, memoryUsed: used }
}

const swapUsedOf = ({ swapTotalBytes, swapUsedBytes }: GuestTelemetry): number | null => {
  const used = amount(swapUsedBytes)
  const total = amount(swapTotalBytes)
  // Without any there is nothing to draw.
  return used === null || total === null || total === 0 || used > total ? null : used
}

/** Always full, or no place on a disk. */
const NO_DISK: ReadonlySet<string> = new Set([
  ...[
    'squashfs',
    'iso9660',
    'erofs',
    'cramfs',
    'romfs',
    'udf',
    'tmpfs',
    'devtmpfs',
    'ramfs',
    'efivarfs',
    'proc',
    'sysfs',
  ],
])

/** Filesystems on disks, each once, the fullest first. */
export const volumesOf = (filesystems: readonly GuestFilesystem[]): readonly Volume[] => {
  const seen = new Set<string>()
  const volumes: Volume[] = []
  for (const { mountPoint, device, type, totalBytes, usedBytes } of filesystems) {
    const total = amount(totalBytes)
    const used = amount(usedBytes)
    if (total === null || used === null || total === 0 || used > total || NO_DISK.has(type ?? '')) continue
    // The same one mounted in several places.
    const key = device?.startsWith('/') ? `${device} ${total} ${used}` : `:${mountPoint}`
    if (seen.has(key)) continue
    seen.add(key)
    volumes.push({ mountPoint, device, type, used, total, share: used / total })
  }
  return volumes.sort((a, b) => b.share - a.share || (a.mountPoint < b.mountPoint ? -1 : 1))
}

/** Addresses that others can reach, IPv4 first. */
const addressesOf = (interfaces: Iterable<GuestInterface>): readonly string[] => {
  const all = [...interfaces].flatMap(one => one.addresses.map(address => address.replace(/\/\d+$/, '')))
  const reachable = [...new Set(all)].filter(ip => !/^(?:127\.|::1$|fe80:)/i.test(ip))
  return [...reachable.filter(ip => !ip.includes(':')), ...reachable.filter(ip => ip.includes(':'))].slice(
    0,
    MOST_ADDRESSES,
  )
}

const nowOf = (sample: GuestTelemetry, counters: Counters): GuestNow => ({
  at: sample.at,
  volumes: volumesOf(sample.filesystems),
  addresses: addressesOf(counters.values()),
  load: sample.load?.every(value => amount(value, 1e6) !== null) ? sample.load : null,
  processes: amount(sample.processCount, 1e9),
  uptimeSeconds: amount(sample.uptimeSeconds, 1e10),
  swapTotal: amount(sample.swapTotalBytes),
})

interface Told {
  readonly dialect: GuestDialect
  readonly osName: string | null
  readonly samples: readonly GuestTelemetry[]
}

const append = (known: GuestRecord, sample: GuestTelemetry): GuestRecord => {
  const counters = countersOf(sample)
  const seconds = known.now ? (sample.at - known.now.at) / 1000 : 0
  const cpu = amount(sample.cpuPercent, 100.5)
  const point: GuestPoint = {
    at: sample.at,
    cpu: cpu === null ? null : Math.min(1, cpu / 100),
    ...memoryOf(sample),
    swapUsed: swapUsedOf(sample),
    netReceive: rateOf(known.counters, counters, 'receivedBytes', seconds),
    netTransmit: rateOf(known.counters, counters, 'sentBytes', seconds),
  }
  return { ...known, counters, points: [...known.points, point], now: nowOf(sample, counters) }
}

interface Learning {
  /** Keeps the last quarter of an hour, else only the newest moment. */
  readonly deep: boolean
  /** All was told that the server knows. */
  readonly whole: boolean
}

/** Adds what was told. */
export const learn = (known: GuestRecord | undefined, told: Told, { deep, whole }: Learning): GuestRecord => {
  const { dialect, osName } = told
  const empty: GuestRecord = { answering: true, dialect, osName, points: [], now: null, counters: new Map() }
  let record: GuestRecord = known ? { ...known, answering: true, dialect, osName: osName ?? known.osName } : empty
  const [first] = told.samples
  // The newest is older than what is known: the server's clock was set back. What lies in its future has no place any more.
  const setBack = (told.samples.at(-1)?.at ?? Infinity) < (record.now?.at ?? -Infinity)
  if (first && (whole || setBack))
    record = { ...record, now: null, counters: new Map(), points: record.points.filter(({ at }) => at < first.at) }
  for (const sample of told.samples) if (sample.at > (record.now?.at ?? -Infinity)) record = append(record, sample)
  const newest = record.now?.at ?? 0
  const points = deep
    ? record.points.filter(({ at }) => at >= newest - SPAN).slice(-MOST_POINTS)
    : record.points.slice(-1)
  return { ...record, points }
}

/** A machine in which nobody answers any more: its past stays. */
export const silence = (known: GuestRecord): GuestRecord => (known.answering ? { ...known, answering: false } : known)
