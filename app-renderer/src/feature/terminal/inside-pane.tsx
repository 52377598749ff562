import type { DomainSummary } from '@vireo/app-main/contract'
import { useMemo } from 'react'
import { useClient } from '../../store/hooks.ts'
import { ConsoleNotice } from '../console/console-notice.tsx'
import { type LineState, TerminalConsole } from '../serial/terminal-console.tsx'
import { EndedBanner, hasEnded } from './terminal-notice.tsx'
import { TerminalSource } from './terminal-source.ts'
import s from './terminal.module.css'
import { useText } from './text.ts'

/** A shell in the machine that its hypervisor starts itself: nothing has to be set up for it. */
export const InsidePane = ({ domain, shown }: { domain: DomainSummary; shown: boolean }) => {
  const t = useText()
  const client = useClient()
  const { id, name } = domain
  const source = useMemo(() => new TerminalSource(client.lxd.terminal, id), [client, id])
  const above = ({ state, session }: LineState) =>
    hasEnded(state) ? <EndedBanner end={source.end} onAgain={() => session?.retry()} /> : null
  const cover = ({ state, session }: LineState) =>
    hasEnded(state) ? null : <ConsoleNotice domain={domain} state={state} onRetry={() => session?.retry()} />
  return (
    <TerminalConsole
      domain={domain}
      source={source}
      alive={domain.state === 'running'}
      shown={shown}
      restsUnseen
      label={t('console', { name })}
      toolbarLabel={t('toolbar')}
      start={
        <span className={s.where} dir="ltr" title={t('insideHint')}>
          {`root@${name}`}
        </span>
      }
      above={above}
      cover={cover}
    />
  )
}
