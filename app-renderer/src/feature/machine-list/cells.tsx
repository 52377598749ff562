import type { DomainId, DomainSummary } from '@vireo/app-main/contract'
import { memo } from 'react'
import { useFormat } from '../../i18n/format.ts'
import { useHistory } from '../../store/hooks.ts'
import { CopyText, cx, Sparkline } from '../../ui/index.ts'
import s from './cells.module.css'
import { useText } from './text.ts'

/** Not known; the same sign in every language. */
const NOTHING = '—'

/** Measurements change every two seconds: only these cells listen to them. */
export const CpuCell = memo(({ id, live }: { id: DomainId; live: boolean }) => {
  const history = useHistory(id)
  const format = useFormat()
  const last = history?.rates.at(-1)?.cpu ?? null
  const values = history?.rates.map(rate => rate.cpu) ?? []
  if (!live || values.every(value => value === null)) return <span className={cx(s.dim)}>{NOTHING}</span>
  return (
    <span className={cx(s.measure)}>
      <Sparkline values={values} />
      <span className={cx(s.figure)}>{last === null ? NOTHING : format.percent(last)}</span>
    </span>
  )
})

export const MemoryCell = memo(({ id, live, total }: { id: DomainId; live: boolean; total: number | null }) => {
  const last = useHistory(id)?.rates.at(-1)
  const format = useFormat()
  const used = live ? (last?.memoryUsedBytes ?? null) : null
  const whole = last?.memoryBytes ?? total
  if (used === null || whole === null || whole <= 0)
    return <span className={cx(s.dim, s.figure)}>{total === null ? NOTHING : format.bytes(total)}</span>
  return (
    <span className={cx(s.measure)}>
      <span className={cx(s.bar)}>
        <i style={{ inlineSize: `${Math.min(100, (used / whole) * 100)}%` }} />
      </span>
      <span className={cx(s.figure)}>{format.bytesOf(used, whole)}</span>
    </span>
  )
})

export const AddressCell = ({ domain }: { domain: DomainSummary }) => {
  const t = useText()
  const [first, ...rest] = domain.addresses
  if (!first) return <span className={cx(s.dim)}>{NOTHING}</span>
  return (
    <>
      <CopyText value={first.ip} tabIndex={-1} />
      {rest.length > 0 ? (
        <span className={cx(s.dim, s.more)} title={rest.map(address => address.ip).join('\n')}>
          {t('moreAddresses', { count: rest.length })}
        </span>
      ) : null}
    </>
  )
}
