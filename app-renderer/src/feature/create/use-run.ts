/** From the wish to the machine. */
import type { Task } from '@vireo/app-main/contract'
import { useEffect, useState } from 'react'
import { appErrorOf } from '../../store/app-error.ts'
import { useOnline, useStores, useTasks } from '../../store/hooks.ts'
import { inputOf } from './draft.ts'
import type { Around } from './use-around.ts'
import { dispatch, useWizard } from './wizard-store.ts'
import type { Run } from './wizard.ts'

/** Has the service make what is filled in; a refusal stands in the run. */
export const useBegin = (around: Around): (() => Promise<void>) => {
  const { client } = useStores()
  const { connection, keys } = around
  return async () => {
    const { draft, run } = useWizard.getState()
    // Enter twice makes no two machines.
    if (run !== null) return
    const name = draft.name.trim()
    dispatch({ type: 'run', run: { name, begun: null, refusal: null } })
    try {
      // The keys may still be looked for: nobody shall be locked out because they were quick.
      const found = keys.value ?? (await client.create.sshKeys({}))
      const lines = found.map(({ line }) => line)
      const begun = await client.create.run({ connection, draft: inputOf(draft, lines) })
      dispatch({ type: 'run', run: { name, begun, refusal: null } })
    } catch (thrown) {
      dispatch({ type: 'run', run: { name, begun: null, refusal: appErrorOf(thrown) } })
    }
  }
}

/** The task of a run; when it is done, the machine is opened and the form is empty again. */
export const useCourse = (run: Run): { readonly task: Task | undefined; readonly lost: boolean } => {
  const { ui, tasks: room } = useStores()
  const online = useOnline()
  const tasks = useTasks()
  const task = run.begun ? tasks.get(run.begun.taskId) : undefined
  const done = task?.state === 'done' ? (run.begun?.id ?? null) : null
  // It was made while nobody looked: somebody who opens the dialog again wants another one.
  const [late] = useState(done !== null)
  useEffect(() => {
    if (done === null) return
    dispatch({ type: 'reset' })
    if (late) return
    ui.state.setState({ dialog: null })
    ui.go({ machine: done })
  }, [done, late, ui])
  // A server that was started again knows nothing of it, and would never tell.
  const [listed, setListed] = useState(false)
  const unheard = online && run.begun !== null && task === undefined
  useEffect(() => {
    if (!unheard) return undefined
    let current = true
    void room.load().then(() => (current ? setListed(true) : undefined))
    return () => {
      current = false
    }
  }, [room, unheard])
  return { task, lost: listed && unheard }
}
