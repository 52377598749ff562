import type { KeyboardEvent } from 'react'
import { useFormat } from '../../i18n/format.ts'
import { SPAN } from '../../store/guest-series.ts'
import type { Charts } from './chart-lines.ts'
import { spoken } from './figures.ts'
import s from './telemetry.module.css'
import { useText } from './text.ts'

/** Milliseconds that a key moves through time. */
const STEP = 5000
const PAGE = 60_000

interface TimeCursorProps {
  charts: Charts
  /** Null: now. */
  at: number | null
  onMove: (at: number | null) => void
}

/** Time runs to the right in every language. Null for a key that means nothing here; `now` for the newest. */
export const moved = (key: string, at: number | null, end: number): number | 'now' | null => {
  const from = at ?? end
  const targets: Readonly<Record<string, number>> = {
    ArrowLeft: from - STEP,
    ArrowDown: from - STEP,
    ArrowRight: from + STEP,
    ArrowUp: from + STEP,
    PageDown: from - PAGE,
    PageUp: from + PAGE,
    Home: end - SPAN,
    End: end,
  }
  const to = targets[key]
  if (to === undefined) return null
  return to >= end ? 'now' : Math.max(end - SPAN, to)
}

/** Which moment the charts tell about: by keys, and for who listens. */
export const TimeCursor = ({ charts, at, onMove }: TimeCursorProps) => {
  const t = useText()
  const format = useFormat()
  const { end } = charts
  const onKeyDown = (event: KeyboardEvent): void => {
    const to = event.key === 'Escape' && at !== null ? 'now' : moved(event.key, at, end)
    if (to === null) return
    // Escape would leave the machine.
    event.preventDefault()
    event.stopPropagation()
    onMove(to === 'now' ? null : to)
  }
  const behind = at === null ? 0 : Math.max(-SPAN / 1000, Math.round((at - end) / 1000))
  return (
    <div
      role="slider"
      tabIndex={0}
      className={s.cursor}
      title={t('cursorHint')}
      aria-label={t('cursor')}
      aria-valuemin={-SPAN / 1000}
      aria-valuemax={0}
      aria-valuenow={behind}
      aria-valuetext={spoken(charts, at, format, t)}
      onKeyDown={onKeyDown}
      onBlur={() => onMove(null)}
    >
      {at === null ? t('now') : <bdi>{format.clock(at)}</bdi>}
    </div>
  )
}
