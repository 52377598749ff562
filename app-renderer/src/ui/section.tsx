import type { ReactNode } from 'react'
import { cx } from './cx.ts'
import s from './section.module.css'

interface SectionProps {
  title: string
  /** What can be done with it as a whole, beside the title. */
  actions: ReactNode
  children: ReactNode
}

/** A named part of a page, below the page's own headings. */
export const Section = ({ title, actions, children }: SectionProps) => (
  <section className={cx(s.section)} aria-label={title}>
    <header className={cx(s.head)}>
      <h3>{title}</h3>
      {actions}
    </header>
    {children}
  </section>
)
