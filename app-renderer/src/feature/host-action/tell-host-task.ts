/** Tells how an action on this computer ended to whoever does not watch it. */
import type { HostLog, Task } from '@vireo/app-main/contract'
import { failureText } from '../../store/app-error.ts'
import type { Stores } from '../../store/stores.ts'
import { showToast } from '../../ui/index.ts'
import { hypervisorTitle } from './hypervisor-title.ts'
import { text } from './text.ts'

const logOf = ({ host }: Stores, task: Task): HostLog | undefined =>
  [...host.state.getState().logs.values()].find(({ taskId }) => taskId === task.id)

export const tellHostTask = (stores: Stores, task: Task): void => {
  const { host, ui } = stores
  const log = logOf(stores, task)
  // Whoever cancelled it knows, and an open dialog says it itself.
  if (!log || task.state === 'cancelled' || host.state.getState().asked?.hypervisor === log.hypervisor) return
  const { hypervisor, action, undo, undoable } = log
  const done = text(action)
  const failed = task.state === 'failed'
  const management = host.state.getState().status?.hypervisors[hypervisor].management ?? null
  const go = (part: { undo: boolean; watch: boolean }) => (): void => {
    ui.go({ room: 'hosts' })
    host.ask({ hypervisor, action, ...part })
  }
  showToast({
    tone: failed ? 'fail' : 'done',
    title: text('ended', {
      action: undo ? text('undone', { action: done }) : done,
      name: hypervisorTitle(hypervisor, management),
    }),
    body: task.error ? failureText(task.error) : undefined,
    key: `host:${hypervisor}`,
    // Also the way back is shown before it runs.
    action: undoable
      ? { label: text('undo'), onPress: go({ undo: true, watch: false }) }
      : failed
        ? { label: text('show'), onPress: go({ undo, watch: true }) }
        : undefined,
  })
}
