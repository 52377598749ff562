/** Measures inside machines while somebody asks, and for half a minute after; keeps the last quarter of an hour. */
import type { Disposable } from '../../base/disposable.ts'
import { createLog } from '../../base/log.ts'
import type { DomainId, GuestDialect, GuestTelemetry } from '../../contract/index.ts'
import type { Want } from './guest-sessions.ts'
import { KEPT_MS, TelemetryRing } from './telemetry-ring.ts'
import type { GuestAgent } from '@vireo/guest-agent-bridge/host'
import type { Work } from './guest-session.ts'

const ASKED_MS = 30_000
/** Between two attempts at a machine in which nobody answers, in milliseconds. */
const AGAIN_MS = 2000
const log = createLog('guest')

export interface Asked {
  readonly ids: readonly DomainId[]
  readonly since: number
  readonly intervalSeconds: number
}

export interface History {
  readonly id: DomainId
  readonly dialect: GuestDialect
  readonly samples: GuestTelemetry[]
}

type Use = (id: DomainId, want: Want, work: Work<void>) => Promise<void>

class Watch {
  readonly ring = new TelemetryRing()
  dialect: GuestDialect | null = null
  askedAt = 0
  /** Who wants it how often: the most eager one counts. */
  #interval = 60
  #intervalAt = 0
  #running: AbortController | null = null

  ask(id: DomainId, intervalSeconds: number, now: number, use: Use): void {
    const stale = now - this.#intervalAt > ASKED_MS
    const quicker = intervalSeconds < this.#interval
    if (intervalSeconds <= this.#interval || stale) this.#intervalAt = now
    if (stale || quicker) {
      const changed = this.#interval !== intervalSeconds
      this.#interval = intervalSeconds
      if (changed) this.stop()
    }
    this.askedAt = now
    this.#running ??= this.#start(id, use)
  }

  stop(): void {
    this.#running?.abort()
    this.#running = null
  }

  get #wanted(): boolean {
    return Date.now() - this.askedAt <= ASKED_MS
  }

  #start(id: DomainId, use: Use): AbortController {
    const controller = new AbortController()
    void this.#run(id, use, controller).finally(() => {
      if (this.#running === controller) this.#running = null
    })
    return controller
  }

  async #run(id: DomainId, use: Use, { signal }: AbortController): Promise<void> {
    while (!signal.aborted && this.#wanted) {
      const begun = Date.now()
      try {
        await use(id, { feature: 'telemetry', signal, patience: 'background' }, async (agent, asking, retired) => {
          await this.#follow(agent, AbortSignal.any([asking.signal, retired]))
          asking.signal.throwIfAborted()
        })
      } catch (error) {
        log.debug('no telemetry', { id, error: error instanceof Error ? error.message : error })
        if (!signal.aborted) this.dialect = null
      }
      if (this.#wanted && Date.now() - begun < AGAIN_MS) await pause(AGAIN_MS, signal)
    }
  }

  /** Until nobody asks any more, or the agent goes. */
  async #follow(agent: GuestAgent, outer: AbortSignal): Promise<void> {
    const unasked = new AbortController()
    const timer = setInterval(() => {
      if (!this.#wanted) unasked.abort()
    }, 1000)
    timer.unref()
    try {
      const signal = AbortSignal.any([outer, unasked.signal])
      await agent.watchTelemetry(
        this.#interval,
        sample => {
          this.dialect = agent.dialect
          if (!signal.aborted) this.ring.add(sample, Date.now())
        },
        signal,
      )
    } finally {
      clearInterval(timer)
    }
  }
}

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise(resolve => {
    if (signal.aborted) return resolve()
    const timer = setTimeout(resolve, ms)
    timer.unref()
    signal.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true })
  })

export class TelemetryHistory implements Disposable {
  readonly #watches = new Map<DomainId, Watch>()
  readonly #use: Use

  constructor(use: Use) {
    this.#use = use
  }

  /** What is known now; waits for no guest. Machines in which nobody answers are left out. */
  ask({ ids, since, intervalSeconds }: Asked): History[] {
    const now = Date.now()
    this.#forget(now)
    return [...new Set(ids)].flatMap(id => {
      const watch = this.#watches.get(id) ?? new Watch()
      this.#watches.set(id, watch)
      watch.ask(id, intervalSeconds, now, this.#use)
      const { dialect } = watch
      return dialect === null ? [] : [{ id, dialect, samples: watch.ring.since(since, now) }]
    })
  }

  dispose(): void {
    for (const watch of this.#watches.values()) watch.stop()
    this.#watches.clear()
  }

  #forget(now: number): void {
    for (const [id, watch] of this.#watches) {
      if (now - watch.askedAt <= KEPT_MS) continue
      watch.stop()
      this.#watches.delete(id)
    }
  }
}
