import { RemoteError } from '../../contract/index.ts'
import type { Consoles, Guests } from '../driver.ts'
import { requireState } from '../preconditions.ts'
import { SharedLine } from '../share/shared-line.ts'
import type { MachineAccess } from './machine-access.ts'
import { NO_SCREEN } from './features.ts'
import { summaryOf } from './inspect.ts'
import { echoLine } from './machine.ts'

export const memoryConsole = (connection: MachineAccess, guest: Guests): Consoles => ({
  async screen(key) {
    connection.writable(key)
    throw unsupported(NO_SCREEN)
  },

  async screenPassword(key) {
    connection.writable(key)
    return null
  },

  async serial(key, { alias = 'serial0', takeOver }) {
    const machine = connection.writable(key)
    requireState(summaryOf(connection.uri, machine), 'serial')
    if (alias !== 'serial0')
      throw new RemoteError({ kind: 'not-found', message: `“${machine.name}” has no console “${alias}”.` })
    if (machine.lineHolder !== null && !takeOver)
      throw new RemoteError({
        kind: 'busy',
        message: `The console of “${machine.name}” is in use by ${machine.lineHolder}.`,
        holder: machine.lineHolder,
      })
    machine.lineHolder = null
    if (machine.line === null || machine.line.ended) machine.line = new SharedLine(echoLine())
    return machine.line.attach()
  },

  channel: (key, { name }) => guest.open(key, name),

  async openViewer(key) {
    connection.machine(key)
    throw unsupported(NO_SCREEN)
  },
})

const unsupported = (message: string): RemoteError => new RemoteError({ kind: 'unsupported', message })
