/** One change of a machine's state: what it needs before, and how its result is seen. */
import type { DomainState, DomainSummary } from '../../contract/index.ts'
import type { Connection, DomainRef } from '../../libvirt/index.ts'
import type { DomainKey } from '../driver.ts'
import { requireState } from '../preconditions.ts'
import { waitForState } from '../waiting.ts'
import type { DaemonAccess } from './daemon-access.ts'

export type Action = Parameters<typeof requireState>[1]

export interface Step {
  readonly key: DomainKey
  readonly ref: DomainRef
  readonly summary: DomainSummary
  readonly daemon: Connection
}

/** Checks rights and state and gives what a step needs. */
export const begin = (connection: DaemonAccess, key: DomainKey, action: Action): Step => {
  const ref = connection.ref(key)
  const daemon = connection.writable()
  const summary = connection.summary(key)
  requireState(summary, action)
  return { key, ref, summary, daemon }
}

/** Waits until the inventory shows one of the states, or that the machine is gone where that is an end, too. */
export const seen = async (
  connection: DaemonAccess,
  step: Step,
  states: readonly DomainState[],
  signal: AbortSignal,
): Promise<void> => {
  await connection.refresh(step.ref)
  await waitForState(connection, { key: step.key, before: step.summary }, states, signal)
}
