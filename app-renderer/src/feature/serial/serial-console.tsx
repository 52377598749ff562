import type { DomainSummary } from '@vireo/app-main/contract'
import { type ReactNode, useEffect, useRef, useState } from 'react'
import { cx } from '../../ui/index.ts'
import { ConsoleArea } from '../console/console-area.tsx'
import { takeFocus } from '../console/take-focus.ts'
import { ConsoleNotice } from '../console/console-notice.tsx'
import c from '../console/console.module.css'
import { askLink } from './ask-link.ts'
import { FindBar } from './find-bar.tsx'
import { SerialToolbar } from './serial-toolbar.tsx'
import s from './serial.module.css'
import { useText } from './text.ts'
import { copySelection, pasteInto } from './terminal-clipboard.ts'
import { useSerial } from './use-serial.ts'

interface SerialConsoleProps {
  domain: DomainSummary
  alias: string | null
  shown: boolean
  /** Where the machine has several lines: which one. */
  choice: ReactNode
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

/** One serial line as a terminal. */
export const SerialConsole = ({ domain, alias, shown, choice }: SerialConsoleProps) => {
  const t = useText()
  const toolbar = useRef<HTMLDivElement>(null)
  const element = useRef<HTMLDivElement>(null)
  const [finding, setFinding] = useState(false)
  const [matches, setMatches] = useState({ at: 0, count: 0 })
  const { serial, state, silent } = useSerial({ domain, alias }, element, {
    onLink: url => void askLink(url),
    onMatches: setMatches,
    onKey: event => {
      const key = ownKey(event)
      if (key === null) return false
      event.preventDefault()
      if (event.type !== 'keydown' || !serial) return true
      if (key === 'find') setFinding(true)
      else if (key === 'copy') void copySelection(serial.view)
      else void pasteInto(serial.view)
      return true
    },
  })
  const view = serial?.view ?? null
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
  return (
    <div className={c.console}>
      <SerialToolbar
        ref={toolbar}
        domain={domain}
        view={view}
        choice={choice}
        finding={finding}
        onFind={() => (finding ? closeFind() : setFinding(true))}
      />
      {finding && view ? <FindBar view={view} matches={matches} onClose={closeFind} /> : null}
      <p className={s.wake} aria-live="polite">
        {silent && domain.state === 'running' ? t('wake') : null}
      </p>
      <div className={c.stage}>
        <ConsoleArea label={t('console', { name: domain.name })} releaseTo={toolbar}>
          <div className={cx(s.frame)}>
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
        <ConsoleNotice
          domain={domain}
          state={state}
          onRetry={() => serial?.session.retry()}
          onTakeOver={() => serial?.session.takeOver()}
        />
      </div>
    </div>
  )
}
