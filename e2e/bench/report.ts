/** How figures are kept and shown. */

/** One figure: what was measured, on whom, in which unit. */
export interface Figure {
  readonly suite: string
  readonly what: string
  readonly who: string
  readonly unit: 'ms' | 'MB/s' | 'kB/s' | 'kB' | 'MB' | '%' | 'fps' | 'x' | 'count'
  /** The median, where it was repeated. */
  readonly value: number
  readonly p95?: number
  readonly p99?: number
  /** How often it was measured. */
  readonly samples?: number
  /** The design's budget in words, where there is one. */
  readonly budget?: string
  readonly met?: boolean
  /** Percent of the processors that others kept busy around the measurement, where that is too much. */
  readonly busy?: number
}

/** A budget in its two forms: words for the reader, a test for the value. */
export interface Budget {
  readonly words: string
  readonly holds: (value: number) => boolean
}

const trimmed = (value: number): string => String(Number(value.toFixed(2)))

export const atMost = (limit: number, unit: string): Budget => ({
  words: `<= ${trimmed(limit)} ${unit}`,
  holds: value => value <= limit,
})

export const atLeast = (limit: number, unit: string): Budget => ({
  words: `>= ${trimmed(limit)} ${unit}`,
  holds: value => value >= limit,
})

export const quantile = (samples: readonly number[], q: number): number => {
  const sorted = [...samples].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN
}

export const median = (samples: readonly number[]): number => quantile(samples, 0.5)

/** What a figure says about itself besides its value. */
export type Label = Pick<Figure, 'suite' | 'what' | 'who' | 'unit'>

/** A value that was not measured is a budget that was not met. */
const judged = (value: number, budget: Budget | undefined) =>
  budget ? { budget: budget.words, met: budget.holds(value) } : {}

/** One value, measured once. */
export const single = (label: Label, value: number, budget?: Budget): Figure => ({
  ...label,
  value,
  ...judged(value, budget),
})

/** Median, p95 and p99 of repeated measurements; the budget is about the `of` one, the median unless told. */
export const repeated = (
  label: Label,
  samples: readonly number[],
  budget?: Budget & { readonly of?: 'value' | 'p95' },
): Figure => {
  const figures = { value: median(samples), p95: quantile(samples, 0.95), p99: quantile(samples, 0.99) }
  return { ...label, ...figures, samples: samples.length, ...judged(figures[budget?.of ?? 'value'], budget) }
}

/**
 * How many times as long `theirs` takes as `ours`: the median of the rounds' ratios, because two measurements of one
 * round share what else the machine was doing.
 */
export const timesFaster = (ours: readonly number[], theirs: readonly number[]): number =>
  median(ours.map((own, round) => (theirs[round] ?? Number.NaN) / own))

const number = (value: number): string =>
  Number.isNaN(value) ? '-' : value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2)

const optional = (value: number | undefined): string => (value === undefined ? '' : number(value))

/** The figures as columns for a terminal. */
export function table(figures: readonly Figure[]): string {
  const head = ['suite', 'what', 'who', 'value', 'p95', 'p99', 'unit', 'budget', '']
  const rows = figures.map(figure => [
    ...[
      `${figure.suite}${figure.busy === undefined ? '' : ' *'}`,
      figure.what,
      figure.who,
      number(figure.value),
      optional(figure.p95),
      optional(figure.p99),
    ],
    ...[figure.unit, figure.budget ?? '', figure.met === undefined ? '' : figure.met ? 'met' : 'MISSED'],
  ])
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map(row => row[column]?.length ?? 0)))
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd()
  return [line(head), line(widths.map(width => '-'.repeat(width))), ...rows.map(line)].join('\n')
}
