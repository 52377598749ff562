/** Measures inside one machine while somebody asks for it, and for half a minute after. */
import { createLog } from '../../base/log.ts'
import type { DomainId, GuestDialect } from '../../contract/index.ts'
import type { Asking, GuestAgent } from '@vireo/guest-agent-bridge/host'
import type { Want } from './guest-sessions.ts'
import type { Work } from './guest-session.ts'
import { TelemetryRing } from './telemetry-ring.ts'

/** Milliseconds after the last question for which measuring goes on. */
export const ASKED_MS = 30_000
/** Milliseconds between two attempts at a machine in which nobody answers: at first, and at most. News of its channels come sooner. */
const AGAIN_MS = 2000
const SELDOM_MS = 5 * 60_000
const NAME_LENGTH = 128
const log = createLog('guest')

export interface TelemetryWays {
  /** Works with an agent of the machine; rejects when none answers. */
  readonly use: (id: DomainId, want: Want, work: Work<void>) => Promise<void>
  /** Resolves when an agent may answer now that did not before, or the signal aborts; rejects when nobody could tell. */
  readonly news: (id: DomainId, signal: AbortSignal) => Promise<void>
}

/** The computer's clock may be set at any moment: durations are measured without it. */
const now = (): number => performance.now()

export class TelemetryWatch {
  readonly ring = new TelemetryRing()
  /** Who answers; null when nobody does. */
  dialect: GuestDialect | null = null
  osName: string | null = null
  askedAt = -Infinity
  readonly #id: DomainId
  readonly #ways: TelemetryWays
  /** Who wants it how often: the most eager one counts. */
  #interval = 60
  #intervalAt = -Infinity
  #running: AbortController | null = null
  #following: AbortController | null = null
  #failures = 0
  /** Not before this moment is a machine in which nobody answers tried again. */
  #restUntil = -Infinity

  constructor(id: DomainId, ways: TelemetryWays) {
    this.#id = id
    this.#ways = ways
  }

  ask(intervalSeconds: number): void {
    const at = now()
    const stale = at - this.#intervalAt > ASKED_MS
    const quicker = intervalSeconds < this.#interval
    if (intervalSeconds <= this.#interval || stale) this.#intervalAt = at
    if (stale || quicker) {
      const changed = this.#interval !== intervalSeconds
      this.#interval = intervalSeconds
      // Whoever rests need not begin anew: the interval counts when somebody answers.
      if (changed && this.#following) this.stop()
    }
    this.askedAt = at
    this.#running ??= this.#start()
  }

  stop(): void {
    this.#running?.abort()
    this.#running = null
  }

  get #wanted(): boolean {
    return now() - this.askedAt <= ASKED_MS
  }

  #start(): AbortController {
    const controller = new AbortController()
    void this.#run(controller).finally(() => {
      if (this.#running === controller) this.#running = null
    })
    return controller
  }

  async #run({ signal }: AbortController): Promise<void> {
    await this.#rest(signal)
    while (!signal.aborted && this.#wanted) {
      const begun = now()
      try {
        const want: Want = { feature: 'telemetry', signal, patience: 'background' }
        await this.#ways.use(this.#id, want, (agent, asking, retired) => this.#follow(agent, asking, retired))
        this.#restUntil = begun + AGAIN_MS
      } catch (error) {
        if (signal.aborted) return
        log.debug('no telemetry', { id: this.#id, error: error instanceof Error ? error.message : error })
        this.dialect = null
        this.#restUntil = now() + Math.min(SELDOM_MS, AGAIN_MS * 2 ** this.#failures++)
      }
      await this.#rest(signal)
    }
  }

  /** Until the next attempt is due, something is new about the machine, or nobody wants to know any more. */
  async #rest(outer: AbortSignal): Promise<void> {
    const left = this.#restUntil - now()
    if (left <= AGAIN_MS) return left > 0 ? pause(left, outer) : undefined
    const over = new AbortController()
    const signal = AbortSignal.any([outer, over.signal])
    const unasked = setInterval(() => (this.#wanted ? undefined : over.abort()), 1000)
    unasked.unref()
    // However often a guest opens and closes its channel: it is not tried more often than at first.
    const soonest = pause(AGAIN_MS, signal)
    const told = this.#ways.news(this.#id, signal).then(
      () => soonest.then(() => (signal.aborted ? undefined : this.#hope())),
      () => pause(SELDOM_MS, signal),
    )
    await Promise.race([told, pause(left, signal)])
    clearInterval(unasked)
    over.abort()
  }

  #hope(): void {
    this.#failures = 0
    this.#restUntil = now()
  }

  /** Until nobody asks any more, or the agent goes. */
  async #follow(agent: GuestAgent, asking: Asking, retired: AbortSignal): Promise<void> {
    const unasked = new AbortController()
    const timer = setInterval(() => (this.#wanted ? undefined : unasked.abort()), 1000)
    timer.unref()
    this.#following = unasked
    try {
      const signal = AbortSignal.any([asking.signal, retired, unasked.signal])
      void this.#learnName(agent, signal)
      await agent.watchTelemetry(
        this.#interval,
        sample => {
          if (signal.aborted) return
          this.dialect = agent.dialect
          this.#failures = 0
          this.ring.add(sample, Date.now())
        },
        signal,
      )
      asking.signal.throwIfAborted()
    } finally {
      if (this.#following === unasked) this.#following = null
      clearInterval(timer)
    }
  }

  /** A name is worth having, but nothing waits for it. */
  async #learnName(agent: GuestAgent, signal: AbortSignal): Promise<void> {
    if (agent.features.system !== undefined) return
    try {
      const { osName } = await agent.system({ signal })
      if (!signal.aborted) this.osName = osName?.slice(0, NAME_LENGTH) ?? null
    } catch (error) {
      log.debug('no name', { id: this.#id, error: error instanceof Error ? error.message : error })
    }
  }
}

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise(resolve => {
    if (signal.aborted) return resolve()
    const end = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, ms)
    timer.unref()
    signal.addEventListener('abort', end)
  })
