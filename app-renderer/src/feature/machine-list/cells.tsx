import type { DomainId, DomainSummary } from '@vireo/app-main/contract'
import { memo } from 'react'
import { useStore } from 'zustand'
import { useFormat } from '../../i18n/format.ts'
import { useStores } from '../../store/hooks.ts'
import type { History } from '../../store/rates.ts'
import { CopyText, cx, Sparkline, sparkPath } from '../../ui/index.ts'
import s from './cells.module.css'
import { useText } from './text.ts'

/** Not known; the same sign in every language. */
const NOTHING = '—'

/** Milliseconds that the line in a row stands for. */
const SPAN = 120_000

/** One figure of a machine's measurements; the component renders when that figure changes, not with each measurement. */
const useFigure = <T extends string | number | null>(id: DomainId, figure: (history: History | undefined) => T): T =>
  useStore(useStores().stats.state, state => figure(state.byId.get(id)))

const cpuLine = (history: History | undefined): string =>
  // Whole steps: what a machine does at rest is not worth a repaint.
  sparkPath(history?.rates.map(({ at, cpu }) => ({ at, value: cpu })) ?? [], SPAN, 0)

const lastCpu = (history: History | undefined): number | null => {
  const cpu = history?.rates.at(-1)?.cpu ?? null
  return cpu === null ? null : Math.round(cpu * 100) / 100
}

export const CpuCell = memo(({ id, live }: { id: DomainId; live: boolean }) => {
  const line = useFigure(id, cpuLine)
  const last = useFigure(id, lastCpu)
  const format = useFormat()
  if (!live || line === '') return <span className={cx(s.dim)}>{NOTHING}</span>
  return (
    <span className={cx(s.measure)}>
      <Sparkline line={line} />
      <span className={cx(s.figure)}>{last === null ? NOTHING : format.percent(last)}</span>
    </span>
  )
})

export const MemoryCell = memo(({ id, live, total }: { id: DomainId; live: boolean; total: number | null }) => {
  const measured = useFigure(id, history => history?.last.memoryUsedBytes ?? null)
  const given = useFigure(id, history => history?.last.memoryBytes ?? null)
  const format = useFormat()
  const used = live ? measured : null
  const whole = given ?? total
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
