/** Measurements that the guest pushes, for any number of watchers, each at its own pace and never faster. */
import type { GuestTelemetry } from '@vireo/app-main/contract'
import * as v from 'valibot'
import { Telemetry, telemetryNotice, telemetrySubscribe, telemetryUnsubscribe } from '../../protocol/vireo/index.ts'
import { agentGone, silent } from '../rpc-failure.ts'
import type { VireoConversation } from './conversation.ts'
import { telemetryOf } from './facts.ts'

interface Watcher {
  readonly intervalMs: number
  readonly listener: (sample: GuestTelemetry) => void
  readonly fail: (error: Error) => void
  lastAt: number
}

const NEVER = new AbortController().signal
/** The agent's own bounds. */
const MIN_SECONDS = 0.1
const MAX_SECONDS = 3600
/** Who else uses the channel may have changed the interval; after so many intervals of silence it is set again. */
const SILENT_INTERVALS = 2.5
const SILENT_EXTRA_MS = 2000
/** Silences in a row after which the watchers are told. */
const MAX_SILENCES = 3

export class TelemetryFeed {
  readonly #talk: VireoConversation
  readonly #watchers = new Set<Watcher>()
  #latest: GuestTelemetry | undefined
  #watchdog: NodeJS.Timeout | undefined
  #silences = 0

  constructor(talk: VireoConversation) {
    this.#talk = talk
    talk.onRaw(telemetryNotice.name, params => this.#sample(params))
    void talk.client.closed.then(() => this.#failAll(agentGone()))
  }

  /** The newest sample that was pushed and looked at. */
  get latest(): GuestTelemetry | undefined {
    return this.#latest
  }

  /** Resolves when the signal aborts; rejects when the guest stops measuring. */
  watch(intervalSeconds: number, listener: (sample: GuestTelemetry) => void, signal: AbortSignal): Promise<void> {
    const intervalMs = Math.min(MAX_SECONDS, Math.max(MIN_SECONDS, intervalSeconds)) * 1000
    return new Promise((resolve, reject) => {
      if (signal.aborted) return resolve()
      const leave = () => {
        signal.removeEventListener('abort', stop)
        this.#watchers.delete(watcher)
        this.#changed()
      }
      const stop = () => {
        leave()
        resolve()
      }
      const fail = (error: Error) => {
        leave()
        reject(error)
      }
      const watcher: Watcher = { intervalMs, listener, fail, lastAt: -Infinity }
      signal.addEventListener('abort', stop)
      this.#watchers.add(watcher)
      this.#changed()
    })
  }

  /** False for what nobody needs, which is then paid from the guest's budget. */
  #sample(params: unknown): boolean {
    const now = performance.now()
    // Timers in the guest are not exact.
    const due = [...this.#watchers].filter(watcher => now - watcher.lastAt >= 0.8 * watcher.intervalMs)
    if (due.length === 0) return false
    const checked = v.safeParse(Telemetry, params)
    if (!checked.success) return false
    const sample = telemetryOf(checked.output, Date.now())
    this.#latest = sample
    this.#silences = 0
    this.#watch()
    for (const watcher of due) {
      watcher.lastAt = now
      watcher.listener(sample)
    }
    return true
  }

  #changed(): void {
    this.#silences = 0
    if (this.#watchers.size > 0) this.#subscribe()
    else {
      clearTimeout(this.#watchdog)
      this.#talk.call(telemetryUnsubscribe, {}, { signal: NEVER }).catch(() => undefined)
    }
  }

  get #intervalMs(): number {
    return Math.min(...[...this.#watchers].map(watcher => watcher.intervalMs))
  }

  #subscribe(): void {
    this.#watch()
    const params = { interval_seconds: this.#intervalMs / 1000 }
    this.#talk.call(telemetrySubscribe, params, { signal: NEVER }).catch((error: unknown) => {
      this.#failAll(error instanceof Error ? error : agentGone(error))
    })
  }

  #watch(): void {
    clearTimeout(this.#watchdog)
    const waitMs = SILENT_INTERVALS * this.#intervalMs + SILENT_EXTRA_MS
    this.#watchdog = setTimeout(() => {
      if (++this.#silences < MAX_SILENCES) this.#subscribe()
      else this.#failAll(silent('with measurements', MAX_SILENCES * waitMs))
    }, waitMs)
  }

  #failAll(error: Error): void {
    for (const watcher of [...this.#watchers]) watcher.fail(error)
  }
}
