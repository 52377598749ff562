import type { DomainSummary } from '@vireo/app-main/contract'
import { type RefObject, useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react'
import { useSettings, useStores } from '../../store/hooks.ts'
import { isAlive } from '../console/alive.ts'
import type { KeeperState } from '../console/stream-keeper.ts'
import { SerialSession } from './serial-session.ts'
import { type TerminalHooks, TerminalView } from './terminal-view.ts'

export interface Serial {
  readonly state: KeeperState
  readonly session: SerialSession
  readonly view: TerminalView
}

const OFF: KeeperState = { kind: 'off' }
const nothing = (): (() => void) => () => {}

interface Line {
  domain: DomainSummary
  /** Which console, null for the first. */
  alias: string | null
}

/** A terminal inside `element`, joined to one serial line while the component is mounted. */
export const useSerial = (
  { domain, alias }: Line,
  element: RefObject<HTMLElement | null>,
  hooks: Omit<TerminalHooks, 'onInput'>,
): { serial: Serial | null; state: KeeperState; silent: boolean } => {
  const { client } = useStores()
  const { serialFontSize } = useSettings()
  const [serial, setSerial] = useState<Omit<Serial, 'state'> | null>(null)
  const latest = useRef({ hooks, serialFontSize })
  latest.current = { hooks, serialFontSize }
  const { id } = domain

  useEffect(() => {
    if (!element.current) return undefined
    const view = new TerminalView(element.current, latest.current.serialFontSize, {
      onInput: bytes => void session.send(bytes),
      onLink: url => latest.current.hooks.onLink(url),
      onMatches: matches => latest.current.hooks.onMatches(matches),
      onKey: event => latest.current.hooks.onKey(event),
    })
    const session: SerialSession = new SerialSession(
      { open: ({ takeOver }) => client.domain.serial({ id, takeOver, ...(alias === null ? {} : { alias }) }) },
      (bytes, parsed) => view.write(bytes, parsed),
    )
    const observer = new ResizeObserver(() => view.fit())
    observer.observe(element.current)
    setSerial({ session, view })
    return () => {
      observer.disconnect()
      session.dispose()
      view.dispose()
      setSerial(null)
    }
  }, [client, id, alias, element])

  const alive = isAlive(domain.state)
  useEffect(() => serial?.session.setAlive(alive), [serial, alive])
  useEffect(() => serial?.view.setFontSize(serialFontSize), [serial, serialFontSize])

  const subscribe = useMemo(() => (serial ? (heard: () => void) => serial.session.subscribe(heard) : nothing), [serial])
  const state = useSyncExternalStore(subscribe, () => serial?.session.state ?? OFF)
  const silent = useSyncExternalStore(subscribe, () => serial?.session.silent ?? false)
  return { serial: serial && { ...serial, state }, state, silent }
}
