/** What the charts of one machine show, and who told it; pure. */
import { type GuestPoint, type GuestRecord, SPAN } from '../../store/guest-series.ts'
import type { Rates } from '../../store/rates.ts'

export type ChartKey = 'cpu' | 'memory' | 'disk' | 'network'
export type LineKey =
  'cpu' | 'memoryUsed' | 'memoryAvailable' | 'swapUsed' | 'diskRead' | 'diskWrite' | 'netReceive' | 'netTransmit'
export type Source = 'guest' | 'hypervisor'
/** `share`: 0 to 1. `speed`: bytes per second. */
export type Unit = 'share' | 'bytes' | 'speed'

/** One of the chart's figures. */
export interface Line {
  readonly key: LineKey
  /** Null: told, but not drawn. */
  readonly tone: 1 | 2 | 3 | null
}

export interface Row {
  /** Epoch milliseconds on the server's clock. */
  readonly at: number
  /** By the chart's lines; null where nothing is known: the line has a gap there. */
  readonly values: readonly (number | null)[]
}

export interface Chart {
  readonly key: ChartKey
  readonly unit: Unit
  /** Null while nobody told anything. */
  readonly source: Source | null
  readonly lines: readonly Line[]
  /** Oldest first. */
  readonly rows: readonly Row[]
  /** What the picture ends at; null for what has no natural end. */
  readonly full: number | null
  /** Milliseconds: what is further apart than this has a gap between. */
  readonly gap: number
}

export interface Charts {
  /** Epoch milliseconds of the pictures' right edge. */
  readonly end: number
  readonly charts: readonly Chart[]
}

/** Longer than the slowest asker's interval, of a guest and of the hypervisor. */
const GAPS: Readonly<Record<Source, number>> = { guest: 30_000, hypervisor: 15_000 }
/** A guest that told nothing for so long lets the hypervisor speak. */
const SILENT = 60_000

const LINES: Readonly<Record<ChartKey, readonly Line[]>> = {
  cpu: [{ key: 'cpu', tone: 1 }],
  memory: [
    { key: 'memoryUsed', tone: 2 },
    { key: 'memoryAvailable', tone: null },
    { key: 'swapUsed', tone: 3 },
  ],
  disk: [
    { key: 'diskRead', tone: 1 },
    { key: 'diskWrite', tone: 3 },
  ],
  network: [
    { key: 'netReceive', tone: 1 },
    { key: 'netTransmit', tone: 3 },
  ],
}
const UNITS: Readonly<Record<ChartKey, Unit>> = { cpu: 'share', memory: 'bytes', disk: 'speed', network: 'speed' }
const KEYS = ['cpu', 'memory', 'disk', 'network'] as const

type Moment = { readonly at: number; readonly memoryTotal: number | null } & Readonly<
  Partial<Record<LineKey, number | null>>
>

const rest = (total: number | null, used: number | null): number | null =>
  total === null || used === null || used > total ? null : total - used

const ofGuest = (point: GuestPoint): Moment => ({
  ...point,
  memoryAvailable: rest(point.memoryTotal, point.memoryUsed),
})

const ofHypervisor = ({ memoryUsedBytes, memoryBytes, ...rates }: Rates): Moment => ({
  ...rates,
  memoryTotal: memoryBytes,
  memoryUsed: memoryUsedBytes,
  memoryAvailable: rest(memoryBytes, memoryUsedBytes),
})

/** A row without values between two that are too far apart. */
const withGaps = (rows: readonly Row[], gap: number): readonly Row[] =>
  rows.flatMap((row, index) => {
    const before = rows[index - 1]
    const apart = before !== undefined && row.at - before.at > gap
    return apart ? [{ at: before.at + 1, values: row.values.map(() => null) }, row] : [row]
  })

const chartOf = (key: ChartKey, source: Source | null, moments: readonly Moment[], from: number): Chart => {
  const lines = LINES[key]
  const rows = moments
    .filter(({ at }) => at >= from)
    .map(moment => ({ at: moment.at, values: lines.map(line => moment[line.key] ?? null) }))
  const full = key === 'cpu' ? 1 : key === 'memory' ? (moments.at(-1)?.memoryTotal ?? null) : null
  const gap = GAPS[source ?? 'hypervisor']
  return { key, unit: UNITS[key], source, lines, rows: withGaps(rows, gap), full, gap }
}

const tells = (moments: readonly Moment[], key: ChartKey, from: number): boolean =>
  moments.some(moment => moment.at >= from && LINES[key].some(line => (moment[line.key] ?? null) !== null))

/** `now` is this computer's clock: the pictures' edge until anybody told of a moment. */
export const chartsOf = (record: GuestRecord | undefined, rates: readonly Rates[], now: number): Charts => {
  const inside = (record?.points ?? []).map(ofGuest)
  const outside = rates.map(ofHypervisor)
  const end = Math.max(inside.at(-1)?.at ?? 0, outside.at(-1)?.at ?? 0) || now
  const from = end - SPAN
  const sourceOf = (key: ChartKey): Source | null => {
    if (tells(inside, key, end - SILENT)) return 'guest'
    if (tells(outside, key, from)) return 'hypervisor'
    return tells(inside, key, from) ? 'guest' : null
  }
  return {
    end,
    charts: KEYS.map(key => {
      const source = sourceOf(key)
      return chartOf(key, source, source === 'guest' ? inside : outside, from)
    }),
  }
}

/** The row nearest to a moment, null in a gap; the newest one for null. */
export const rowAt = ({ rows, gap }: Chart, at: number | null, end: number): Row | null => {
  const moment = at ?? end
  let best: Row | null = null
  for (const row of rows) {
    if (row.values.every(value => value === null)) continue
    if (!best || Math.abs(row.at - moment) <= Math.abs(best.at - moment)) best = row
  }
  return best && Math.abs(best.at - moment) <= gap ? best : null
}

/** Where the picture's scale ends: what has no natural end is as high as its highest line, and never flat. */
export const topOf = ({ rows, lines, full, unit }: Chart): number => {
  if (full !== null && full > 0) return full
  const least = unit === 'share' ? 1 : 64 * 1024
  const drawn = rows.flatMap(({ values }) => values.filter((_, index) => lines[index]?.tone !== null))
  return Math.max(least, 1.1 * Math.max(0, ...drawn.map(value => value ?? 0)))
}
