import { cx } from './cx.ts'
import s from './spinner.module.css'

/** Work without a known length. Give `label` when nothing beside it says what is being waited for. */
export const Spinner = ({ label, size = 14 }: { label?: string; size?: number }) => (
  <svg
    className={cx(s.spinner)}
    width={size}
    height={size}
    viewBox="0 0 16 16"
    {...(label ? { role: 'img', 'aria-label': label } : { 'aria-hidden': true })}
  >
    <circle cx="8" cy="8" r="6" fill="none" stroke="currentColor" strokeWidth="2" opacity=".25" />
    <path d="M8 2a6 6 0 0 1 6 6" fill="none" stroke="currentColor" strokeWidth="2" strokeLinecap="round" />
  </svg>
)

/** Work with a known share done (0 to 1), or without one (null). */
export const Progress = ({ label, share }: { label: string; share: number | null }) => (
  <div
    role="progressbar"
    aria-label={label}
    aria-valuemin={0}
    aria-valuemax={100}
    {...(share === null ? {} : { 'aria-valuenow': Math.round(share * 100) })}
    className={cx(s.progress, share === null && s.unknown)}
  >
    <i style={{ inlineSize: share === null ? '30%' : `${share * 100}%` }} />
  </div>
)
