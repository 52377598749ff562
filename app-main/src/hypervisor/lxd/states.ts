/** LXD's status codes in the contract's words. */
import type { DomainState } from '../../contract/index.ts'
import type { Instance } from '../../lxd/index.ts'

export interface StateWords {
  readonly state: DomainState
  /** Null when the reason is ordinary. */
  readonly reason: string | null
}

const STATES: Readonly<Record<number, DomainState>> = {
  101: 'running',
  102: 'shutoff',
  103: 'running',
  106: 'running',
  107: 'shutting-down',
  108: 'shutting-down',
  109: 'running',
  110: 'paused',
  111: 'running',
  113: 'running',
}

const REASONS: Readonly<Record<number, string>> = {
  106: 'Running: starting up',
  112: 'Unknown: the daemon cannot tell; its log says why',
  400: 'Unknown: the daemon cannot tell; its log says why',
}

/** A code that this table does not know is `unknown`, never a guess. */
export const stateWords = ({ status_code: code, stateful }: Pick<Instance, 'status_code' | 'stateful'>): StateWords => {
  const state = STATES[code] ?? 'unknown'
  // What is kept of its memory counts only while it is off.
  if (state === 'shutoff' && stateful) return { state: 'saved', reason: null }
  return { state, reason: REASONS[code] ?? null }
}

export const isOn = (state: DomainState): boolean => !['shutoff', 'saved', 'crashed'].includes(state)
