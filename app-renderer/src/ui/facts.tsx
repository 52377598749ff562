import type { ReactNode } from 'react'
import { cx } from './cx.ts'
import s from './facts.module.css'

export interface Fact {
  term: string
  value: ReactNode
}

/** Terms and values in two columns. */
export const Facts = ({ facts }: { facts: readonly Fact[] }) => (
  <dl className={cx(s.facts)}>
    {facts.map(fact => (
      <div key={fact.term}>
        <dt>{fact.term}</dt>
        <dd className="selectable">{fact.value}</dd>
      </div>
    ))}
  </dl>
)
