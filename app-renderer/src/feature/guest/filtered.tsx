import type { ReactNode } from 'react'
import { failureText } from '../../store/app-error.ts'
import { Banner, Search, Spinner } from '../../ui/index.ts'
import s from './guest.module.css'
import { useText } from './text.ts'
import type { Reading } from './use-reading.ts'

interface FilteredProps {
  what: string
  reading: Reading<unknown>
  filter: string
  onFilter: (filter: string) => void
  count: number
  children: ReactNode
}

/** A list from the guest with a search above it. */
export const Filtered = ({ what, reading, filter, onFilter, count, children }: FilteredProps) => {
  const t = useText()
  return (
    <Told reading={reading}>
      <div className={s.bar}>
        <Search label={t('filter', { what })} value={filter} onChange={onFilter} />
        <span className={s.dim}>{count}</span>
      </div>
      {children}
    </Told>
  )
}

/** What the guest told, or why it did not; what it told before stays. */
export const Told = ({ reading, children }: { reading: Reading<unknown>; children: ReactNode }) => {
  const t = useText()
  const { value, error } = reading
  return (
    <div className={s.told}>
      {error ? (
        <Banner tone="pause" title={t('failed')}>
          <bdi>{failureText(error)}</bdi>
        </Banner>
      ) : null}
      {value === null ? (
        error ? null : (
          <div className={s.middle}>
            <Spinner size={24} label={t('reading')} />
          </div>
        )
      ) : (
        children
      )}
    </div>
  )
}
