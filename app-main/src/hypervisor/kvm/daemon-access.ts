/** What the parts of a connection need of it. */
import type { DomainSummary } from '../../contract/index.ts'
import type { Connection, DomainRef } from '../../libvirt/index.ts'
import type { DomainKey, HypervisorConnection } from '../driver.ts'
import type { SharedLines } from '../share/shared-lines.ts'
import type { Inventory } from './inventory.ts'

export interface DaemonAccess extends Pick<HypervisorConnection, 'uri' | 'status' | 'domains' | 'onDomains'> {
  readonly lines: SharedLines
  readonly inventory: Inventory
  /** The daemon, for a question. Throws when the connection is not ready. */
  daemon(): Connection
  /** The daemon, for a change. Throws also while the connection is read-only. */
  writable(): Connection
  /** A second connection, for calls that take minutes and must not delay the others. */
  side(): Promise<Connection>
  /** The machine as libvirt names it. Throws `not-found`. */
  ref(key: DomainKey): DomainRef
  summary(key: DomainKey): DomainSummary
  /** Somebody looks at machines: what is read in the background is kept fresh for a while. */
  lookedAt(): void
  /** Asks the daemon about a machine now. */
  refresh(ref: DomainRef): Promise<void>
}
