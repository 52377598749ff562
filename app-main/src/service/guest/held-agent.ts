import type { DomainId, GuestFeature } from '../../contract/index.ts'
import type { GuestAgent } from '@vireo/guest-agent-bridge/host'
import type { GuestSessions } from './guest-sessions.ts'

/** An agent that stays in use for as long as a stream lives. */
export interface HeldAgent {
  readonly agent: GuestAgent
  /** Aborted, with the reason, when the conversation with it ends. */
  readonly signal: AbortSignal
  release(): void
}

/** `signal` counts until there is an agent; afterwards it is let go by `release` alone. */
export const heldAgent = (
  sessions: GuestSessions,
  id: DomainId,
  feature: GuestFeature,
  signal: AbortSignal,
): Promise<HeldAgent> =>
  new Promise((resolve, reject) => {
    const until = new AbortController()
    const giveUp = () => until.abort(signal.reason)
    if (signal.aborted) giveUp()
    signal.addEventListener('abort', giveUp, { once: true })
    sessions
      .use(id, { feature, signal: until.signal }, (agent, asking) => {
        signal.removeEventListener('abort', giveUp)
        return new Promise<void>(release => resolve({ agent, signal: asking.signal, release }))
      })
      .catch(reject)
  })
