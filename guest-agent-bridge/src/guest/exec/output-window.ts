/** How much of a command's output may be under way to the host before it says that it took some. */
export class OutputWindow {
  readonly #most: number
  #under = 0
  #waiting: (() => void) | null = null

  constructor(bytes: number) {
    this.#most = bytes
  }

  /** How many bytes may go now. */
  get room(): number {
    return Math.max(0, this.#most - this.#under)
  }

  take(bytes: number): void {
    this.#under += bytes
  }

  /** The host took so many; more than were sent count for nothing. */
  acknowledge(bytes: number): void {
    this.#under = Math.max(0, this.#under - bytes)
    this.#wake()
  }

  /** Resolves when there is room again. */
  async wait(): Promise<void> {
    while (this.room === 0) {
      await new Promise<void>(resolve => {
        const former = this.#waiting
        this.#waiting = () => {
          former?.()
          resolve()
        }
      })
    }
  }

  /** Nobody reads any more: whoever waits goes on. */
  open(): void {
    this.#under = Number.NEGATIVE_INFINITY
    this.#wake()
  }

  #wake(): void {
    const waiting = this.#waiting
    this.#waiting = null
    waiting?.()
  }
}
