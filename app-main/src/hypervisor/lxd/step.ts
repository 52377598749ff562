/** One change of an instance's state: what it needs before, and how its result is seen. */
import type { DomainState, DomainSummary } from '../../contract/index.ts'
import type { Instance, LxdClient } from '../../lxd/index.ts'
import type { DomainKey } from '../driver.ts'
import { requireState } from '../preconditions.ts'
import { waitForState } from '../waiting.ts'
import type { DaemonAccess } from './daemon-access.ts'

export type Action = Parameters<typeof requireState>[1]

export interface Step {
  readonly key: DomainKey
  readonly instance: Instance
  readonly summary: DomainSummary
  readonly client: LxdClient
}

/** Checks that it can be done now and gives what a step needs. */
export const begin = (connection: DaemonAccess, key: DomainKey, action: Action): Step => {
  const instance = connection.instance(key)
  const client = connection.client()
  const summary = connection.summary(key)
  requireState(summary, action)
  return { key, instance, summary, client }
}

/** Waits until the inventory shows one of the states, or that the machine is gone where that is an end, too. */
export const seen = async (
  connection: DaemonAccess,
  { key, instance, summary }: Step,
  states: readonly DomainState[],
  signal: AbortSignal,
): Promise<void> => {
  connection.inventory.touch(instance.name)
  await connection.inventory.refresh()
  await waitForState(connection, { key, before: summary }, states, signal)
}
