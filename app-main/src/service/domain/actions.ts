/** What the lifecycle calls do, and what may follow each of them. */
import type { AppError, DomainId, Offer, TaskRef } from '../../contract/index.ts'
import type { Lifecycle, Operation } from '../../hypervisor/driver.ts'
import type { ConnectionSet, Found } from '../connection/connection-set.ts'
import type { TaskRegistry } from '../task/task-registry.ts'

interface Action {
  readonly name: string
  readonly title: string
  /** The way out of an operation that hangs: never waits for one. */
  readonly overrides?: boolean
  readonly undo?: string
}

const offer = (name: string, id: DomainId): Offer => ({ room: 'domain', name, input: { id } })
const forceOff = (id: DomainId) => (error: AppError) => (error.kind === 'timeout' ? offer('destroy', id) : null)

/** Starts actions on domains as tasks. */
export const domainActions = (connections: ConnectionSet, tasks: TaskRegistry) => {
  const begin = async (
    { name, title, overrides = false, undo }: Action,
    id: DomainId,
    signal: AbortSignal,
    work: (found: Found, operation: Operation) => Promise<void>,
  ): Promise<TaskRef> => {
    const found = await connections.domain(id, signal)
    const spec = { room: 'domain', name, title, target: id, targetName: found.summary.name, overrides }
    const follow = { undo: undo ? offer(undo, id) : undefined, remedy: name === 'shutdown' ? forceOff(id) : undefined }
    return tasks.start({ ...spec, ...follow }, operation => work(found, operation))
  }
  type Plain = {
    [K in keyof Lifecycle]: Lifecycle[K] extends (key: string, operation: Operation) => Promise<void> ? K : never
  }[keyof Lifecycle]
  const plain = (action: Action & { readonly name: Plain }) => (id: DomainId, signal: AbortSignal) =>
    begin(action, id, signal, ({ connection, key }, operation) => connection.lifecycle[action.name](key, operation))

  return {
    begin,
    destroy: plain({ name: 'destroy', title: 'Force off', overrides: true }),
    reboot: plain({ name: 'reboot', title: 'Reboot' }),
    reset: plain({ name: 'reset', title: 'Reset', overrides: true }),
    suspend: plain({ name: 'suspend', title: 'Pause', undo: 'resume' }),
    resume: plain({ name: 'resume', title: 'Resume' }),
    save: plain({ name: 'save', title: 'Save state', undo: 'start' }),
    discardSave: plain({ name: 'discardSave', title: 'Discard saved state' }),
  }
}
