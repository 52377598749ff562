import { RemoteError } from '../contract/index.ts'

export interface DeadlineOptions<T> {
  /** Milliseconds. */
  readonly ms: number
  /** Names the work in messages, for instance `Listing the machines`. */
  readonly what: string
  /** The caller's own way to give up. */
  readonly signal?: AbortSignal | undefined
  /** Gets a result that came after all, for instance to close what nobody waits for any more. */
  readonly late?: ((value: T) => void) | undefined
}

/**
 * Runs work that may ignore its signal. Rejects at the deadline with kind `timeout`, or as soon as the caller aborts
 * with the `RemoteError` it aborted with, else with kind `cancelled`.
 */
export const withDeadline = <T>(options: DeadlineOptions<T>, work: (signal: AbortSignal) => Promise<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    const { ms, what, signal: outer, late } = options
    const controller = new AbortController()
    const giveUp = (error: RemoteError) => {
      finish()
      controller.abort(error)
      reject(error)
    }
    const cancelled = () =>
      giveUp(
        outer?.reason instanceof RemoteError
          ? outer.reason
          : new RemoteError({ kind: 'cancelled', message: `${what} was cancelled.` }),
      )
    const timer = setTimeout(
      () => giveUp(new RemoteError({ kind: 'timeout', message: `${what} took longer than ${ms / 1000} s.` })),
      ms,
    )
    const finish = () => {
      clearTimeout(timer)
      outer?.removeEventListener('abort', cancelled)
    }
    if (outer?.aborted) return cancelled()
    outer?.addEventListener('abort', cancelled)
    Promise.resolve()
      .then(() => work(controller.signal))
      .finally(finish)
      .then(
        value => (controller.signal.aborted ? late?.(value) : resolve(value)),
        error => reject(error),
      )
  })
