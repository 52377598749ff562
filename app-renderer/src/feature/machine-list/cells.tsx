import type { DomainId, DomainSummary } from '@vireo/app-main/contract'
import { memo } from 'react'
import { useStore } from 'zustand'
import { useFormat } from '../../i18n/format.ts'
import { addressesOf } from '../../store/guest-merge.ts'
import type { GuestRecord } from '../../store/guest-series.ts'
import { useStores } from '../../store/hooks.ts'
import type { History } from '../../store/rates.ts'
import { CopyText, cx, Sparkline, sparkPath } from '../../ui/index.ts'
import s from './cells.module.css'
import { useText } from './text.ts'

/** Not known; the same sign in every language. */
export const NOTHING = '—'

/** Milliseconds that the line in a row stands for. */
const SPAN = 120_000

/** One figure of what the hypervisor measured; the component renders when that figure changes, not with each measurement. */
export const useFigure = <T extends string | number | null>(
  id: DomainId,
  figure: (history: History | undefined) => T,
): T => useStore(useStores().stats.state, state => figure(state.byId.get(id)))

/** One figure of what was measured inside, likewise. */
export const useGuest = <T extends string | number | null>(
  id: DomainId,
  figure: (record: GuestRecord | undefined) => T,
): T => useStore(useStores().telemetry.state, state => figure(state.byId.get(id)))

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

export const AddressCell = ({ domain }: { domain: DomainSummary }) => {
  const t = useText()
  // As one text: it keeps its identity while nothing changes.
  const known = useGuest(domain.id, record => addressesOf(domain, record).join('\n'))
  const [first, ...rest] = known.split('\n').filter(Boolean)
  if (first === undefined) return <span className={cx(s.dim)}>{NOTHING}</span>
  return (
    <>
      <CopyText value={first} tabIndex={-1} />
      {rest.length > 0 ? (
        <span className={cx(s.dim, s.more)} title={rest.join('\n')}>
          {t('moreAddresses', { count: rest.length })}
        </span>
      ) : null}
    </>
  )
}
