import type { AppError } from '@vireo/app-main/contract'
import { useState } from 'react'
import { appErrorOf } from '../../store/app-error.ts'
import { useStores } from '../../store/hooks.ts'
import { Button, cx, Dialog, Icon, Progress } from '../../ui/index.ts'
import { showFailure } from '../action/run-action.ts'
import { errorWords } from '../hosts/error-words.ts'
import s from './create.module.css'
import { text, useText } from './text.ts'
import { useCourse } from './use-run.ts'
import { dispatch } from './wizard-store.ts'
import type { Run } from './wizard.ts'

interface FailureProps {
  name: string
  error: AppError | null
  end: 'failed' | 'cancelled' | 'lost'
}

const Failure = ({ name, error, end }: FailureProps) => {
  const t = useText()
  const cancelled = end === 'cancelled'
  const title = t(end, { name })
  // A stop needs no reason; what could not be undone is told in its hint.
  const why = cancelled ? error?.hint : error && errorWords(error)
  return (
    <div role="alert" className={cx(s.outcome, cancelled ? null : s.bad, 'selectable')}>
      <Icon name={cancelled ? 'info' : 'warn'} />
      <div>
        <b>{title}</b> {why ? <bdi>{why}</bdi> : end === 'lost' ? null : t('failedBody')}
        {error && 'issues' in error ? error.issues?.map(issue => <p key={issue}>{issue}</p>) : null}
      </div>
    </div>
  )
}

/** The machine while it is made: how far it is, how to stop it, why it could not be. */
export const RunView = ({ run, onClose }: { run: Run; onClose: () => void }) => {
  const t = useText()
  const { client } = useStores()
  const { task, lost } = useCourse(run)
  const [stopping, setStopping] = useState(false)
  const { name, begun, refusal } = run
  const cancelled = task?.state === 'cancelled'
  const over = refusal !== null || lost || cancelled || task?.state === 'failed'
  const stop = async (): Promise<void> => {
    if (!begun) return
    setStopping(true)
    try {
      await client.task.cancel({ taskId: begun.taskId })
    } catch (thrown) {
      setStopping(false)
      showFailure(text('stopFailed'), appErrorOf(thrown))
    }
  }
  const back = (): void => dispatch({ type: 'run', run: null })
  const footer = over ? (
    <>
      <Button look="line" onPress={onClose}>
        {t('close')}
      </Button>
      <Button look="solid" onPress={back} autoFocus>
        {t('backToDraft')}
      </Button>
    </>
  ) : (
    <>
      <Button look="danger" icon="stop" reason={stopping || !begun ? t('stopping') : null} onPress={() => void stop()}>
        {t('stopMaking')}
      </Button>
      <Button look="line" onPress={onClose} autoFocus>
        {t('close')}
      </Button>
    </>
  )
  const making = t('making', { name })
  return (
    <Dialog title={making} size="m" onClose={onClose} footer={footer}>
      {over ? (
        <Failure
          name={name}
          error={refusal ?? task?.error ?? null}
          end={lost ? 'lost' : cancelled ? 'cancelled' : 'failed'}
        />
      ) : (
        <div className={cx(s.run)}>
          <Progress label={making} share={stopping ? null : (task?.progress ?? null)} />
          <p role="status">{stopping ? t('stopping') : <bdi>{task?.step ?? t('beginning')}</bdi>}</p>
          <p className={cx(s.dim)}>{t('background')}</p>
        </div>
      )}
    </Dialog>
  )
}
