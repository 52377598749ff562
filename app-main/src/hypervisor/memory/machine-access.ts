/** What the parts of a connection need of it. */
import type { HypervisorConnection } from '../driver.ts'
import type { Machine, MemoryHost } from './machine.ts'

export interface MachineAccess extends Pick<HypervisorConnection, 'uri' | 'domains' | 'onDomains'> {
  readonly host: MemoryHost
  /** The machine, for an operation. Throws when the host or the machine is away. */
  machine(key: string): Machine
  /** The machine, for a change. Throws also when the connection is read-only. */
  writable(key: string): Machine
  requireAccess(): void
}
