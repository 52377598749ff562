import type { GuestEntry } from '@vireo/app-main/contract'
import { memo } from 'react'
import { type Format, useFormat } from '../../i18n/format.ts'
import { cx, Icon, type IconName } from '../../ui/index.ts'
import { COLUMNS, type ColumnId, modeText, nextSorting, type Sorting } from './arrange.ts'
import s from './guest-files.module.css'
import { visibleName, visiblePath } from './safe-name.ts'
import { useText } from './text.ts'

const ICONS: Readonly<Record<GuestEntry['type'], IconName>> = {
  file: 'file',
  directory: 'folder',
  link: 'link',
  other: 'question',
}

const CELLS: Readonly<Record<ColumnId, string | undefined>> = {
  name: s.nameCell,
  size: s.sizeCell,
  modified: s.timeCell,
  owner: s.ownerCell,
  mode: s.modeCell,
}

export const FileHeads = ({ sorting, onSort }: { sorting: Sorting; onSort: (sorting: Sorting) => void }) => {
  const t = useText()
  return (
    <div role="row" aria-rowindex={1} className={cx(s.heads)}>
      {COLUMNS.map((column, at) => {
        const sorted = sorting.column === column
        return (
          <div
            key={column}
            role="columnheader"
            aria-colindex={at + 1}
            aria-sort={sorted ? (sorting.down ? 'descending' : 'ascending') : 'none'}
            className={cx(s.head, CELLS[column])}
          >
            <button type="button" onClick={() => onSort(nextSorting(sorting, column))}>
              {t(`col.${column}`)}
              {sorted ? <Icon name={sorting.down ? 'down' : 'up'} size={10} /> : null}
            </button>
          </div>
        )
      })}
    </div>
  )
}

/** A guest may claim any number. */
const sizeText = ({ type, sizeBytes }: GuestEntry, format: Format): string =>
  type === 'file' && sizeBytes >= 0 ? format.bytes(sizeBytes) : ''

/** Beyond that JavaScript has no dates. */
const LAST_MS = 8.64e15
const timeText = ({ modifiedAt }: GuestEntry, format: Format): string =>
  modifiedAt === null || Math.abs(modifiedAt) > LAST_MS ? '' : format.time(modifiedAt)

interface FileRowProps {
  entry: GuestEntry
  rowId: string
  /** Zero-based place in the list. */
  index: number
  top: number
  chosen: boolean
  cursor: boolean
}

/** Paints only when its own entry, place or marks change. */
export const FileRow = memo(({ entry, rowId, index, top, chosen, cursor }: FileRowProps) => {
  const t = useText()
  const format = useFormat()
  const name = visibleName(entry.name)
  const target = entry.linkTarget === null ? null : visiblePath(entry.linkTarget)
  return (
    <div
      id={rowId}
      role="row"
      data-index={index}
      // The heading is row 1.
      aria-rowindex={index + 2}
      aria-selected={chosen}
      className={cx(s.row, chosen && s.chosen, cursor && s.cursor)}
      style={{ transform: `translateY(${top}px)` }}
    >
      <div role="gridcell" aria-colindex={1} className={cx(s.cell, s.nameCell)}>
        <Icon name={ICONS[entry.type]} title={t(`type.${entry.type}`)} />
        <bdi className={s.clip} title={target === null ? name : `${name} → ${target}`}>
          {name}
        </bdi>
        {target === null ? null : <span className="visually-hidden">{t('leadsTo', { target })}</span>}
      </div>
      <div role="gridcell" aria-colindex={2} className={cx(s.cell, s.sizeCell)}>
        {sizeText(entry, format)}
      </div>
      <div role="gridcell" aria-colindex={3} className={cx(s.cell, s.timeCell)}>
        {timeText(entry, format)}
      </div>
      <div role="gridcell" aria-colindex={4} className={cx(s.cell, s.ownerCell)}>
        <bdi className={s.clip}>{visibleName([entry.owner, entry.group].filter(Boolean).join(':'))}</bdi>
      </div>
      <div role="gridcell" aria-colindex={5} className={cx(s.cell, s.modeCell)}>
        {modeText(entry)}
      </div>
    </div>
  )
})
