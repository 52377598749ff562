import type { ReactNode } from 'react'
import { cx } from './cx.ts'
import { Banner } from './notice.tsx'
import s from './section.module.css'

interface SectionProps {
  title: string
  /** What can be done with it as a whole, beside the title. */
  actions: ReactNode
  /** Why it may not be as it shows. */
  failure?: { title: string; text: string } | null
  /** A sentence about it, or what stands there instead of nothing. */
  note?: string | null
  children?: ReactNode
}

/** A named part of a page, below the page's own headings. */
export const Section = ({ title, actions, failure, note, children }: SectionProps) => (
  <section className={cx(s.section)} aria-label={title}>
    <header className={cx(s.head)}>
      <h3>{title}</h3>
      {actions}
    </header>
    {failure ? (
      <Banner tone="pause" title={failure.title}>
        <bdi>{failure.text}</bdi>
      </Banner>
    ) : null}
    {note ? <p className={cx(s.note)}>{note}</p> : null}
    {children}
  </section>
)

/** What a part consists of, one below the other. */
export const SectionRows = ({ children }: { children: ReactNode }) => <ul className={cx(s.rows)}>{children}</ul>

/** Its words, and at the end what can be done with it. What is `small` in it says less. */
export const SectionRow = ({ actions, children }: { actions: ReactNode; children: ReactNode }) => (
  <li className={cx(s.row)}>
    <span className={cx(s.words)}>{children}</span>
    <span className={cx(s.line)}>{actions}</span>
  </li>
)

/** Words and badges of a row that stand beside each other. */
export const SectionLine = ({ children }: { children: ReactNode }) => <span className={cx(s.line)}>{children}</span>
