/** Refusals that are known before a daemon is asked. */
import { domain, RemoteError, type DomainState, type DomainSummary } from '../contract/index.ts'

const STATE_WORDS: Readonly<Record<DomainState, string>> = {
  running: 'running',
  paused: 'paused',
  'shutting-down': 'shutting down',
  shutoff: 'off',
  saved: 'off with saved memory',
  crashed: 'crashed',
  suspended: 'asleep',
  unknown: 'in an unknown state',
}

/** What a state rules out; the contract's `when` is the one list of it. */
type Stated =
  | 'start'
  | 'shutdown'
  | 'destroy'
  | 'reboot'
  | 'reset'
  | 'suspend'
  | 'resume'
  | 'save'
  | 'discardSave'
  | 'undefine'
  | 'screen'
  | 'serial'
  | 'screenshot'
  | 'openViewer'

const DONE: Partial<Record<Stated, (state: DomainState) => boolean>> = {
  start: state => state === 'running',
  shutdown: state => state === 'shutoff',
  destroy: state => state === 'shutoff',
  suspend: state => state === 'paused',
  resume: state => state === 'running',
}

const quote = (name: string): string => `“${name}”`

export const notFound = (key: string): RemoteError =>
  new RemoteError({ kind: 'not-found', message: `There is no machine ${quote(key)} here.` })

/**
 * Throws `precondition` when the state does not allow the action. A machine whose state is unknown is left to the
 * hypervisor to refuse.
 */
export const requireState = (summary: DomainSummary, action: Stated): void => {
  const { when = [] } = domain[action]
  if (summary.state === 'unknown' || when.includes(summary.state)) return
  const already = DONE[action]?.(summary.state) === true ? 'already ' : ''
  throw new RemoteError({
    kind: 'precondition',
    message: `${quote(summary.name)} is ${already}${STATE_WORDS[summary.state]}.`,
    ...hintFor(action, summary.state),
  })
}

const hintFor = (action: Stated, state: DomainState): { hint?: string } => {
  if (action === 'undefine') return { hint: 'Shut the machine down first.' }
  if (action === 'shutdown' && state === 'paused') return { hint: 'Resume the machine first, or force it off.' }
  return {}
}
