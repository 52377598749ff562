import type { GuestEntry } from '@vireo/app-main/contract'
import { useVirtualizer } from '@tanstack/react-virtual'
import { type KeyboardEvent, type MouseEvent, useEffect, useId, useMemo, useRef } from 'react'
import { cx } from '../../ui/index.ts'
import { findTyped, gridCommand } from '../machine-list/grid-keys.ts'
import type { Sorting } from './arrange.ts'
import { FileHeads, FileRow } from './file-row.tsx'
import s from './guest-files.module.css'
import { everything, NOTHING, only, rangeTo, type Selection, toggled } from './selection.ts'

/** Typed letters belong together for so long, in milliseconds. */
const TYPING_MS = 700

export interface MenuAt {
  readonly x: number
  readonly y: number
  readonly byKeyboard: boolean
}

interface FileGridProps {
  /** For people. */
  label: string
  rows: readonly GuestEntry[]
  sorting: Sorting
  onSort: (sorting: Sorting) => void
  selection: Selection
  onSelect: (selection: Selection) => void
  onOpen: (entry: GuestEntry) => void
  onUp: () => void
  onDelete: () => void
  onMenu: (at: MenuAt) => void
}

/** The design's height of a line, in pixels. */
const rowHeight = (): number =>
  Number.parseFloat(getComputedStyle(document.documentElement).getPropertyValue('--control')) || 30

const indexOf = (target: EventTarget): number => {
  const row = target instanceof Element ? target.closest<HTMLElement>('[data-index]') : null
  return row ? Number(row.dataset['index']) : -1
}

/** Entries of a folder; draws those in sight only. */
export const FileGrid = (props: FileGridProps) => {
  const { label, rows, sorting, onSort, selection, onSelect } = props
  const gridId = useId()
  const scroller = useRef<HTMLDivElement>(null)
  const height = useMemo(rowHeight, [])
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => height,
    overscan: 8,
    scrollPaddingStart: height,
  })
  const order = useMemo(() => rows.map(({ name }) => name), [rows])
  const at = selection.cursor === null ? -1 : order.indexOf(selection.cursor)
  const onKeyDown = useGridKeys(props, order, at, index => virtualizer.scrollToIndex(index), gridId)
  // Another folder begins at its top.
  // A block: Chromium answers with a promise here, which React would take for a clean-up.
  useEffect(() => {
    scroller.current?.scrollTo(0, 0)
  }, [label])
  const click = (event: MouseEvent): void => {
    const name = order[indexOf(event.target)]
    if (name === undefined) return
    if (event.shiftKey) onSelect(rangeTo(selection, order, name))
    else onSelect(event.ctrlKey || event.metaKey ? toggled(selection, name) : only(name))
  }
  const openMenu = (event: MouseEvent): void => {
    const name = order[indexOf(event.target)]
    if (name === undefined) return
    event.preventDefault()
    if (!selection.names.has(name)) onSelect(only(name))
    props.onMenu({ x: event.clientX, y: event.clientY, byKeyboard: false })
  }
  return (
    <div
      ref={scroller}
      role="grid"
      tabIndex={0}
      aria-label={label}
      aria-multiselectable
      aria-rowcount={rows.length + 1}
      aria-colcount={5}
      {...(at >= 0 ? { 'aria-activedescendant': `${gridId}-${at}` } : {})}
      className={cx(s.grid)}
      onKeyDown={onKeyDown}
      onClick={click}
      onDoubleClick={event => {
        const entry = rows[indexOf(event.target)]
        if (entry) props.onOpen(entry)
      }}
      onContextMenu={openMenu}
    >
      <FileHeads sorting={sorting} onSort={onSort} />
      <div role="rowgroup" className={s.rows} style={{ blockSize: virtualizer.getTotalSize() }}>
        {virtualizer.getVirtualItems().map(item => {
          const entry = rows[item.index]
          return entry ? (
            <FileRow
              key={item.key}
              rowId={`${gridId}-${item.index}`}
              entry={entry}
              index={item.index}
              top={item.start}
              chosen={selection.names.has(entry.name)}
              cursor={item.index === at}
            />
          ) : null
        })}
      </div>
    </div>
  )
}

/** Collects letters into a beginning that is forgotten after a pause. */
const useTyped = (): ((letter: string) => string) => {
  const typed = useRef({ text: '', at: 0 })
  return letter => {
    const now = performance.now()
    const text = now - typed.current.at < TYPING_MS ? typed.current.text + letter : letter
    typed.current = { text, at: now }
    return text
  }
}

const useGridKeys = (
  { rows, selection, onSelect, onOpen, onUp, onDelete, onMenu }: FileGridProps,
  order: readonly string[],
  at: number,
  reveal: (index: number) => void,
  gridId: string,
) => {
  const typed = useTyped()
  const moveTo = (index: number, extend: boolean): boolean => {
    const name = order[index]
    if (name === undefined) return false
    onSelect(extend ? rangeTo(selection, order, name) : only(name))
    reveal(index)
    return true
  }
  const ofFolder = ({ key, altKey, ctrlKey, metaKey }: KeyboardEvent): boolean => {
    if (ctrlKey || metaKey) return false
    if ((key === 'Backspace' && !altKey) || (key === 'ArrowUp' && altKey)) onUp()
    else if (key === 'Delete' && !altKey && selection.names.size > 0) onDelete()
    else return false
    return true
  }
  const ofRow = (command: 'open' | 'toggle' | 'menu'): boolean => {
    const entry = rows[at]
    if (!entry) return false
    if (command === 'open') onOpen(entry)
    else if (command === 'toggle') onSelect(toggled(selection, entry.name))
    else {
      const box = document.getElementById(`${gridId}-${at}`)?.getBoundingClientRect()
      if (box) onMenu({ x: box.left + box.height, y: box.top + box.height / 2, byKeyboard: true })
    }
    return true
  }
  const ofGrid = (event: KeyboardEvent): boolean => {
    const shown = Math.floor((event.currentTarget.clientHeight || 0) / rowHeight()) - 2
    const command = gridCommand(event, at, order.length, Math.max(1, shown))
    if (command?.do === 'move') return moveTo(command.to, command.extend)
    if (command?.do === 'type') return moveTo(findTyped(order, typed(command.letter), at), false)
    if (command?.do === 'mark-all') onSelect(everything(selection, order))
    else if (command?.do === 'escape') {
      if (selection.names.size === 0) return false
      onSelect(NOTHING)
    } else if (command) return ofRow(command.do)
    else return false
    return true
  }
  return (event: KeyboardEvent): void => {
    // Keys in the heads' own buttons are theirs.
    if (event.target !== event.currentTarget || !(ofFolder(event) || ofGrid(event))) return
    event.preventDefault()
    event.stopPropagation()
  }
}
