import type { DomainSummary } from '@vireo/app-main/contract'
import { useCallback, useEffect, useRef, useState } from 'react'
import { useClient } from '../../store/hooks.ts'
import { appErrorOf } from '../../store/app-error.ts'
import { EmptyState, showToast } from '../../ui/index.ts'
import { CommandLine } from './command-line.tsx'
import { type Asked, type CommandRun, runCommand } from './command-run.ts'
import { LoginDialog } from './login-dialog.tsx'
import { RunOutput } from './run-output.tsx'
import s from './guest-run.module.css'
import { text, useText } from './text.ts'

/** Older ones scroll out for good. */
const MOST_RUNS = 50

/** Runs commands in the guest and shows what they say. */
export const RunPane = ({ domain }: { domain: DomainSummary }) => {
  const t = useText()
  const { runs, run, clear } = useRuns(domain)
  const login = useLogin(domain)
  const [asked, setAsked] = useState<CommandRun | null>(null)
  const end = useRef<HTMLDivElement>(null)
  // A block: Chromium answers with a promise here, which React would take for a clean-up.
  useEffect(() => {
    end.current?.scrollIntoView({ block: 'nearest' })
  }, [runs.length])
  if (domain.state !== 'running' && runs.length === 0)
    return (
      <EmptyState icon="power" title={t('offTitle')}>
        <p>{t('offBody')}</p>
      </EmptyState>
    )
  return (
    <div className={s.pane}>
      <div className={s.runs} role="log" aria-label={t('region', { name: domain.name })} tabIndex={0}>
        {runs.length === 0 ? (
          <EmptyState icon="term" title={t('emptyTitle')}>
            <p>{t('emptyBody')}</p>
          </EmptyState>
        ) : null}
        {runs.map(one => (
          <RunOutput key={one.key} run={one} onAgain={() => run(one)} onLogin={() => setAsked(one)} />
        ))}
        <div ref={end} />
      </div>
      <CommandLine
        onRun={run}
        onClear={runs.length > 0 ? clear : null}
        loginUser={login.user}
        onForget={() => void login.forget()}
      />
      {asked ? (
        <LoginDialog
          domain={domain}
          onClose={() => setAsked(null)}
          onDone={() => {
            setAsked(null)
            login.refresh()
            run(asked)
          }}
        />
      ) : null}
    </div>
  )
}

/** Who logs in on this machine's serial line, if anybody may; a login that failed is forgotten. */
const useLogin = ({ id }: DomainSummary) => {
  const client = useClient()
  const [user, setUser] = useState<string | null>(null)
  const refresh = useCallback(() => {
    // It only offers to forget; whoever cannot be asked has nothing to forget.
    client.guest.login({ id }).then(
      known => setUser(known.user),
      () => setUser(null),
    )
  }, [client, id])
  useEffect(refresh, [refresh])
  const forget = async (): Promise<void> => {
    try {
      await client.guest.forgetLogin({ id })
      showToast({ tone: 'done', title: text('forgotten') })
    } catch (thrown) {
      showToast({ tone: 'fail', title: appErrorOf(thrown).message })
    }
    refresh()
  }
  return { user, refresh, forget }
}

const useRuns = ({ id }: DomainSummary) => {
  const client = useClient()
  const [runs, setRuns] = useState<readonly CommandRun[]>([])
  const all = useRef(runs)
  const show = useCallback((next: readonly CommandRun[]) => {
    all.current = next
    setRuns(next)
  }, [])
  const run = useCallback(
    ({ command, user, method }: Asked) => {
      const started = runCommand(input => client.guest.exec(input), { id, command, user, method })
      show([...all.current, started].slice(-MOST_RUNS))
    },
    [client, id, show],
  )
  const clear = useCallback(() => show(all.current.filter(one => !one.state.getState().done)), [show])
  // Nobody could see or stop what would go on.
  useEffect(
    () => () => {
      for (const one of all.current) one.cancel()
    },
    [],
  )
  return { runs, run, clear }
}
