import type { DomainId, EntryDescription, Task } from '@vireo/app-main/contract'
import { useEffect } from 'react'
import { failureText } from '../../store/app-error.ts'
import { useStores } from '../../store/hooks.ts'
import type { Stores } from '../../store/stores.ts'
import { showToast } from '../../ui/index.ts'
import { entryTitle } from '../action/action-words.ts'
import { runOffer } from '../action/run-offer.ts'
import { tellHostTask } from '../host-action/tell-host-task.ts'
import { text } from './text.ts'

const entryOf = (stores: Stores, room: string, name: string): EntryDescription | undefined =>
  stores.entries.state.getState().entries.find(entry => entry.room === room && entry.name === name)

const BODY = { done: 'task.done', failed: 'task.failed', cancelled: 'task.cancelled' } as const

/** Tasks that are begun in a place of their own, and so have no title for menus. */
const DONE = {
  takeSnapshot: 'did.takeSnapshot',
  restoreSnapshot: 'did.restoreSnapshot',
  deleteSnapshot: 'did.deleteSnapshot',
  rename: 'did.rename',
  copy: 'did.copy',
} as const
const isDone = (name: string): name is keyof typeof DONE => Object.hasOwn(DONE, name)

const actionOf = (task: Task, entry: EntryDescription | undefined): string => {
  if (task.room === 'media') return text('did.insertMedium')
  if (task.room === 'lxd' && isDone(task.name)) return text(DONE[task.name])
  return entry ? entryTitle(entry) : task.name
}

/** What was done inside a machine is told by its last step: which version answers, or that nothing had to be changed. */
const bodyOf = ({ error, room, state, step }: Task): string | undefined => {
  // The title says it all, unless something could not be undone.
  if (state === 'cancelled') return error?.hint
  if (error) return failureText(error)
  return ((room === 'guest' || room === 'media') && step) || undefined
}

/** Says how a task ended, with its next step or the way back. */
const tell = (stores: Stores, task: Task): void => {
  if (task.state === 'running') return
  if (task.room === 'host') return tellHostTask(stores, task)
  const entry = entryOf(stores, task.room, task.name)
  const action = actionOf(task, entry)
  const offered = task.offer ? entryOf(stores, task.offer.room, task.offer.name) : undefined
  const { offer } = task
  const domain = stores.domains.state.getState().byId.get(task.target as DomainId)
  const made = task.room === 'create' && ['run', 'finish'].includes(task.name) && task.state === 'done'
  showToast({
    tone: task.state === 'done' ? 'done' : task.state === 'failed' ? 'fail' : 'info',
    title: text(BODY[task.state], { action, name: task.targetName ?? domain?.name ?? '' }),
    body: bodyOf(task),
    key: task.target ?? undefined,
    action:
      offer && offered
        ? { label: entryTitle(offered), onPress: () => void runOffer(stores, offered, offer.input, task.targetName) }
        : made
          ? { label: text('task.open'), onPress: () => stores.ui.go({ machine: task.target as DomainId }) }
          : undefined,
  })
}

/** Listens for the window's life; draws nothing. */
export const TaskToasts = () => {
  const stores = useStores()
  useEffect(() => stores.tasks.onEnded(task => tell(stores, task)), [stores])
  return null
}
