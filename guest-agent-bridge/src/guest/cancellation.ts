import type { Cancellation } from './method.ts'

/** Both sides of a cancellation. */
export class Canceller implements Cancellation {
  #reason: string | null = null
  readonly #listeners = new Set<() => void>()

  get aborted(): boolean {
    return this.#reason !== null
  }

  get reason(): string | null {
    return this.#reason
  }

  onAbort(listener: () => void): () => void {
    if (this.aborted) {
      listener()
      return () => undefined
    }
    this.#listeners.add(listener)
    return () => {
      this.#listeners.delete(listener)
    }
  }

  abort(reason: string): void {
    if (this.aborted) return
    this.#reason = reason
    for (const listener of this.#listeners) listener()
    this.#listeners.clear()
  }
}
