/** The event loop: timers and descriptors over one `poll`, nothing else. */
import { pollEnded, signals, type PollItem, type Sys } from './sys.ts'

export interface Timer {
  cancel(): void
}

export interface Watch {
  /** What to wait for from now on: `pollIn`, `pollOut`; 0: nothing at all, not even the end. */
  want(events: number): void
  stop(): void
}

export interface Loop {
  /** Calls once after so many milliseconds. */
  after(milliseconds: number, listener: () => void): Timer
  /** Calls whenever one of the events, an error or the end shows on the descriptor. Stop it before closing that. */
  watch(fd: number, events: number, listener: (revents: number) => void): Watch
  /** Calls when the signal came. */
  onSignal(signal: number, listener: () => void): () => void
  sleep(milliseconds: number): Promise<void>
}

interface Pending {
  readonly at: number
  readonly listener: () => void
}

interface Watched {
  readonly fd: number
  events: number
  readonly listener: (revents: number) => void
}

const watchedSignals = [signals.SIGCHLD, signals.SIGTERM, signals.SIGINT, signals.SIGHUP, signals.SIGIO]

/** `runJobs` runs what promises wait for; `failed` hears of listeners that throw. */
export class EventLoop implements Loop {
  readonly #sys: Sys
  readonly #runJobs: () => void
  readonly #failed: (error: unknown) => void
  /** Soonest first. */
  readonly #timers: Pending[] = []
  readonly #watches = new Set<Watched>()
  readonly #signals = new Map<number, Set<() => void>>()
  readonly #signalDescriptor: number
  #stopped = false

  constructor(sys: Sys, runJobs: () => void, failed: (error: unknown) => void) {
    this.#sys = sys
    this.#runJobs = runJobs
    this.#failed = failed
    // From now on: SIGIO, of which a device may send the first one at once, would otherwise end us.
    this.#signalDescriptor = sys.signalDescriptor(watchedSignals)
  }

  after(milliseconds: number, listener: () => void): Timer {
    const timer = { at: this.#sys.monotonic() + milliseconds, listener }
    const later = this.#timers.findIndex(other => other.at > timer.at)
    this.#timers.splice(later < 0 ? this.#timers.length : later, 0, timer)
    return {
      cancel: () => {
        const index = this.#timers.indexOf(timer)
        if (index >= 0) this.#timers.splice(index, 1)
      },
    }
  }

  watch(fd: number, events: number, listener: (revents: number) => void): Watch {
    const watched = { fd, events, listener }
    this.#watches.add(watched)
    return {
      want: wanted => {
        watched.events = wanted
      },
      stop: () => {
        watched.events = 0
        this.#watches.delete(watched)
      },
    }
  }

  onSignal(signal: number, listener: () => void): () => void {
    const listeners = this.#signals.get(signal) ?? new Set()
    this.#signals.set(signal, listeners.add(listener))
    return () => {
      listeners.delete(listener)
    }
  }

  async sleep(milliseconds: number): Promise<void> {
    return new Promise(resolve => {
      this.after(milliseconds, resolve)
    })
  }

  stop(): void {
    this.#stopped = true
  }

  /** Runs until `stop`. */
  run(): void {
    const descriptor = this.#signalDescriptor
    const own: PollItem = { fd: descriptor, events: 1, revents: 0 }
    this.#attempt(this.#runJobs)
    while (!this.#stopped) {
      const watches = [...this.#watches].filter(watched => watched.events !== 0)
      const items = watches.map(({ fd, events }) => ({ fd, events, revents: 0 }))
      this.#sys.poll([own, ...items], this.#timeout())
      if (own.revents !== 0) this.#takeSignals(descriptor)
      items.forEach((item, index) => {
        const watched = watches[index]
        // Whoever came before may have stopped this one, or no longer want what came.
        if (watched && this.#watches.has(watched) && (item.revents & (watched.events | pollEnded)) !== 0) {
          this.#call(() => {
            watched.listener(item.revents)
          })
        }
      })
      this.#runTimers()
    }
  }

  #timeout(): number {
    const next = this.#timers[0]
    return next ? Math.max(0, next.at - this.#sys.monotonic()) : -1
  }

  #takeSignals(descriptor: number): void {
    const came = new Set<number>()
    for (let signal = this.#sys.readSignal(descriptor); signal !== null; signal = this.#sys.readSignal(descriptor)) {
      came.add(signal)
    }
    for (const signal of came) for (const listener of this.#signals.get(signal) ?? []) this.#call(listener)
  }

  /** Only those that are due now: a timer that sets another one of 0 ms must not starve the descriptors. */
  #runTimers(): void {
    if (this.#timers.length === 0) return
    const now = this.#sys.monotonic()
    const due = this.#timers.filter(timer => timer.at <= now)
    for (const timer of due) {
      const index = this.#timers.indexOf(timer)
      // An earlier one may have cancelled it.
      if (index < 0) continue
      this.#timers.splice(index, 1)
      this.#call(timer.listener)
    }
  }

  #call(listener: () => void): void {
    this.#attempt(listener)
    this.#attempt(this.#runJobs)
  }

  #attempt(work: () => void): void {
    try {
      work()
    } catch (error) {
      this.#failed(error)
    }
  }
}
