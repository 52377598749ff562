import type { DomainSummary } from '@vireo/app-main/contract'
import { memo } from 'react'
import { useConnection, useRunningStep } from '../../store/hooks.ts'
import { Badge, cx, StatusMark, useStateWord } from '../../ui/index.ts'
import { AddressCell, CpuCell, MemoryCell } from './cells.tsx'
import { kindWord } from './kind-word.ts'
import s from './machine-grid.module.css'
import { useText } from './text.ts'

interface MachineRowProps {
  domain: DomainSummary
  rowId: string
  /** Zero-based place in the list. */
  index: number
  top: number
  /** Shown in the detail panel. */
  current: boolean
  marked: boolean
  /** Where the keyboard is. */
  cursor: boolean
  stale: boolean
}

const NameCell = ({ domain, stale }: { domain: DomainSummary; stale: boolean }) => {
  const word = useStateWord()
  const t = useText()
  const step = useRunningStep(domain.id)
  const known = domain.reason ?? word(domain.state)
  const state = step ?? (stale ? t('stale', { state: known }) : known)
  return (
    <>
      <StatusMark state={domain.state} />
      <span className={cx(s.name)}>
        <b title={domain.title ?? domain.name} dir="auto">
          {domain.name}
        </b>
        <small title={state} dir="auto">
          {state}
        </small>
      </span>
    </>
  )
}

const HostCell = ({ domain }: { domain: DomainSummary }) => {
  const host = useConnection(domain.connection)?.host?.hostname
  return <Badge title={host ? `${host} · ${domain.connection}` : domain.connection}>{kindWord(domain.kind)}</Badge>
}

/** Paints only when its own machine, place or marks change. */
export const MachineRow = memo(({ domain, rowId, index, top, current, marked, cursor, stale }: MachineRowProps) => {
  const t = useText()
  const live = domain.state === 'running' && !stale
  return (
    <div
      id={rowId}
      role="row"
      data-id={domain.id}
      // The heading is row 1.
      aria-rowindex={index + 2}
      aria-selected={current || marked}
      className={cx(s.row, current && s.current, marked && s.marked, cursor && s.cursor, stale && s.stale)}
      style={{ transform: `translateY(${top}px)` }}
    >
      <div role="gridcell" aria-colindex={1} className={cx(s.cell, s.markCell)}>
        <input
          type="checkbox"
          className={cx(s.box)}
          tabIndex={-1}
          checked={marked}
          readOnly
          aria-label={t('mark', { name: domain.name })}
        />
      </div>
      <div role="gridcell" aria-colindex={2} className={cx(s.cell, s.nameCell)}>
        <NameCell domain={domain} stale={stale} />
      </div>
      <div role="gridcell" aria-colindex={3} className={cx(s.cell, s.osCell)}>
        <span className={cx(s.clip, !domain.guestOs && s.dim)} dir="auto">
          {domain.guestOs ?? t('unknownOs')}
        </span>
      </div>
      <div role="gridcell" aria-colindex={4} className={cx(s.cell, s.cpuCell)}>
        <CpuCell id={domain.id} live={live} />
      </div>
      <div role="gridcell" aria-colindex={5} className={cx(s.cell, s.memoryCell)}>
        <MemoryCell id={domain.id} live={live} total={domain.memoryBytes} />
      </div>
      <div role="gridcell" aria-colindex={6} className={cx(s.cell, s.addressCell)}>
        <AddressCell domain={domain} />
      </div>
      <div role="gridcell" aria-colindex={7} className={cx(s.cell, s.hostCell)}>
        <HostCell domain={domain} />
      </div>
    </div>
  )
})
