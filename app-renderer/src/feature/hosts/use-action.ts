/** An action from its plan to its end. */
import type { AppError, HostPlan, Task, TaskId } from '@vireo/app-main/contract'
import { useCallback, useEffect, useState } from 'react'
import { useStore } from 'zustand'
import { appErrorOf } from '../../store/app-error.ts'
import type { AskedAction } from '../../store/host.ts'
import { useStores, useTasks } from '../../store/hooks.ts'
import { showFailure } from '../action/run-action.ts'
import { text } from './text.ts'

interface Planned {
  readonly plan: HostPlan | null
  readonly error: AppError | null
}
const NOT_YET: Planned = { plan: null, error: null }

const usePlan = ({ hypervisor, action, undo, watch }: AskedAction) => {
  const { client } = useStores()
  const [planned, setPlanned] = useState(NOT_YET)
  const [round, setRound] = useState(0)
  useEffect(() => {
    if (watch) return undefined
    let current = true
    client.host.plan({ hypervisor, action, undo }).then(
      plan => (current ? setPlanned({ plan, error: null }) : undefined),
      thrown => (current ? setPlanned({ plan: null, error: appErrorOf(thrown) }) : undefined),
    )
    return () => {
      current = false
    }
  }, [client, hypervisor, action, undo, watch, round])
  const again = useCallback(() => {
    setPlanned(NOT_YET)
    setRound(before => before + 1)
  }, [])
  return { ...planned, again }
}

/** The newest action on the hypervisor, and its task while somebody knows it. */
export const useCourse = (hypervisor: AskedAction['hypervisor']) => {
  const { host } = useStores()
  const log = useStore(host.state, state => state.logs.get(hypervisor))
  const tasks = useTasks()
  const task: Task | undefined = log ? tasks.get(log.taskId) : undefined
  return { log, task }
}

export const useAction = (asked: AskedAction) => {
  const { client } = useStores()
  const { plan, error, again } = usePlan(asked)
  const [started, setStarted] = useState<{ pending: boolean; taskId: TaskId | null; error: AppError | null }>({
    ...{ pending: false, taskId: null, error: null },
  })
  const [stopping, setStopping] = useState(false)
  const { log, task } = useCourse(asked.hypervisor)
  const { hypervisor, action, undo } = asked
  const run = async (): Promise<void> => {
    if (!plan || started.pending) return
    setStarted({ pending: true, taskId: null, error: null })
    try {
      const { taskId } = await client.host.apply({ hypervisor, action, undo, commands: plan.commands })
      setStarted({ pending: false, taskId, error: null })
    } catch (thrown) {
      setStarted({ pending: false, taskId: null, error: appErrorOf(thrown) })
    }
  }
  const watched = asked.watch ? log : log && log.taskId === started.taskId ? log : undefined
  const stop = async (): Promise<void> => {
    if (!watched) return
    setStopping(true)
    try {
      await client.task.cancel({ taskId: watched.taskId })
    } catch (thrown) {
      setStopping(false)
      showFailure(text('cancelFailed'), appErrorOf(thrown))
    }
  }
  const showAgain = (): void => {
    setStarted({ pending: false, taskId: null, error: null })
    setStopping(false)
    again()
  }
  return {
    plan,
    planError: error,
    started,
    log: watched,
    task: watched ? task : undefined,
    stopping,
    run,
    stop,
    showAgain,
  }
}
