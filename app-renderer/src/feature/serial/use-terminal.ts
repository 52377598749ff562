import { type RefObject, useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react'
import { useSettings } from '../../store/hooks.ts'
import type { KeeperState } from '../console/stream-keeper.ts'
import { SerialSession, type SerialSource } from './serial-session.ts'
import { type TerminalHooks, TerminalView } from './terminal-view.ts'

/** A terminal and the line behind it. */
export interface TerminalLine {
  readonly session: SerialSession
  readonly view: TerminalView
}

const OFF: KeeperState = { kind: 'off' }
const nothing = (): (() => void) => () => {}

/**
 * A terminal inside `element`, joined to what `source` opens while the component is mounted and `alive`; while `resting` what is open
 * stays so, but nothing is opened.
 */
export const useTerminal = (
  { source, alive, resting }: { source: SerialSource; alive: boolean; resting: boolean },
  element: RefObject<HTMLElement | null>,
  hooks: Omit<TerminalHooks, 'onInput'>,
): { line: TerminalLine | null; state: KeeperState; silent: boolean } => {
  const { serialFontSize } = useSettings()
  const [line, setLine] = useState<TerminalLine | null>(null)
  const latest = useRef({ hooks, serialFontSize })
  latest.current = { hooks, serialFontSize }

  useEffect(() => {
    if (!element.current) return undefined
    const view = new TerminalView(element.current, latest.current.serialFontSize, {
      onInput: bytes => void session.send(bytes),
      onLink: url => latest.current.hooks.onLink(url),
      onMatches: matches => latest.current.hooks.onMatches(matches),
      onKey: event => latest.current.hooks.onKey(event),
    })
    const session: SerialSession = new SerialSession(source, (bytes, parsed) => view.write(bytes, parsed))
    const { terminal } = view
    source.resized?.(terminal.cols, terminal.rows)
    terminal.onResize(({ cols, rows }) => source.resized?.(cols, rows))
    const observer = new ResizeObserver(() => view.fit())
    observer.observe(element.current)
    setLine({ session, view })
    return () => {
      observer.disconnect()
      session.dispose()
      view.dispose()
      setLine(null)
    }
  }, [source, element])

  useEffect(() => line?.view.setFontSize(serialFontSize), [line, serialFontSize])

  const subscribe = useMemo(() => (line ? (heard: () => void) => line.session.subscribe(heard) : nothing), [line])
  const state = useSyncExternalStore(subscribe, () => line?.session.state ?? OFF)
  const silent = useSyncExternalStore(subscribe, () => line?.session.silent ?? false)
  const wanted = alive && (!resting || state.kind === 'open' || state.kind === 'failed')
  useEffect(() => line?.session.setAlive(wanted), [line, wanted])
  return { line, state, silent }
}
