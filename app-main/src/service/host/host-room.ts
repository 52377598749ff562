import type { DisposableStore } from '../../base/disposable.ts'
import type { VireoPublish } from '../../contract/index.ts'
import { Detector } from '../../host/detector.ts'
import type { Machine } from '../../host/machine.ts'
import { realMachine } from '../../host/real-machine.ts'
import type { TaskRegistry } from '../task/task-registry.ts'
import { hostHandlers } from './handlers.ts'
import { HostActions } from './host-actions.ts'
import { askLibvirt } from './libvirt-view.ts'

export interface HostRoomOptions {
  readonly tasks: TaskRegistry
  readonly publish: VireoPublish
  readonly owned: DisposableStore
  /** Another computer than this one, for tests. */
  readonly machine?: Machine | undefined
}

/** Looks at nothing before somebody asks. `news`: a daemon of this computer came or went. */
export const hostRoom = ({ tasks, publish, owned, machine = realMachine(askLibvirt) }: HostRoomOptions) => {
  const detector = owned.add(new Detector(machine))
  owned.add(detector.onChange(status => publish('host', 'changed', status)))
  const actions = new HostActions({
    ...{ machine, detector, tasks, publish: log => publish('host', 'logged', log) },
    // The server of a window has a terminal too, but nobody looks at it.
    terminal: () => process.stdin.isTTY && process.stdout.isTTY && !process.argv.includes('serve'),
  })
  return { handlers: hostHandlers({ detector, actions }), news: () => detector.news() }
}
