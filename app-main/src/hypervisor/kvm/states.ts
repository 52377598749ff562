/** libvirt's states and reasons in the contract's words: one table. */
import type { DomainState } from '../../contract/index.ts'
import * as v from '../../libvirt/generated/constants.ts'

export interface StateWords {
  readonly state: DomainState
  /** Null when the reason is ordinary. */
  readonly reason: string | null
}

const STATES: Readonly<Record<number, DomainState>> = {
  [v.VIR_DOMAIN_RUNNING]: 'running',
  // A Xen word for running and waiting for input.
  [v.VIR_DOMAIN_BLOCKED]: 'running',
  [v.VIR_DOMAIN_PAUSED]: 'paused',
  [v.VIR_DOMAIN_SHUTDOWN]: 'shutting-down',
  [v.VIR_DOMAIN_SHUTOFF]: 'shutoff',
  [v.VIR_DOMAIN_CRASHED]: 'crashed',
  [v.VIR_DOMAIN_PMSUSPENDED]: 'suspended',
}

/** Only what a person should know: a machine that was paused by a person needs no explanation. */
const REASONS: Readonly<Record<number, Readonly<Record<number, string>>>> = {
  [v.VIR_DOMAIN_RUNNING]: {
    [v.VIR_DOMAIN_RUNNING_CRASHED]: 'Running: the guest panicked',
    [v.VIR_DOMAIN_RUNNING_POSTCOPY]: 'Running: migration is not finished',
    [v.VIR_DOMAIN_RUNNING_POSTCOPY_FAILED]: 'Running: migration failed',
  },
  [v.VIR_DOMAIN_PAUSED]: {
    [v.VIR_DOMAIN_PAUSED_MIGRATION]: 'Paused: being migrated',
    [v.VIR_DOMAIN_PAUSED_SAVE]: 'Paused: being saved',
    [v.VIR_DOMAIN_PAUSED_DUMP]: 'Paused: its memory is being dumped',
    [v.VIR_DOMAIN_PAUSED_IOERROR]: 'Paused: I/O error (disk full?)',
    [v.VIR_DOMAIN_PAUSED_WATCHDOG]: 'Paused: its watchdog fired',
    [v.VIR_DOMAIN_PAUSED_FROM_SNAPSHOT]: 'Paused: reverted to a snapshot',
    [v.VIR_DOMAIN_PAUSED_SHUTTING_DOWN]: 'Paused: shutting down',
    [v.VIR_DOMAIN_PAUSED_SNAPSHOT]: 'Paused: a snapshot is being taken',
    [v.VIR_DOMAIN_PAUSED_CRASHED]: 'Paused: the guest panicked',
    [v.VIR_DOMAIN_PAUSED_STARTING_UP]: 'Paused: starting up',
    [v.VIR_DOMAIN_PAUSED_POSTCOPY]: 'Paused: migration is not finished',
    [v.VIR_DOMAIN_PAUSED_POSTCOPY_FAILED]: 'Paused: migration failed',
  },
  [v.VIR_DOMAIN_SHUTOFF]: {
    [v.VIR_DOMAIN_SHUTOFF_CRASHED]: 'Off: it crashed',
    [v.VIR_DOMAIN_SHUTOFF_MIGRATED]: 'Off: it was migrated to another host',
    [v.VIR_DOMAIN_SHUTOFF_FAILED]: 'Off: it failed to start',
    [v.VIR_DOMAIN_SHUTOFF_DAEMON]: 'Off: the daemon decided so',
  },
  [v.VIR_DOMAIN_CRASHED]: {
    [v.VIR_DOMAIN_CRASHED_UNKNOWN]: 'Crashed',
    [v.VIR_DOMAIN_CRASHED_PANICKED]: 'Crashed: guest panicked',
  },
}

/** A number that this table does not know is `unknown`, never a guess. */
export const stateWords = (state: number, reason: number, hasSavedMemory: boolean): StateWords => {
  const word = STATES[state] ?? 'unknown'
  const explained = REASONS[state]?.[reason] ?? (word === 'crashed' ? 'Crashed' : null)
  if (word === 'shutoff' && hasSavedMemory) return { state: 'saved', reason: null }
  return { state: word, reason: explained }
}
