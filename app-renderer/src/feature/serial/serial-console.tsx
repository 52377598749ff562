import type { DomainSummary } from '@vireo/app-main/contract'
import { type ReactNode, useMemo } from 'react'
import { useClient } from '../../store/hooks.ts'
import { isAlive } from '../console/alive.ts'
import { ConsoleNotice } from '../console/console-notice.tsx'
import type { SerialSource } from './serial-session.ts'
import s from './serial.module.css'
import { TerminalConsole } from './terminal-console.tsx'
import { useText } from './text.ts'

interface SerialConsoleProps {
  domain: DomainSummary
  /** Which console, null for the first. */
  alias: string | null
  shown: boolean
  /** Where the machine has several lines: which one. */
  choice: ReactNode
}

/** One serial line as a terminal. */
export const SerialConsole = ({ domain, alias, shown, choice }: SerialConsoleProps) => {
  const t = useText()
  const client = useClient()
  const { id } = domain
  const source = useMemo<SerialSource>(
    () => ({
      open: ({ takeOver }) => client.domain.serial({ id, takeOver, ...(alias === null ? {} : { alias }) }),
    }),
    [client, id, alias],
  )
  return (
    <TerminalConsole
      domain={domain}
      source={source}
      alive={isAlive(domain.state)}
      shown={shown}
      label={t('console', { name: domain.name })}
      toolbarLabel={t('toolbar')}
      start={choice}
      above={({ silent }) => (
        <p className={s.wake} aria-live="polite">
          {silent && domain.state === 'running' ? t('wake') : null}
        </p>
      )}
      cover={({ state, session }) => (
        <ConsoleNotice
          domain={domain}
          state={state}
          onRetry={() => session?.retry()}
          onTakeOver={() => session?.takeOver()}
        />
      )}
    />
  )
}
