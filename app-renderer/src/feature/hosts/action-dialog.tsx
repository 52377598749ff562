import type { AppError, HostLog, HostPlan } from '@vireo/app-main/contract'
import { useEffect, useRef } from 'react'
import type { AskedAction } from '../../store/host.ts'
import { useOnline, useStores } from '../../store/hooks.ts'
import { Button, CopyText, cx, Dialog, Icon, Spinner } from '../../ui/index.ts'
import { hypervisorTitle } from '../host-action/hypervisor-title.ts'
import { useText as useActionText } from '../host-action/text.ts'
import { CommandLog } from './command-log.tsx'
import { errorWords } from './error-words.ts'
import s from './hosts.module.css'
import { useSay, useText } from './text.ts'
import { useAction } from './use-action.ts'

const Trouble = ({ title, error }: { title: string; error: AppError }) => (
  <div role="alert" className={cx(s.trouble, 'selectable')}>
    <Icon name="warn" />
    <div>
      <b>{title}</b> <bdi>{errorWords(error)}</bdi>
    </div>
  </div>
)

const Commands = ({ commands }: { commands: readonly string[] }) => (
  <ol className={cx(s.commands)}>
    {commands.map((command, at) => (
      <li key={at}>
        <CopyText value={command} block />
      </li>
    ))}
  </ol>
)

/** What will run, how it gets its rights, what follows from it and what would take it back. */
const PlanPart = ({ plan }: { plan: HostPlan }) => {
  const t = useText()
  const say = useSay()
  const { commands, elevation, notes, refusal, undo, undo_commands } = plan
  return (
    <>
      {refusal ? <Trouble title={t('refused')} error={refusal} /> : null}
      {commands.length > 0 ? (
        <section className={cx(s.part)}>
          <h3>{t('commands')}</h3>
          <p>{refusal?.kind === 'permission' ? t('byHandRun') : t(`run.${elevation}`)}</p>
          <Commands commands={commands} />
        </section>
      ) : null}
      {notes.map(note => (
        <p key={note.key} className={cx(s.note)}>
          <Icon name="info" size={14} />
          <span>{say(note)}</span>
        </p>
      ))}
      {undo || commands.length === 0 ? null : undo_commands.length > 0 ? (
        <details className={cx(s.undo)}>
          <summary>{t('undoCommands')}</summary>
          <Commands commands={undo_commands} />
        </details>
      ) : (
        <p className={cx(s.dim)}>{t('noUndo')}</p>
      )}
    </>
  )
}

const Outcome = ({ log, relooking }: { log: HostLog; relooking: boolean }) => {
  const t = useText()
  const name = { action: useActionText()(log.action) }
  const { state, error, undo } = log
  if (state === 'failed')
    return (
      <Trouble
        title={t(undo ? 'undoFailed' : 'actionFailed', name)}
        error={error ?? { kind: 'internal', message: '' }}
      />
    )
  return (
    <p className={cx(s.outcome, s[`outcome-${state}`])} role="status">
      {state === 'running' || relooking ? <Spinner /> : <Icon name={state === 'done' ? 'check' : 'info'} size={14} />}
      <span>
        {state === 'running' ? t(undo ? 'undoing' : 'running', name) : null}
        {state === 'done' ? t(undo ? 'undone' : 'done', name) : null}
        {state === 'cancelled' ? t('actionCancelled', name) : null}
        {relooking ? ` · ${t('relooking')}` : null}
      </span>
    </p>
  )
}

interface Readiness {
  online: boolean
  plan: HostPlan | null
  planError: AppError | null
  pending: boolean
}

const whyNot = ({ online, plan, planError, pending }: Readiness, t: ReturnType<typeof useText>): string | null => {
  if (!online || planError) return t('planFailed')
  if (!plan) return t('planning')
  if (plan.refusal) return t('refused')
  return pending ? t('beginning') : null
}

/** Shows the commands, asks, runs them, and stays for what they write and how they end. */
export const ActionDialog = ({ asked }: { asked: AskedAction }) => {
  const { host } = useStores()
  const online = useOnline()
  const t = useText()
  const actionText = useActionText()
  const { plan, planError, started, log, task, stopping, run, stop, showAgain } = useAction(asked)
  const close = (): void => host.ask(null)
  const management = host.state.getState().status?.hypervisors[asked.hypervisor].management ?? null
  const name = hypervisorTitle(asked.hypervisor, management)
  const title = t(asked.undo ? 'undoTitle' : 'dialogTitle', { action: actionText(asked.action), name })
  const inCourse = log !== undefined || started.taskId !== null || asked.watch === true
  const running = log ? log.state === 'running' : started.taskId !== null
  const relooking = log !== undefined && !running && task?.state === 'running'
  const body = useRef<HTMLDivElement>(null)
  // The button that was pressed is gone: what it began takes its place.
  useEffect(() => {
    if (started.taskId !== null) body.current?.focus()
  }, [started.taskId])
  const footer = (
    <>
      <Button look="line" onPress={close}>
        {t(inCourse ? 'close' : 'cancel')}
      </Button>
      {running ? (
        // Not pending: React Aria would announce the button that is about to go.
        <Button look="danger" icon="stop" reason={stopping ? t('stopping') : null} onPress={() => void stop()}>
          {t(stopping ? 'stopping' : 'stop')}
        </Button>
      ) : null}
      {log?.undoable && !relooking ? (
        <Button look="line" onPress={() => host.ask({ ...asked, undo: true, watch: false })}>
          {t('undo')}
        </Button>
      ) : null}
      {!asked.watch && ((inCourse && !running && log?.state !== 'done') || started.error) ? (
        <Button look="line" onPress={showAgain}>
          {t('otherCommands')}
        </Button>
      ) : null}
      {inCourse ? null : (
        <Button
          look="solid"
          reason={whyNot({ online, plan, planError, pending: started.pending }, t)}
          onPress={() => void run()}
        >
          {t(asked.undo ? 'runUndo' : 'run')}
        </Button>
      )}
    </>
  )
  return (
    <Dialog title={title} size="m" onClose={close} footer={footer}>
      <div ref={body} tabIndex={-1} className={cx(s.dialogBody)}>
        {inCourse ? (
          <>
            {log ? <Outcome log={log} relooking={relooking} /> : null}
            <CommandLog log={log} />
          </>
        ) : (
          <>
            {planError ? <Trouble title={t('planFailed')} error={planError} /> : null}
            {started.error ? <Trouble title={t('refused')} error={started.error} /> : null}
            {plan ? (
              <PlanPart plan={plan} />
            ) : planError ? null : (
              <p role="status" className={cx(s.outcome)}>
                <Spinner />
                <span>{t('planning')}</span>
              </p>
            )}
          </>
        )}
      </div>
    </Dialog>
  )
}
