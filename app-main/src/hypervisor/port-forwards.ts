/** Ports that a hypervisor itself leads into a machine, for as long as that runs. */
import type { DomainKey } from './driver.ts'

/** TCP. */
export interface PortForward {
  /** Where this computer listens. */
  readonly address: string
  readonly port: number
  readonly guestPort: number
}

/** They stand in the machine's definition. All failures are `RemoteError`s. */
export interface PortForwards {
  /** Why this daemon cannot; null when it can. */
  readonly refusal: string | null
  /** From the machine's next start on. */
  add(key: DomainKey, forward: PortForward): Promise<void>
  /** One that is not there is fine. */
  remove(key: DomainKey, forward: PortForward): Promise<void>
  /** Those of the machine as it runs; of its definition while it is off. */
  list(key: DomainKey): Promise<readonly PortForward[]>
}
