/** At most so many at once under each name; the others wait in turn. */
import { aborted } from './run-ssh.ts'

export class Slots {
  readonly #most: number
  readonly #taken = new Map<string, number>()
  readonly #waiting = new Map<string, Set<() => void>>()

  constructor(most: number) {
    this.#most = most
  }

  /** Resolves, with what lets it go again, when it is one's turn; rejects when the signal is aborted before. */
  async take(name: string, signal: AbortSignal): Promise<() => void> {
    if (signal.aborted) throw aborted(signal)
    if ((this.#taken.get(name) ?? 0) >= this.#most) await this.#turn(name, signal)
    else this.#taken.set(name, (this.#taken.get(name) ?? 0) + 1)
    let held = true
    return () => {
      if (held) this.#free(name)
      held = false
    }
  }

  #turn(name: string, signal: AbortSignal): Promise<void> {
    const queue = this.#waiting.get(name) ?? new Set()
    this.#waiting.set(name, queue)
    return new Promise((resolve, reject) => {
      const go = () => {
        signal.removeEventListener('abort', leave)
        resolve()
      }
      const leave = () => {
        queue.delete(go)
        reject(aborted(signal))
      }
      signal.addEventListener('abort', leave, { once: true })
      queue.add(go)
    })
  }

  /** Whoever is next takes the place over. */
  #free(name: string): void {
    const queue = this.#waiting.get(name)
    const [next] = queue ?? []
    if (next && queue) {
      queue.delete(next)
      return next()
    }
    this.#waiting.delete(name)
    const left = (this.#taken.get(name) ?? 1) - 1
    if (left > 0) this.#taken.set(name, left)
    else this.#taken.delete(name)
  }
}
