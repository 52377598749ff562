/** One piece of work for all who want the same: it ends early only when nobody wants it any more. */
import { cancelled } from './run-tool.ts'

interface Live<T, P> {
  readonly result: Promise<T>
  readonly controller: AbortController
  readonly listeners: Set<(progress: P) => void>
  last: P | undefined
}

export class SharedWork<T, P> {
  readonly #live = new Map<string, Live<T, P>>()

  /** How many different pieces are under way. */
  get size(): number {
    return this.#live.size
  }

  /**
   * Begins the work of `key` or joins it. Aborting `signal` leaves it, at once and with `cancelled`; the last one to leave
   * aborts the work.
   */
  async join(
    key: string,
    signal: AbortSignal,
    listener: (progress: P) => void,
    work: (signal: AbortSignal, progress: (progress: P) => void) => Promise<T>,
  ): Promise<T> {
    if (signal.aborted) throw cancelled(signal)
    const live = this.#live.get(key) ?? this.#begin(key, work)
    let abort = () => {}
    const left = new Promise<never>((_resolve, reject) => {
      abort = () => reject(cancelled(signal))
    })
    // Somebody must have looked at it, or its rejection counts as forgotten.
    left.catch(() => undefined)
    // A wrapper of its own: the same function may listen twice.
    const own = (progress: P) => listener(progress)
    live.listeners.add(own)
    signal.addEventListener('abort', abort)
    if (live.last !== undefined) own(live.last)
    try {
      return await Promise.race([live.result, left])
    } finally {
      signal.removeEventListener('abort', abort)
      live.listeners.delete(own)
      if (live.listeners.size === 0) {
        // Whoever comes now begins anew, after this one has cleared away.
        if (this.#live.get(key) === live) this.#live.delete(key)
        live.controller.abort(cancelled(signal))
      }
    }
  }

  #begin(key: string, work: (signal: AbortSignal, progress: (progress: P) => void) => Promise<T>): Live<T, P> {
    const controller = new AbortController()
    const listeners = new Set<(progress: P) => void>()
    const tell = (progress: P) => {
      live.last = progress
      for (const listener of listeners) listener(progress)
    }
    const result = Promise.resolve().then(() => work(controller.signal, tell))
    const live: Live<T, P> = { result, controller, listeners, last: undefined }
    this.#live.set(key, live)
    const done = () => {
      if (this.#live.get(key) === live) this.#live.delete(key)
    }
    result.then(done, done)
    return live
  }
}
