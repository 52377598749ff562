import type { DomainSummary } from '@vireo/app-main/contract'
import { type ReactNode, useEffect, useRef, useState } from 'react'
import { ConsoleArea } from '../console/console-area.tsx'
import { takeFocus } from '../console/take-focus.ts'
import c from '../console/console.module.css'
import type { KeeperState } from '../console/stream-keeper.ts'
import { askLink } from './ask-link.ts'
import { FindBar } from './find-bar.tsx'
import type { SerialSession, SerialSource } from './serial-session.ts'
import { SerialToolbar } from './serial-toolbar.tsx'
import s from './serial.module.css'
import { copySelection, pasteInto } from './terminal-clipboard.ts'
import { useTerminal } from './use-terminal.ts'

/** What is known of the line behind a terminal. */
export interface LineState {
  readonly state: KeeperState
  /** It is open but says nothing. */
  readonly silent: boolean
  readonly session: SerialSession | null
}

interface TerminalConsoleProps {
  domain: DomainSummary
  /** The same object for as long as it is the same line. */
  source: SerialSource
  alive: boolean
  shown: boolean
  /** Opens nothing while nobody looks. */
  restsUnseen?: boolean
  /** Names of the terminal and of its controls, for screen readers. */
  label: string
  toolbarLabel: string
  /** First in the toolbar. */
  start: ReactNode
  /** Between toolbar and terminal. */
  above?: (line: LineState) => ReactNode
  /** Over the terminal, while nothing can be shown there. */
  cover: (line: LineState) => ReactNode
}

/** Keys that terminals keep: a serial line cannot carry Shift with a control character anyway. */
const ownKey = (event: KeyboardEvent): 'find' | 'copy' | 'paste' | null => {
  if (!event.ctrlKey || !event.shiftKey || event.altKey || event.metaKey) return null
  switch (event.code) {
    case 'KeyF':
      return 'find'
    case 'KeyC':
      return 'copy'
    case 'KeyV':
      return 'paste'
    default:
      return null
  }
}

/** A terminal with its controls, whatever line is behind it. */
export const TerminalConsole = (props: TerminalConsoleProps) => {
  const { domain, source, alive, shown, restsUnseen = false, label, toolbarLabel, start, above, cover } = props
  const toolbar = useRef<HTMLDivElement>(null)
  const element = useRef<HTMLDivElement>(null)
  const [finding, setFinding] = useState(false)
  const [matches, setMatches] = useState({ at: 0, count: 0 })
  const { line, state, silent } = useTerminal({ source, alive, resting: restsUnseen && !shown }, element, {
    onLink: url => void askLink(url),
    onMatches: setMatches,
    onKey: event => {
      const key = ownKey(event)
      if (key === null) return false
      event.preventDefault()
      if (event.type !== 'keydown' || !line) return true
      if (key === 'find') setFinding(true)
      else if (key === 'copy') void copySelection(line.view)
      else void pasteInto(line.view)
      return true
    },
  })
  const view = line?.view ?? null
  const open = state.kind === 'open'

  useEffect(() => {
    if (!shown || !view) return undefined
    view.fit()
    // Whoever opens a console wants to type there; a person who is typing elsewhere is left alone.
    return open ? takeFocus(() => view.terminal.focus()) : undefined
  }, [shown, open, view])
  useEffect(() => (shown ? undefined : view?.setFocused(false)), [shown, view])

  const closeFind = (): void => {
    setFinding(false)
    view?.endFind()
    view?.terminal.focus()
  }
  const known = { state, silent, session: line?.session ?? null }
  return (
    <div className={c.console}>
      <SerialToolbar
        ref={toolbar}
        label={toolbarLabel}
        domain={domain}
        view={view}
        choice={start}
        finding={finding}
        onFind={() => (finding ? closeFind() : setFinding(true))}
      />
      {finding && view ? <FindBar view={view} matches={matches} onClose={closeFind} /> : null}
      {above?.(known)}
      <div className={c.stage}>
        <ConsoleArea label={label} releaseTo={toolbar}>
          <div className={s.frame}>
            <div
              ref={element}
              className={s.terminal}
              dir="ltr"
              data-console-input
              onFocus={() => view?.setFocused(true)}
              onBlur={() => view?.setFocused(false)}
            />
          </div>
        </ConsoleArea>
        {cover(known)}
      </div>
    </div>
  )
}
