/** One command at a time on each machine's line; who waits too long is told who holds it. */
import { RemoteError } from '../../../contract/index.ts'

const busy = (name: string): RemoteError =>
  new RemoteError({
    kind: 'busy',
    message: `Another command runs on the serial line of “${name}”.`,
    holder: 'another command',
    hint: 'Wait for its end, or take another way in (--method agent, --method ssh).',
  })

export class LineLocks {
  /** Settles when the last one in the queue has let go. */
  readonly #tails = new Map<string, Promise<void>>()

  /** Resolves, when it is our turn, with what lets the next one in. Rejects with `busy` after so long, or as the signal says. */
  async acquire(key: string, name: string, ms: number, signal: AbortSignal): Promise<() => void> {
    const before = this.#tails.get(key) ?? Promise.resolve()
    let release = (): void => undefined
    const mine = new Promise<void>(resolve => (release = resolve))
    const tail = before.then(() => mine)
    this.#tails.set(key, tail)
    void tail.then(() => {
      if (this.#tails.get(key) === tail) this.#tails.delete(key)
    })
    try {
      await turn(before, name, ms, signal)
      return release
    } catch (error) {
      release()
      throw error
    }
  }
}

const turn = (before: Promise<void>, name: string, ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    const giveUp = () => finish(() => reject(signal.reason instanceof Error ? signal.reason : busy(name)))
    const timer = setTimeout(() => finish(() => reject(busy(name))), ms)
    const finish = (settle: () => void) => {
      clearTimeout(timer)
      signal.removeEventListener('abort', giveUp)
      settle()
    }
    if (signal.aborted) return giveUp()
    signal.addEventListener('abort', giveUp)
    void before.then(() => finish(resolve))
  })
