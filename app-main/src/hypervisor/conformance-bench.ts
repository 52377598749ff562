/** What a driver brings to be tried: see `conformance.ts`. */
import type { HypervisorConnection } from './driver.ts'

export interface Bench {
  /** A new connection, opened and settled, with full access. The bench disposes it. */
  connect(): Promise<HypervisorConnection>
  /** A name that no other test uses, with `suffix` at its end. */
  name(suffix?: string): string
  /** The definition of a small machine that ignores its power button; null where machines are made otherwise. */
  readonly definition: ((name: string) => string) | null
  /** Makes such a machine where there are no definitions, and gives its key. */
  readonly make?: (name: string) => Promise<string>
  /** What can become of a machine's disks; kept unless told. */
  readonly storage?: 'keep' | 'delete'
  /** Removes a machine, whatever its state, after a behaviour. */
  remove(key: string): Promise<void>
  /** Milliseconds within which anything ordinary has happened. */
  readonly patience: number
}

/** What not every hypervisor has. */
export type Need =
  | 'a guest that ignores its power button'
  | 'a serial line'
  | 'starting paused'
  | 'channels'
  | 'definitions'
  | 'any name'
  | 'saved memory'

export interface Behaviour {
  readonly name: string
  readonly needs?: readonly Need[]
  run(bench: Bench): Promise<void>
}
