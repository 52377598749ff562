import type { ConnectionUri, DomainId, DomainSummary } from '@vireo/app-main/contract'
import { useVirtualizer, type Virtualizer } from '@tanstack/react-virtual'
import { type KeyboardEvent, type MouseEvent, useId, useMemo, useRef, useState } from 'react'
import { useConnections, useDomain, useOnline, useRoute, useStores, useUi } from '../../store/hooks.ts'
import { ContextMenu, cx } from '../../ui/index.ts'
import { domainMenu } from '../action/domain-menu.ts'
import { COLUMNS, type ColumnSpec } from './columns.ts'
import { GridHeads } from './grid-heads.tsx'
import s from './machine-grid.module.css'
import { MachineRow } from './machine-row.tsx'
import { useText } from './text.ts'
import { useColumns } from './use-columns.ts'
import { type GridCursor, useGridCursor } from './use-grid-cursor.ts'
import { useMeasureShown } from './use-measure-shown.ts'

interface MenuAt {
  id: DomainId
  byKeyboard: boolean
  x: number
  y: number
}

/** The design's row height, in pixels. */
const rowHeight = (): number =>
  Number.parseFloat(getComputedStyle(document.documentElement).getPropertyValue('--row')) || 44

/** Connections whose machines are as shown; the others show their last known state. */
const useLiveConnections = (): ReadonlySet<ConnectionUri> => {
  const connections = useConnections()
  const online = useOnline()
  return useMemo(() => {
    const live = [...connections.values()].filter(connection => online && connection.state === 'ready')
    return new Set(live.map(connection => connection.uri))
  }, [connections, online])
}

const idOf = (target: EventTarget): DomainId | null =>
  target instanceof Element ? ((target.closest<HTMLElement>('[data-id]')?.dataset.id ?? null) as DomainId | null) : null

const clickRow = (event: MouseEvent, cursor: GridCursor): void => {
  const id = idOf(event.target)
  if (!id) return
  const box = event.target instanceof HTMLInputElement
  cursor.onClick(id, { shift: event.shiftKey, toggle: event.ctrlKey || event.metaKey, box })
}

const useGridVirtualizer = (rows: readonly DomainSummary[], scroller: React.RefObject<HTMLDivElement | null>) => {
  const height = useMemo(rowHeight, [])
  return useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => height,
    getItemKey: index => rows[index]?.id ?? index,
    overscan: 6,
    // The sticky heading hides the first of them.
    scrollPaddingStart: height,
  })
}

const pageOf = (virtualizer: Virtualizer<HTMLDivElement, Element>): number =>
  Math.max(1, Math.floor((virtualizer.scrollRect?.height ?? 0) / (virtualizer.getVirtualItems()[0]?.size ?? 44)) - 2)

interface RowsProps {
  columns: readonly ColumnSpec[]
  rows: readonly DomainSummary[]
  virtualizer: Virtualizer<HTMLDivElement, Element>
  gridId: string
  cursor: DomainId | null
}

/** The rows near the part that shows. */
const Rows = ({ columns, rows, virtualizer, gridId, cursor }: RowsProps) => {
  const live = useLiveConnections()
  const current = useRoute().machine
  const marked = useUi(state => state.marked)
  const items = virtualizer.getVirtualItems()
  const { startIndex = 0, endIndex = -1 } = virtualizer.range ?? {}
  useMeasureShown(rows.slice(Math.max(0, startIndex), endIndex + 1), columns)
  return (
    <div role="rowgroup" className={cx(s.rows)} style={{ blockSize: virtualizer.getTotalSize() }}>
      {items.map(item => {
        const domain = rows[item.index]
        return domain ? (
          <MachineRow
            key={item.key}
            rowId={`${gridId}-${domain.id}`}
            domain={domain}
            columns={columns}
            index={item.index}
            top={item.start}
            current={domain.id === current}
            marked={marked.has(domain.id)}
            cursor={domain.id === cursor}
            stale={domain.stale || !live.has(domain.connection)}
          />
        ) : null
      })}
    </div>
  )
}

