/** The charts' figures in words. */
import type { Format } from '../../i18n/format.ts'
import { type Chart, type Charts, type Line, type LineKey, rowAt, type Unit } from './chart-lines.ts'
import type { useText } from './text.ts'

type Translate = ReturnType<typeof useText>

/** A scale's value in words. */
export const scaleWord = (format: Format, unit: Unit, value: number): string => {
  if (unit === 'share') return format.percent(value)
  return unit === 'bytes' ? format.bytes(value) : format.bytesPerSecond(value)
}

export interface Figure {
  readonly line: Line
  /** Null where nothing is known. */
  readonly value: number | null
}

/** What a chart says of a moment, the newest for null. */
export const figuresAt = (chart: Chart, at: number | null, end: number): readonly Figure[] => {
  const row = rowAt(chart, at, end)
  return chart.lines.map((line, index) => ({ line, value: row?.values[index] ?? null }))
}

/** The lines of which anything is known at any moment that is shown. */
export const knownLines = ({ lines, rows }: Chart): ReadonlySet<LineKey> =>
  new Set(lines.flatMap(({ key }, index) => (rows.some(row => (row.values[index] ?? null) !== null) ? [key] : [])))

export interface Summary extends Figure {
  readonly chart: Chart
  readonly average: number | null
  readonly highest: number | null
}

/** Of every line of which anything is known. */
export const summaryOf = ({ charts, end }: Charts): readonly Summary[] =>
  charts.flatMap(chart => {
    const now = figuresAt(chart, null, end)
    return chart.lines.flatMap((line, index) => {
      const values = chart.rows.flatMap(row => row.values[index] ?? [])
      if (values.length === 0) return []
      const average = values.reduce((sum, value) => sum + value, 0) / values.length
      return [{ chart, line, value: now[index]?.value ?? null, average, highest: Math.max(...values) }]
    })
  })

/** All figures of one moment as a sentence for who listens. */
export const spoken = ({ charts, end }: Charts, at: number | null, format: Format, t: Translate): string => {
  const parts = charts.map(chart => {
    const figures = figuresAt(chart, at, end).filter(({ value }) => value !== null)
    const words = figures.map(({ line, value }) =>
      t('figure', { value: scaleWord(format, chart.unit, value ?? 0), line: t(`line.${line.key}`) }),
    )
    return t('cursorFigure', { chart: t(`chart.${chart.key}`), figures: format.list(words) || t('source.none') })
  })
  return [at === null ? t('now') : format.clock(at), ...parts].join('. ')
}
