/** A rate with a burst: how much may still be spent now. */
export class TokenBucket {
  readonly #perSecond: number
  readonly #burst: number
  readonly #now: () => number
  #tokens: number
  #at: number

  /** `now` gives milliseconds of a clock that only goes forward. */
  constructor(perSecond: number, burst: number, now: () => number = () => performance.now()) {
    this.#perSecond = perSecond
    this.#burst = burst
    this.#now = now
    this.#tokens = burst
    this.#at = now()
  }

  /** Takes `count` when there are as many, else nothing. */
  take(count: number): boolean {
    this.#refill()
    if (this.#tokens < count) return false
    this.#tokens -= count
    return true
  }

  /** Takes `count` in any case; the debt is paid by waiting. */
  charge(count: number): void {
    this.#refill()
    this.#tokens -= count
  }

  refund(count: number): void {
    this.#tokens = Math.min(this.#burst, this.#tokens + count)
  }

  /** Milliseconds until the debt is paid; 0 without one. */
  get debtMs(): number {
    this.#refill()
    return this.#tokens >= 0 ? 0 : (-this.#tokens / this.#perSecond) * 1000
  }

  #refill(): void {
    const now = this.#now()
    this.#tokens = Math.min(this.#burst, this.#tokens + ((now - this.#at) / 1000) * this.#perSecond)
    this.#at = now
  }
}
