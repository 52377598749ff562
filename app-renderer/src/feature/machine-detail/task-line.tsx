import type { Task } from '@vireo/app-main/contract'
import { useEffect, useState } from 'react'
import { appErrorOf } from '../../store/app-error.ts'
import { useClient } from '../../store/hooks.ts'
import { Button, Progress } from '../../ui/index.ts'
import { showFailure } from '../action/run-action.ts'
import h from './machine-head.module.css'
import { text, useText } from './text.ts'

/** Most tasks are done before a person could read what they do: those show a bar alone, in milliseconds. */
const WORDS_AFTER = 1000

/** Whether this has gone on for a while; mount it anew for another one. */
const useLasting = (): boolean => {
  const [lasting, setLasting] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setLasting(true), WORDS_AFTER)
    return () => clearTimeout(timer)
  }, [])
  return lasting
}

/** What is being done with the machine, how far it is, and the way out of it. */
export const TaskLine = ({ task }: { task: Task }) => {
  const t = useText()
  const client = useClient()
  const lasting = useLasting()
  const [cancelling, setCancelling] = useState(false)
  const cancel = async (): Promise<void> => {
    setCancelling(true)
    try {
      await client.task.cancel({ taskId: task.id })
    } catch (thrown) {
      setCancelling(false)
      showFailure(text('cancelFailed'), appErrorOf(thrown))
    }
  }
  const step = task.step ?? t('loading')
  return (
    <div className={h.task}>
      <Progress label={step} share={task.progress} />
      {lasting ? (
        <div className={h.words}>
          <span aria-live="polite">{cancelling ? t('cancelling') : <bdi>{step}</bdi>}</span>
          <Button small look="line" pending={cancelling} onPress={() => void cancel()}>
            {t('cancelTask')}
          </Button>
        </div>
      ) : null}
    </div>
  )
}
