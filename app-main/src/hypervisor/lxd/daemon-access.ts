/** What the parts of a connection need of it. */
import type { DomainSummary } from '../../contract/index.ts'
import type { Instance, LxdClient } from '../../lxd/index.ts'
import type { DomainKey, HypervisorConnection } from '../driver.ts'
import type { SharedLines } from '../share/shared-lines.ts'
import type { Inventory } from './inventory.ts'

export interface DaemonAccess extends Pick<HypervisorConnection, 'uri' | 'status' | 'domains' | 'onDomains'> {
  readonly lines: SharedLines
  readonly inventory: Inventory
  /** The daemon. Throws when the connection is not ready. */
  client(): LxdClient
  /** The machine as the daemon told of it. Throws `not-found`. */
  instance(key: DomainKey): Instance
  summary(key: DomainKey): DomainSummary
}
