import type { DomainSummary } from '@vireo/app-main/contract'
import { useCallback, useEffect, useRef, useState } from 'react'
import { useClient } from '../../store/hooks.ts'
import { Button, EmptyState, Icon, TextField } from '../../ui/index.ts'
import { CommandHistory } from './command-history.ts'
import { type CommandRun, runCommand } from './command-run.ts'
import { RunOutput } from './run-output.tsx'
import s from './guest-run.module.css'
import { useText } from './text.ts'

/** Older ones scroll out for good. */
const MOST_RUNS = 50

/** Runs commands in the guest and shows what they say. */
export const RunPane = ({ domain }: { domain: DomainSummary }) => {
  const t = useText()
  const { runs, run, clear } = useRuns(domain)
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
          <RunOutput key={one.key} run={one} onAgain={() => run(one.command, one.user)} />
        ))}
        <div ref={end} />
      </div>
      <CommandLine onRun={run} onClear={runs.length > 0 ? clear : null} />
    </div>
  )
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
    (command: string, user: string) => {
      const started = runCommand(input => client.guest.exec(input), { id, command, user })
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

interface CommandLineProps {
  onRun: (command: string, user: string) => void
  onClear: (() => void) | null
}

const CommandLine = ({ onRun, onClear }: CommandLineProps) => {
  const t = useText()
  const [command, setCommand] = useState('')
  const [user, setUser] = useState('')
  const history = useRef<CommandHistory>(null)
  history.current ??= new CommandHistory()
  const known = history.current
  const submit = (): void => {
    if (command.trim() === '') return
    known.add(command)
    onRun(command, user.trim())
    setCommand('')
  }
  const onKeyDown = (event: React.KeyboardEvent<HTMLInputElement>): void => {
    if (event.key !== 'ArrowUp' && event.key !== 'ArrowDown') return
    event.preventDefault()
    setCommand(event.key === 'ArrowUp' ? known.older(command) : known.newer(command))
  }
  return (
    <form
      className={s.line}
      onSubmit={event => {
        event.preventDefault()
        submit()
      }}
    >
      <label className={s.prompt}>
        <Icon name="chevron" size={14} title={t('command')} />
        <input
          value={command}
          onChange={event => setCommand(event.target.value)}
          onKeyDown={onKeyDown}
          placeholder={t('command')}
          aria-label={t('command')}
          spellCheck="false"
          autoComplete="off"
          autoCapitalize="off"
          dir="ltr"
        />
      </label>
      <span className={s.user}>
        <TextField label={t('asUser')} value={user} onChange={setUser} placeholder={t('asUserHint')} labelHidden />
      </span>
      <Button type="submit" look="solid" icon="play">
        {t('run')}
      </Button>
      {onClear ? (
        <Button look="line" onPress={onClear}>
          {t('clear')}
        </Button>
      ) : null}
    </form>
  )
}
