import { cx } from './cx.ts'
import s from './sparkline.module.css'

interface SparklineProps {
  /** 0 to 1 each, oldest first; null where nothing was measured. */
  values: readonly (number | null)[]
  /** How many samples the whole width stands for. */
  slots?: number
  look?: 'cell' | 'chart'
  tone?: 1 | 2 | 3
}

const WIDTH = 100
const HEIGHT = 30

/** Path of a line through the values, aligned to the newest end. Gaps end the line. */
export const sparkPath = (values: readonly (number | null)[], slots: number): string => {
  const step = WIDTH / Math.max(1, slots - 1)
  const first = slots - values.length
  let path = ''
  let pen = 'M'
  values.forEach((value, at) => {
    if (value === null) {
      pen = 'M'
      return
    }
    const y = HEIGHT - 1 - Math.min(1, Math.max(0, value)) * (HEIGHT - 3)
    path += `${pen}${((first + at) * step).toFixed(1)} ${y.toFixed(1)}`
    pen = 'L'
  })
  return path
}

/** A drawing without axes; the figure beside it carries the meaning, so it is hidden from screen readers. */
export const Sparkline = ({ values, slots = 30, look = 'cell', tone = 1 }: SparklineProps) => {
  // A first measurement has no rate yet: the line begins where there is one.
  const known = values.findIndex(value => value !== null)
  const shown = known < 0 ? [] : values.slice(known).slice(-slots)
  const line = sparkPath(shown, slots)
  const from = ((slots - shown.length) * WIDTH) / Math.max(1, slots - 1)
  const whole = line !== '' && !shown.includes(null)
  return (
    <svg
      className={cx(s.spark, s[look], s[`tone${tone}`])}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      aria-hidden
    >
      {whole ? <path className={cx(s.area)} d={`${line}L${WIDTH} ${HEIGHT}L${from.toFixed(1)} ${HEIGHT}Z`} /> : null}
      <path className={cx(s.line)} d={line} />
    </svg>
  )
}
