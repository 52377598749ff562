/** What a driver brings to be tried: see `conformance.ts`. */
import type { HypervisorConnection } from './driver.ts'

export interface Bench {
  /** A new connection, opened and settled, with full access. The bench disposes it. */
  connect(): Promise<HypervisorConnection>
  /** A name that no other test uses, with `suffix` at its end. */
  name(suffix?: string): string
  /** The definition of a small machine that ignores its power button. */
  definition(name: string): string
  /** Removes a machine, whatever its state, after a behaviour. */
  remove(key: string): Promise<void>
  /** Milliseconds within which anything ordinary has happened. */
  readonly patience: number
}

/** What not every hypervisor has. */
export type Need = 'a guest that ignores its power button' | 'a serial line' | 'starting paused' | 'channels'

export interface Behaviour {
  readonly name: string
  readonly needs?: readonly Need[]
  run(bench: Bench): Promise<void>
}
