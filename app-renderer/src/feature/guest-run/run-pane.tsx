import type { DomainSummary } from '@vireo/app-main/contract'
import { useCallback, useEffect, useRef, useState } from 'react'
import { appErrorOf } from '../../store/app-error.ts'
import { useClient, useConnection } from '../../store/hooks.ts'
import { EmptyState, showToast } from '../../ui/index.ts'
import { GuestAsleep, GuestLocked } from '../guest/guest-notice.tsx'
import { CommandLine } from './command-line.tsx'
import { type Asked, type CommandRun, runCommand } from './command-run.ts'
import { LoginDialog } from './login-dialog.tsx'
import { RunOutput } from './run-output.tsx'
import s from './guest-run.module.css'
import { text, useText } from './text.ts'
import { useFollowedEnd } from './use-followed-end.ts'

/** Older ones scroll out for good. */
const MOST_RUNS = 50

/** Runs commands in the guest and shows what they say. */
export const RunPane = ({ domain }: { domain: DomainSummary }) => {
  const t = useText()
  const { runs, run, clear } = useRuns(domain)
  const login = useLogin(domain)
  const [asked, setAsked] = useState<CommandRun | null>(null)
  const locked = useConnection(domain.connection)?.readOnly === true
  if (runs.length === 0 && domain.state !== 'running') return <GuestAsleep domain={domain}>{t('offBody')}</GuestAsleep>
  if (runs.length === 0 && locked) return <GuestLocked domain={domain} />
  return (
    <div className={s.pane}>
      <RunList label={t('region', { name: domain.name })} runs={runs} onRun={run} onLogin={setAsked} />
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

interface RunListProps {
  label: string
  runs: readonly CommandRun[]
  onRun: (asked: Asked) => void
  onLogin: (run: CommandRun) => void
}

const RunList = ({ label, runs, onRun, onLogin }: RunListProps) => {
  const t = useText()
  const list = useFollowedEnd<HTMLDivElement>()
  const latest = runs.at(-1)?.key
  // What was just asked for is looked at, wherever one was reading.
  useEffect(() => {
    if (latest !== undefined) list.current?.scrollTo(0, list.current.scrollHeight)
  }, [list, latest])
  return (
    <div ref={list} className={s.runs} role="log" aria-label={label} tabIndex={0}>
      {runs.length === 0 ? (
        <EmptyState icon="term" title={t('emptyTitle')}>
          <p>{t('emptyBody')}</p>
        </EmptyState>
      ) : null}
      {runs.map(one => (
        <RunOutput
          key={one.key}
          run={one}
          onAgain={method => onRun(method === undefined ? one : { ...one, method })}
          onLogin={() => onLogin(one)}
        />
      ))}
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
