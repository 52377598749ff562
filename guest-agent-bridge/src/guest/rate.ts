/** So many in so much time, all of which may come at once. */
export class RateLimit {
  readonly #most: number
  readonly #perMillisecond: number
  readonly #monotonic: () => number
  #left: number
  #at: number

  constructor(most: number, milliseconds: number, monotonic: () => number) {
    this.#most = most
    this.#perMillisecond = most / milliseconds
    this.#monotonic = monotonic
    this.#left = most
    this.#at = monotonic()
  }

  /** Takes one and gives 0, or gives the milliseconds until there is one. */
  take(): number {
    const now = this.#monotonic()
    this.#left = Math.min(this.#most, this.#left + (now - this.#at) * this.#perMillisecond)
    this.#at = now
    if (this.#left >= 1) {
      this.#left -= 1
      return 0
    }
    return Math.ceil((1 - this.#left) / this.#perMillisecond)
  }
}

/** Null: no limit. */
export const rateLimit = (most: number | null, milliseconds: number, monotonic: () => number): RateLimit | null =>
  most === null ? null : new RateLimit(most, milliseconds, monotonic)
