const DEFAULT = { firstMs: 500, longestMs: 30_000 }

/** Waiting times that double up to a longest, each a little random so that many clients do not come at once. */
export class Backoff {
  readonly #firstMs: number
  readonly #longestMs: number
  #attempt = 0

  constructor({ firstMs, longestMs }: { readonly firstMs: number; readonly longestMs: number } = DEFAULT) {
    this.#firstMs = firstMs
    this.#longestMs = longestMs
  }

  /** Milliseconds to wait before the next attempt. */
  next(random: () => number = Math.random): number {
    const full = Math.min(this.#firstMs * 2 ** Math.min(this.#attempt, 20), this.#longestMs)
    this.#attempt++
    return Math.round(full * (0.75 + random() / 4))
  }

  reset(): void {
    this.#attempt = 0
  }
}
