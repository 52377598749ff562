/** Reads again after news: once for a burst, never twice at a time, and never forgets news that came while it read. */
export class Follower {
  readonly #read: (current: () => boolean) => Promise<void>
  #timer: ReturnType<typeof setTimeout> | undefined
  #due = Infinity
  #reading = false
  #ended = false

  /** `read` never rejects; `current` tells whether anybody still wants what it found. */
  constructor(read: (current: () => boolean) => Promise<void>) {
    this.#read = read
  }

  /** Reads in so many milliseconds at the latest. */
  soon(ms: number): void {
    const at = performance.now() + ms
    if (this.#ended || at >= this.#due) return
    this.#due = at
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => void this.#go(), ms)
  }

  dispose(): void {
    this.#ended = true
    clearTimeout(this.#timer)
  }

  async #go(): Promise<void> {
    // What is told now is newer than what is being read: it is read again afterwards.
    if (this.#reading) return
    this.#due = Infinity
    this.#reading = true
    try {
      await this.#read(() => !this.#ended)
    } finally {
      this.#reading = false
    }
    if (this.#due < Infinity && !this.#ended) {
      clearTimeout(this.#timer)
      this.#timer = setTimeout(() => void this.#go(), Math.max(0, this.#due - performance.now()))
    }
  }
}
