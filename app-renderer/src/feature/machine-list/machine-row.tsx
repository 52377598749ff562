import type { DomainSummary } from '@vireo/app-main/contract'
import { memo } from 'react'
import { useConnection, useRunningStep } from '../../store/hooks.ts'
import { hypervisorName } from '../../store/hypervisor-name.ts'
import { Badge, cx, StatusMark, useStateWord } from '../../ui/index.ts'
import { AddressCell, CpuCell } from './cells.tsx'
import type { ColumnKey, ColumnSpec } from './columns.ts'
import { DiskCell, MemoryCell, OsCell } from './guest-cells.tsx'
import s from './machine-grid.module.css'
import { useText } from './text.ts'

interface MachineRowProps {
  columns: readonly ColumnSpec[]
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
      <span className={cx(s.words)}>
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
  const t = useText()
  const { connection: uri } = domain
  const host = useConnection(uri)?.host?.hostname
  return <Badge title={host ? t('hostTitle', { host, uri }) : uri}>{hypervisorName(domain)}</Badge>
}

interface CellProps {
  column: ColumnKey
  domain: DomainSummary
  stale: boolean
}

const Cell = ({ column, domain, stale }: CellProps) => {
  const live = domain.state === 'running' && !stale
  switch (column) {
    case 'name':
      return <NameCell domain={domain} stale={stale} />
    case 'os':
      return <OsCell domain={domain} />
    case 'cpu':
      return <CpuCell id={domain.id} live={live} />
    case 'memory':
      return <MemoryCell domain={domain} live={live} />
    case 'disk':
      return <DiskCell domain={domain} live={live} />
    case 'address':
      return <AddressCell domain={domain} />
    case 'host':
      return <HostCell domain={domain} />
  }
}

/** Paints only when its own machine, place, columns or marks change. */
export const MachineRow = memo((props: MachineRowProps) => {
  const { domain, columns, rowId, index, top, current, marked, cursor, stale } = props
  const t = useText()
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
      {columns.map(({ key, cell }) => (
        <div
          key={key}
          role="gridcell"
          aria-colindex={cell}
          className={cx(s.cell, s[key], key === 'name' && s.nameCell)}
        >
          <Cell column={key} domain={domain} stale={stale} />
        </div>
      ))}
    </div>
  )
})
