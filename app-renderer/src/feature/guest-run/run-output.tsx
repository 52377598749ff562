import { LOGIN_ACTION } from '@vireo/app-main/contract'
import { useStore } from 'zustand'
import { useFormat } from '../../i18n/format.ts'
import { Badge, Button, copyToClipboard, IconButton, showToast, Spinner, type Tone } from '../../ui/index.ts'
import { type CommandRun, readable, type RunState } from './command-run.ts'
import s from './guest-run.module.css'
import { text, useText } from './text.ts'

interface RunOutputProps {
  run: CommandRun
  onAgain: () => void
  onLogin: () => void
}

const wantsLogin = ({ error }: RunState): boolean => error?.kind === 'permission' && error.action === LOGIN_ACTION

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
            <IconButton small icon="reboot" label={t('again')} onPress={onAgain} />
          </>
        ) : (
          <IconButton small icon="stop" label={t('cancel')} onPress={run.cancel} />
        )}
      </header>
      {state.cut ? <p className={s.dim}>{t('cut')}</p> : null}
      {state.pieces.length > 0 ? (
        <pre className="selectable" dir="ltr">
          {state.pieces.map((piece, at) => (
            <span key={at} className={piece.stream === 'stderr' ? s.stderr : undefined}>
              {readable(piece.text)}
            </span>
          ))}
        </pre>
      ) : null}
      {state.result?.truncated ? <p className={s.dim}>{t('truncated')}</p> : null}
      {state.error ? (
        <p className={s.failure}>
          <bdi>{[state.error.message, state.error.hint].filter(Boolean).join(' ')}</bdi>
        </p>
      ) : null}
      {wantsLogin(state) ? (
        <div>
          <Button look="line" icon="unlock" onPress={onLogin}>
            {t('logIn')}
          </Button>
        </div>
      ) : null}
    </article>
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
