/** Removable media and boot order: what a driver that has them offers. All failures are `RemoteError`s. */
import type { BootDevice, MediaDrive } from '../contract/index.ts'
import type { DomainKey } from './driver.ts'

export interface MachineMedia {
  readonly drives: MediaDrive[]
  readonly boot: BootDevice[]
}

export interface MediumChange {
  /** Its target; undefined: the one that is meant, when there is no doubt. */
  readonly drive?: string | undefined
  /** A file of the host; null: the drive is emptied. */
  readonly path: string | null
  /** Opens a drive that the guest has locked. */
  readonly force: boolean
}

export interface MediumChanged {
  readonly drive: string
  /** The running machine, or its saved memory, does not see it yet. */
  readonly needsRestart: boolean
}

export interface Media {
  list(key: DomainKey): Promise<MachineMedia>
  /**
   * Changes the running machine and its definition. Rejects with `ambiguous` where several drives can be meant, with
   * `not-found` for a drive that is not there, and with `precondition` when the guest holds the drive locked.
   */
  change(key: DomainKey, change: MediumChange): Promise<MediumChanged>
  /** The device is tried first from the next start on. Rejects with `not-found` when there is none of that name. */
  bootFirst(key: DomainKey, device: string): Promise<{ needsRestart: boolean }>
}
