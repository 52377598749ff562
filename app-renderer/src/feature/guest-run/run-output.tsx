import { type AppError, LOGIN_ACTION } from '@vireo/app-main/contract'
import { useStore } from 'zustand'
import { failureText } from '../../store/app-error.ts'
import { useFormat } from '../../i18n/format.ts'
import { useStores } from '../../store/hooks.ts'
import { Badge, Button, copyToClipboard, IconButton, showToast, Spinner, type Tone } from '../../ui/index.ts'
import { type CommandRun, type Method, type Piece, readable, type RunState } from './command-run.ts'
import s from './guest-run.module.css'
import { text, useText } from './text.ts'
import { useFollowedEnd } from './use-followed-end.ts'

interface RunOutputProps {
  run: CommandRun
  /** Runs it once more, another way when one is given. */
  onAgain: (method?: Method) => void
  onLogin: () => void
}

/** Where the agent's way was closed, another may be open. */
const TRY_OTHERS: ReadonlySet<AppError['kind']> = new Set(['unsupported', 'timeout', 'connection', 'refused', 'busy'])

/** One command and what it said. */
export const RunOutput = ({ run, onAgain, onLogin }: RunOutputProps) => {
  const t = useText()
  const state = useStore(run.state)
  const copy = async (): Promise<void> => {
    await copyToClipboard(state.pieces.map(piece => readable(piece.text)).join(''))
    showToast({ tone: 'done', title: text('copied') })
  }
  return (
    <article className={s.run} aria-busy={!state.done}>
      <header className={s.head}>
        <code dir="ltr">
          {run.user === '' ? '' : <span className={s.dim}>{run.user}@ </span>}
          {run.command}
        </code>
        <End state={state} />
        {state.done ? (
          <>
            <IconButton small icon="copy" label={t('copy')} onPress={() => void copy()} />
            <IconButton small icon="reboot" label={t('again')} onPress={() => onAgain()} />
          </>
        ) : (
          <IconButton small icon="stop" label={t('cancel')} onPress={run.cancel} />
        )}
      </header>
      {state.cut ? <p className={s.dim}>{t('cut')}</p> : null}
      {state.pieces.length > 0 ? <Output command={run.command} pieces={state.pieces} /> : null}
      {state.result?.truncated ? <p className={s.dim}>{t('truncated')}</p> : null}
      {state.error ? <Failure run={run} state={state} onAgain={onAgain} onLogin={onLogin} /> : null}
    </article>
  )
}

const Output = ({ command, pieces }: { command: string; pieces: readonly Piece[] }) => {
  const t = useText()
  const box = useFollowedEnd<HTMLPreElement>()
  return (
    <pre ref={box} className="selectable" dir="ltr" role="group" aria-label={t('outputOf', { command })} tabIndex={0}>
      {pieces.map((piece, at) => (
        <span key={at} className={piece.stream === 'stderr' ? s.stderr : undefined}>
          {readable(piece.text)}
        </span>
      ))}
    </pre>
  )
}

/** Why it did not run, and the ways that are left. */
const Failure = ({ run, state: { error, result }, onAgain, onLogin }: RunOutputProps & { state: RunState }) => {
  const t = useText()
  const { ui } = useStores()
  if (!error) return null
  const login = error.kind === 'permission' && error.action === LOGIN_ACTION
  const others = run.method === 'auto' && result === null && TRY_OTHERS.has(error.kind)
  return (
    <>
      <p className={s.failure}>
        <bdi>{failureText(error)}</bdi>
      </p>
      <div className={s.ways}>
        {login ? (
          <Button small look="line" icon="unlock" onPress={onLogin}>
            {t('logIn')}
          </Button>
        ) : null}
        {run.method === 'ssh' ? (
          <Button small look="line" icon="term" onPress={() => ui.go({ tab: 'terminal' })}>
            {t('terminal')}
          </Button>
        ) : null}
        {others ? (
          <>
            <Button small look="line" onPress={() => onAgain('ssh')}>
              {t('trySsh')}
            </Button>
            <Button small look="line" onPress={() => onAgain('serial')}>
              {t('trySerial')}
            </Button>
          </>
        ) : null}
      </div>
    </>
  )
}

const End = ({ state }: { state: RunState }) => {
  const t = useText()
  const format = useFormat()
  const { result } = state
  if (!state.done) return <Spinner label={t('running')} />
  const { tone, word } = endOf(state, t)
  return (
    <>
      <Badge tone={tone}>{word}</Badge>
      {result ? (
        <small className={s.dim}>
          {t('via', { seconds: format.number(result.durationMs / 1000, 2), method: t(`method.${result.method}`) })}
        </small>
      ) : null}
    </>
  )
}

const endOf = ({ result, cancelled }: RunState, t: ReturnType<typeof useText>): { tone: Tone; word: string } => {
  if (cancelled) return { tone: 'pause', word: t('cancelled') }
  if (!result) return { tone: 'fail', word: t('failed') }
  if (result.timedOut) return { tone: 'pause', word: t('timedOut', { seconds: Math.round(result.durationMs / 1000) }) }
  if (result.signal !== null) return { tone: 'fail', word: t('signal', { signal: result.signal }) }
  if (result.exitCode === null) return { tone: 'fail', word: t('noCode') }
  return { tone: result.exitCode === 0 ? 'run' : 'fail', word: t('exit', { code: result.exitCode }) }
}
