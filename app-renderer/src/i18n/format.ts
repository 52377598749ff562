/** Numbers, sizes and times for people, through Intl. */
import { useTranslation } from 'react-i18next'
import { i18n } from './i18n.ts'

const BINARY = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const
const STEPS: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
]

export interface Format {
  number(value: number, digits?: number): string
  /** `share` is 0 to 1. */
  percent(share: number): string
  /** Binary units: 2147483648 is `2 GiB`. */
  bytes(value: number): string
  /** Used of total in the unit of the total: `2.1 / 4 GiB`. */
  bytesOf(used: number, total: number): string
  bytesPerSecond(value: number): string
  /** Time since or until a moment, both epoch milliseconds: `3 minutes ago`. */
  relative(at: number, now: number): string
  /** A moment, epoch milliseconds. */
  time(at: number): string
  /** A moment of today to the second, and to the minute. */
  clock(at: number): string
  clockShort(at: number): string
  /** A span of time by its two biggest units: `3d 4h`. */
  duration(seconds: number): string
  /** `a, b and c` */
  list(items: readonly string[]): string
  /** `a, b or c` */
  either(items: readonly string[]): string
}

const binaryStep = (value: number): number =>
  value < 1 ? 0 : Math.min(BINARY.length - 1, Math.floor(Math.log2(value) / 10))

const SPANS = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
] as const

const spanOf = (locale: string, seconds: number): string => {
  const whole = Math.max(0, Math.floor(seconds))
  const first = SPANS.findIndex(([unit, length]) => whole >= length || unit === 'second')
  let rest = whole
  const parts = SPANS.slice(first, first + 2).map(([unit, length]) => {
    const count = Math.floor(rest / length)
    rest -= count * length
    return { unit, count }
  })
  return parts
    .filter(({ count }, at) => at === 0 || count > 0)
    .map(({ unit, count }) =>
      new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'narrow' }).format(count),
    )
    .join(' ')
}

/** Formatters for one BCP 47 locale. */
export const createFormat = (locale: string): Format => {
  const plain = new Intl.NumberFormat(locale)
  const tenths = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 })
  const share = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 0 })
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' })
  const time = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' })
  const clock = new Intl.DateTimeFormat(locale, { hour: 'numeric', minute: '2-digit', second: '2-digit' })
  const clockShort = new Intl.DateTimeFormat(locale, { hour: 'numeric', minute: '2-digit' })
  const list = new Intl.ListFormat(locale, { type: 'conjunction' })
  const either = new Intl.ListFormat(locale, { type: 'disjunction' })
  const inUnit = (value: number, step: number): string => {
    const scaled = value / 1024 ** step
    return scaled < 99.95 ? tenths.format(scaled) : plain.format(Math.round(scaled))
  }
  const bytes = (value: number): string => `${inUnit(value, binaryStep(value))} ${BINARY[binaryStep(value)] ?? 'B'}`
  return {
    number: (value, digits) =>
      digits === undefined
        ? plain.format(value)
        : new Intl.NumberFormat(locale, { maximumFractionDigits: digits }).format(value),
    percent: value => share.format(value),
    bytes,
    bytesOf: (used, total) => `${inUnit(used, binaryStep(total))} / ${bytes(total)}`,
    bytesPerSecond: value => `${bytes(value)}/s`,
    relative: (at, now) => {
      const seconds = Math.round((at - now) / 1000)
      const [unit, size] = STEPS.find(([, length]) => Math.abs(seconds) >= length) ?? (['second', 1] as const)
      return relative.format(Math.round(seconds / size), unit)
    },
    time: at => time.format(at),
    clock: at => clock.format(at),
    clockShort: at => clockShort.format(at),
    duration: seconds => spanOf(locale, seconds),
    list: items => list.format(items),
    either: items => either.format(items),
  }
}

/** Formatters are costly to make, and every row wants them. */
const formats = new Map<string, Format>()

const formatFor = (locale: string): Format => {
  const known = formats.get(locale) ?? createFormat(locale)
  formats.set(locale, known)
  return known
}

/** Formatters that follow the language. */
export const useFormat = (): Format => {
  const { i18n: current } = useTranslation(undefined, { i18n })
  return formatFor(current.language)
}
