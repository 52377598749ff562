import { RemoteError } from '../../contract/index.ts'
import type { Lifecycle } from '../driver.ts'
import { requireState } from '../preconditions.ts'
import { waitForDomain } from '../waiting.ts'
import type { MachineAccess } from './machine-access.ts'
import { summaryOf } from './inspect.ts'
import type { Machine } from './machine.ts'

type Action = Parameters<typeof requireState>[1]

export const memoryLifecycle = (connection: MachineAccess): Lifecycle => {
  const allowed = (key: string, action: Action): Machine => {
    const machine = connection.writable(key)
    requireState(summaryOf(connection.uri, machine), action)
    return machine
  }
  return {
    async start(key, { paused }) {
      connection.host.enter(allowed(key, 'start'), paused ? 'paused' : 'running')
    },

    async shutdown(key, { timeoutSeconds }, { signal }) {
      const machine = allowed(key, 'shutdown')
      if (machine.guest === 'obeys') setImmediate(() => connection.host.enter(machine, 'shutoff'))
      await waitForDomain(connection, key, one => one === undefined || one.state === 'shutoff', {
        signal,
        deadlineMs: timeoutSeconds * 1000,
        late: () =>
          new RemoteError({
            kind: 'timeout',
            message: `“${machine.name}” did not shut down within ${timeoutSeconds} seconds.`,
            hint: 'Force it off, or wait.',
          }),
      })
    },

    async destroy(key) {
      connection.host.enter(allowed(key, 'destroy'), 'shutoff')
    },

    async reboot(key) {
      connection.host.enter(allowed(key, 'reboot'), 'running')
    },

    async reset(key) {
      const machine = allowed(key, 'reset')
      connection.host.enter(machine, machine.state === 'crashed' ? 'running' : machine.state)
    },

    async suspend(key) {
      connection.host.enter(allowed(key, 'suspend'), 'paused')
    },

    async resume(key) {
      connection.host.enter(allowed(key, 'resume'), 'running')
    },

    async save(key) {
      connection.host.enter(allowed(key, 'save'), 'saved')
    },

    async discardSave(key) {
      connection.host.enter(allowed(key, 'discardSave'), 'shutoff')
    },

    async autostart(key, enabled) {
      const machine = connection.writable(key)
      machine.autostart = enabled
      connection.host.touch(machine)
    },
  }
}
