import type { ReactNode } from 'react'
import s from './badge.module.css'
import { cx } from './cx.ts'

export type Tone = 'neutral' | 'run' | 'pause' | 'fail' | 'info'

/** A short fact in a box. */
export const Badge = ({ children, tone = 'neutral', title }: { children: ReactNode; tone?: Tone; title?: string }) => (
  <span className={cx(s.badge, s[tone])} title={title}>
    {children}
  </span>
)

/** A round mark beside a word; it never stands alone. */
export const Dot = ({ tone }: { tone: 'run' | 'pause' | 'fail' | 'off' }) => (
  <span className={cx(s.dot, s[`dot-${tone}`])} aria-hidden />
)

/** The name of a key, or a chord with spaces between: `Ctrl K`. */
export const Kbd = ({ children }: { children: string }) => <kbd className={cx(s.kbd)}>{children}</kbd>

/** A filter that is on or off, with how many it would show. */
export const Chip = ({ label, count, pressed, onPress }: ChipProps) => (
  <button type="button" className={cx(s.chip)} aria-pressed={pressed} onClick={onPress}>
    {label}
    {count === undefined ? null : <span> {count}</span>}
  </button>
)

interface ChipProps {
  label: string
  count?: string
  pressed: boolean
  onPress: () => void
}
