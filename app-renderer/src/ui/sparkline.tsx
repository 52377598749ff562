import { cx } from './cx.ts'
import s from './sparkline.module.css'

interface SparklineProps {
  /** From `sparkPath`. */
  line: string
  look?: 'cell' | 'chart'
  tone?: 1 | 2 | 3
}

/** One measurement: `at` in milliseconds, `value` 0 to 1, null where nothing was measured. */
export interface SparkPoint {
  readonly at: number
  readonly value: number | null
}

const WIDTH = 100
const HEIGHT = 30

/**
 * Path of a line through the points (oldest first), the newest at the end, `span` milliseconds wide. Gaps end the line;
 * a level line is its two ends, so that measurements which do not differ leave the path as it is.
 */
export const sparkPath = (points: readonly SparkPoint[], span: number, digits = 1): string => {
  const end = points.at(-1)?.at ?? 0
  // What is older than the picture lies on its edge; the last of those is where the line comes in.
  const first = points.findLastIndex(point => point.at <= end - span)
  let path = ''
  let level = ''
  let held = ''
  for (const { at, value } of points.slice(Math.max(0, first))) {
    if (value === null) {
      path += held
      level = held = ''
      continue
    }
    const y = (HEIGHT - 1 - Math.min(1, Math.max(0, value)) * (HEIGHT - 3)).toFixed(digits)
    const place = `${(WIDTH - Math.min(1, (end - at) / span) * WIDTH).toFixed(1)} ${y}`
    if (y === level) held = `L${place}`
    else {
      path += `${held}${level === '' ? 'M' : 'L'}${place}`
      level = y
      held = ''
    }
  }
  return path + held
}

/** What lies below a line without gaps that reaches the end. */
const areaUnder = (line: string): string | null => {
  const from = /^M(\S+) [^M]*L100\.0 [^L]*$/.exec(line)?.[1]
  return from === undefined ? null : `${line}L${WIDTH} ${HEIGHT}L${from} ${HEIGHT}Z`
}

/** A drawing without axes; the figure beside it carries the meaning, so it is hidden from screen readers. */
export const Sparkline = ({ line, look = 'cell', tone = 1 }: SparklineProps) => {
  const area = areaUnder(line)
  return (
    <svg
      className={cx(s.spark, s[look], s[`tone${tone}`])}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      aria-hidden
    >
      {area === null ? null : <path className={cx(s.area)} d={area} />}
      <path className={cx(s.line)} d={line} />
    </svg>
  )
}
