import type { ReactNode } from 'react'
import { cx } from './cx.ts'
import s from './page-header.module.css'

interface PageHeaderProps {
  title: string
  /** A few words or a figure beside the title. */
  about?: ReactNode
  /** What can be done with the page as a whole, at its end. */
  children: ReactNode
}

export const PageHeader = ({ title, about, children }: PageHeaderProps) => (
  <header className={cx(s.header)}>
    <h1>{title}</h1>
    <div className={cx(s.about)}>{about}</div>
    <div className={cx(s.actions)}>{children}</div>
  </header>
)
