import type { ReactNode } from 'react'
import { cx } from './cx.ts'
import s from './page.module.css'

/** A page of the window: its head, what lies below it, and dialogs. */
export const Page = ({ children }: { children: ReactNode }) => <div className={cx(s.page)}>{children}</div>

/**
 * The sections of a page, one below the other; they scroll, the head stays. What vanishes while it has the keys may leave
 * them here.
 */
export const PageSections = ({ children }: { children: ReactNode }) => (
  <div className={cx(s.sections)} tabIndex={-1}>
    {children}
  </div>
)
