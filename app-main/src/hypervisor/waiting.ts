/** Waiting for what a hypervisor does by itself: by its events, with a deadline, and until somebody gives up. */
import { RemoteError, type DomainState, type DomainSummary } from '../contract/index.ts'
import type { DomainKey, HypervisorConnection, Operation } from './driver.ts'

export interface Wait {
  /** Milliseconds. */
  readonly deadlineMs: number
  readonly signal: AbortSignal
  /** The failure when the deadline passes. */
  readonly late: () => RemoteError
}

/** How long a daemon may take to tell what it already did. */
const TELL_MS = 15_000

const cancelled = (): RemoteError => new RemoteError({ kind: 'cancelled', message: 'It was cancelled.' })

/** Whoever aborts may say why, for instance with a deadline of his own. */
export const giveUp = (signal: AbortSignal): RemoteError =>
  signal.reason instanceof RemoteError ? signal.reason : cancelled()

/** An operation that nobody watches. */
export const unattended = (): Operation => ({ signal: new AbortController().signal, progress: () => undefined })

/**
 * Resolves when `is` holds for the domain (`undefined`: it is gone). Rejects with `late()` at the deadline and with
 * `cancelled` on abort. The connection's loss does not end the wait: it may come back and tell.
 */
export const waitForDomain = (
  connection: Pick<HypervisorConnection, 'domains' | 'onDomains'>,
  key: DomainKey,
  is: (summary: DomainSummary | undefined) => boolean,
  wait: Wait,
): Promise<void> =>
  new Promise((resolve, reject) => {
    const holds = () => {
      const summary = connection.domains.get(key)
      return summary?.stale !== true && is(summary)
    }
    const finish = (settle: () => void) => {
      clearTimeout(timer)
      subscription.dispose()
      wait.signal.removeEventListener('abort', abort)
      settle()
    }
    const abort = () => finish(() => reject(giveUp(wait.signal)))
    const timer = setTimeout(() => finish(() => reject(wait.late())), wait.deadlineMs)
    const subscription = connection.onDomains(() => {
      if (holds()) finish(resolve)
    })
    wait.signal.addEventListener('abort', abort)
    if (wait.signal.aborted) abort()
    else if (holds()) finish(resolve)
  })

/**
 * After a change that the daemon has acknowledged: waits until the domain, `before` the change, is in one of the states, or
 * gone where being off is the end of it. Rejects with kind `timeout`, and with `cancelled` on abort.
 */
export const waitForState = (
  connection: Pick<HypervisorConnection, 'domains' | 'onDomains'>,
  { key, before }: { key: DomainKey; before: DomainSummary },
  states: readonly DomainState[],
  signal: AbortSignal,
): Promise<void> => {
  const gone = states.includes('shutoff') && !before.persistent
  return waitForDomain(connection, key, one => (one === undefined ? gone : states.includes(one.state)), {
    deadlineMs: TELL_MS,
    signal,
    late: () =>
      new RemoteError({
        kind: 'timeout',
        message: `“${before.name}” should be ${states.join(' or ')} and is ${connection.domains.get(key)?.state ?? 'gone'}.`,
      }),
  })
}
