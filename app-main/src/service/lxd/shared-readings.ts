/** Lists that cost the daemon something, read once for all who ask at about the same time. */

/** How long a list is good for another who asks, in milliseconds: windows that open together, a page that is loaded again. */
const FRESH_MS = 1000

interface Reading<T> {
  readonly answer: Promise<T>
  /** When it was there; infinity while it is being read. */
  at: number
}

export class SharedReadings<T> {
  readonly #readings = new Map<string, Reading<T>>()
  readonly #now: () => number

  constructor(now: () => number = () => performance.now()) {
    this.#now = now
  }

  /** `key` names the list. */
  async get(key: string, read: () => Promise<T>): Promise<T> {
    for (const [name, { at }] of this.#readings) if (at + FRESH_MS <= this.#now()) this.#readings.delete(name)
    const known = this.#readings.get(key)
    if (known) return known.answer
    const answer = read()
    const reading: Reading<T> = { answer, at: Infinity }
    this.#readings.set(key, reading)
    try {
      return await answer
    } catch (error) {
      // The next one may have more luck.
      this.#readings.delete(key)
      throw error
    } finally {
      reading.at = this.#now()
    }
  }
}
