import { type ReactNode, useId } from 'react'
import { cx } from './cx.ts'
import { Banner } from './notice.tsx'
import s from './section.module.css'

interface SectionProps {
  title: string
  /** The title in full, where one points at it. */
  hint?: string
  /** It stands on a page itself, not in a part of one. */
  top?: boolean
  /** What can be done with it as a whole, beside the title. */
  actions?: ReactNode
  /** Why it may not be as it shows. */
  failure?: { title: string; text: string } | null
  /** A sentence about it, or what stands there instead of nothing. */
  note?: string | null
  children?: ReactNode
}

/** A named part of a page, or of a part. */
export const Section = ({ title, hint, top, actions, failure, note, children }: SectionProps) => {
  const Heading = top ? 'h2' : 'h3'
  const id = useId()
  return (
    <section className={cx(s.section)} aria-labelledby={id}>
      <header className={cx(s.head)}>
        <Heading id={id}>
          <bdi title={hint}>{title}</bdi>
        </Heading>
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
}

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
