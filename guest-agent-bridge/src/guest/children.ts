/** The processes that the agent started: who has ended, told by SIGCHLD, never by asking in turns. */
import type { Loop } from './loop.ts'
import { failedWith, signals, type ProcessEnd, type Sys } from './sys.ts'

export class Children {
  readonly #sys: Sys
  readonly #waiting = new Map<number, (end: ProcessEnd) => void>()

  constructor(sys: Sys, loop: Loop) {
    this.#sys = sys
    loop.onSignal(signals.SIGCHLD, () => {
      this.#reap()
    })
  }

  /** Calls once, when this child has ended; in a later turn of the loop. */
  onEnd(pid: number, listener: (end: ProcessEnd) => void): void {
    this.#waiting.set(pid, listener)
  }

  /** Sends a signal to a child's whole group; one that is gone is fine. */
  signalGroup(pid: number, signal: number): void {
    try {
      this.#sys.kill(-pid, signal)
    } catch (error) {
      if (!failedWith(error, 'ESRCH', 'EPERM')) throw error
    }
  }

  #reap(): void {
    for (let end = this.#sys.reap(); end !== null; end = this.#sys.reap()) {
      const listener = this.#waiting.get(end.pid)
      this.#waiting.delete(end.pid)
      listener?.(end)
    }
  }
}
