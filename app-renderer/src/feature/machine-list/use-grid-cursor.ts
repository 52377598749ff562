/** Keyboard cursor, marks and opening: what a person does to rows. */
import type { DomainId, DomainSummary } from '@vireo/app-main/contract'
import { type KeyboardEvent, useCallback, useEffect, useMemo, useRef } from 'react'
import { useRoute, useStores, useUi } from '../../store/hooks.ts'
import { findTyped, type GridCommand, gridCommand } from './grid-keys.ts'
import { markRange, toggleMark } from './marks.ts'

/** Typed letters belong together for so long, in milliseconds. */
const TYPING_MS = 700
/** The panel follows a held arrow key only when it rests. */
const FOLLOW_MS = 140

export interface GridCursor {
  readonly cursor: DomainId | null
  /** True when the key was used. */
  onKey(event: KeyboardEvent, page: number): boolean
  onClick(id: DomainId, how: { shift: boolean; toggle: boolean; box: boolean }): void
  onOpen(id: DomainId): void
}

interface CursorOptions {
  rows: readonly DomainSummary[]
  onReveal: (index: number) => void
  onMenu: (id: DomainId) => void
}

/** Collects letters into a prefix that is forgotten after a pause. */
const useTyped = (): ((letter: string) => string) => {
  const typed = useRef({ text: '', at: 0 })
  return useCallback(letter => {
    const now = performance.now()
    const text = now - typed.current.at < TYPING_MS ? typed.current.text + letter : letter
    typed.current = { text, at: now }
    return text
  }, [])
}

/** Shows a machine in the open panel once the cursor rests. */
const useFollow = (): ((id: DomainId) => void) => {
  const { ui } = useStores()
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  useEffect(() => () => clearTimeout(timer.current), [])
  return useCallback(
    id => {
      clearTimeout(timer.current)
      timer.current = setTimeout(() => {
        if (ui.state.getState().route.machine !== null) ui.go({ machine: id })
      }, FOLLOW_MS)
    },
    [ui],
  )
}

export const useGridCursor = ({ rows, onReveal, onMenu }: CursorOptions): GridCursor => {
  const { ui } = useStores()
  const route = useRoute()
  const marked = useUi(state => state.marked)
  const cursor = useUi(state => state.cursor) ?? route.machine
  const anchor = useRef<DomainId | null>(null)
  const typed = useTyped()
  const follow = useFollow()
  const order = useMemo(() => rows.map(row => row.id), [rows])

  const setCursor = (id: DomainId): void => ui.state.setState({ cursor: id })
  const setMarked = (marks: ReadonlySet<DomainId>): void => ui.state.setState({ marked: marks })
  const moveTo = (index: number, extend: boolean): void => {
    const id = order[index]
    if (!id) return
    if (extend) setMarked(markRange(marked, order, anchor.current ?? cursor ?? id, id))
    anchor.current = extend ? (anchor.current ?? cursor ?? id) : id
    setCursor(id)
    onReveal(index)
    follow(id)
  }
  const open = (id: DomainId): void => ui.go({ machine: id, wide: true })
  const leave = (): boolean => {
    if (marked.size > 0) setMarked(new Set())
    else if (route.machine) ui.go({ machine: null })
    else return false
    return true
  }
  const toggle = (id: DomainId): void => {
    anchor.current = id
    setMarked(toggleMark(marked, id))
  }

  const onRow = (command: 'open' | 'toggle' | 'menu', at: number): boolean => {
    if (cursor === null || at < 0) return false
    if (command === 'open') open(cursor)
    else if (command === 'toggle') toggle(cursor)
    else onMenu(cursor)
    return true
  }
  const run = (command: GridCommand, at: number): boolean => {
    switch (command.do) {
      case 'move':
        moveTo(command.to, command.extend)
        return true
      case 'type': {
        const names = rows.map(row => row.name)
        const found = findTyped(names, typed(command.letter), at)
        if (found >= 0) moveTo(found, false)
        return true
      }
      case 'mark-all':
        setMarked(new Set(order))
        return true
      case 'escape':
        return leave()
      default:
        return onRow(command.do, at)
    }
  }

  return {
    cursor,
    onKey(event, page) {
      const at = cursor === null ? -1 : order.indexOf(cursor)
      const command = gridCommand(event, at, order.length, page)
      return command !== null && run(command, at)
    },
    onClick(id, how) {
      setCursor(id)
      if (how.shift) setMarked(markRange(marked, order, anchor.current ?? cursor, id))
      else if (how.toggle || how.box) toggle(id)
      else {
        anchor.current = id
        ui.go({ machine: id })
      }
    },
    onOpen: open,
  }
}