const Heads = ({ rows, columns }: { rows: readonly DomainSummary[]; columns: readonly ColumnSpec[] }) => {
  const { ui } = useStores()
  const sort = useUi(state => state.sort)
  const marked = useUi(state => state.marked.size)
  return (
    <GridHeads
      columns={columns}
      sort={sort}
      onSort={next => ui.state.setState({ sort: next })}
      marked={marked}
      shown={rows.length}
      onMarkAll={on => ui.state.setState({ marked: new Set(on ? rows.map(row => row.id) : []) })}
    />
  )
}

const RowMenu = ({ at, onClose }: { at: MenuAt; onClose: () => void }) => {
  const stores = useStores()
  const t = useText()
  const domain = useDomain(at.id)
  if (!domain) return null
  const label = t('actionsOf', { name: domain.name })
  return (
    <ContextMenu
      label={label}
      entries={domainMenu(stores, domain)}
      at={at}
      byKeyboard={at.byKeyboard}
      onClose={onClose}
    />
  )
}

/** What the mouse does to rows; keys are the cursor's. */
const mouseHandlers = (cursor: GridCursor, openMenu: (menu: MenuAt) => void) => ({
  onClick: (event: MouseEvent) => clickRow(event, cursor),
  onDoubleClick: (event: MouseEvent) => {
    const id = idOf(event.target)
    if (id && !(event.target instanceof HTMLInputElement)) cursor.onOpen(id)
  },
  onContextMenu: (event: MouseEvent) => {
    const id = idOf(event.target)
    if (!id) return
    event.preventDefault()
    openMenu({ id, byKeyboard: false, x: event.clientX, y: event.clientY })
  },
})

export const MachineGrid = ({ rows }: { rows: readonly DomainSummary[] }) => {
  const t = useText()
  const scroller = useRef<HTMLDivElement>(null)
  const [menu, setMenu] = useState<MenuAt | null>(null)
  const gridId = useId()
  const virtualizer = useGridVirtualizer(rows, scroller)
  const columns = useColumns(scroller)
  const marking = useUi(state => state.marked.size > 0)
  const menuOf = (id: DomainId): void => {
    const box = document.getElementById(`${gridId}-${id}`)?.getBoundingClientRect()
    if (box) setMenu({ id, byKeyboard: true, x: box.left + box.height, y: box.top + box.height / 2 })
  }
  const cursor = useGridCursor({ rows, onReveal: index => virtualizer.scrollToIndex(index), onMenu: menuOf })
  const active = rows.some(row => row.id === cursor.cursor) ? cursor.cursor : null
  const onKeyDown = (event: KeyboardEvent): void => {
    // Keys in the heading's own buttons and the check boxes are theirs, but for the one that unmarks.
    const ours = event.target === event.currentTarget || event.key === 'Escape'
    if (!ours || !cursor.onKey(event, pageOf(virtualizer))) return
    event.preventDefault()
    event.stopPropagation()
  }
  return (
    <>
      <div
        ref={scroller}
        role="grid"
        tabIndex={0}
        data-machine-grid
        aria-label={t('grid')}
        aria-multiselectable
        aria-rowcount={rows.length + 1}
        aria-colcount={COLUMNS.length + 1}
        {...(active ? { 'aria-activedescendant': `${gridId}-${active}` } : {})}
        className={cx(s.grid, marking && s.marking)}
        onKeyDown={onKeyDown}
        {...mouseHandlers(cursor, setMenu)}
      >
        <Heads rows={rows} columns={columns} />
        <Rows columns={columns} rows={rows} virtualizer={virtualizer} gridId={gridId} cursor={cursor.cursor} />
      </div>
      {menu ? <RowMenu at={menu} onClose={() => setMenu(null)} /> : null}
    </>
  )
}
