/** Telemetry that is pushed: nothing is measured while nobody listens. */
import { vireo } from '../protocol/index.ts'
import type { Config } from './config.ts'
import type { Log } from './log.ts'
import type { Loop, Timer } from './loop.ts'
import { Sampler } from './measure/sampler.ts'
import { handle, type Method } from './method.ts'
import type { Sys } from './sys.ts'

export interface TelemetryOutlet {
  /** False: left out, the host does not read. */
  push(sample: vireo.Telemetry): boolean
  /** Nothing gets out any more although the host is there. */
  stuck(): void
}

export interface TelemetryParts {
  readonly sys: Sys
  readonly loop: Loop
  readonly log: Log
  readonly config: Pick<Config, 'telemetryIntervalSeconds' | 'health'>
  readonly outlet: TelemetryOutlet
}

export class Telemetry {
  readonly #parts: TelemetryParts
  readonly #sampler: Sampler
  #interval: number | null = null
  #timer: Timer | null = null
  #health: Timer | null = null
  #pushedAt = 0
  /** Grows with every change of the interval: a sample begun before it is not sent. */
  #turn = 0

  constructor(parts: TelemetryParts) {
    this.#parts = parts
    this.#sampler = new Sampler(parts.sys, parts.loop)
  }

  get methods(): readonly Method[] {
    return [
      handle(vireo.telemetryGet, { run: async () => this.#sampler.sample() }),
      handle(vireo.telemetrySubscribe, {
        urgent: true,
        run: ({ interval_seconds }) => {
          this.#set(interval_seconds)
          return { interval_seconds }
        },
      }),
      handle(vireo.telemetryUnsubscribe, {
        urgent: true,
        run: () => {
          this.#set(null)
          return {}
        },
      }),
    ]
  }

  /** A host is there: what the configuration says is pushed until the host wants it otherwise. */
  began(): void {
    this.#set(this.#parts.config.telemetryIntervalSeconds)
  }

  ended(): void {
    this.#set(null)
  }

  #set(seconds: number | null): void {
    this.#timer?.cancel()
    this.#health?.cancel()
    this.#turn++
    this.#interval = seconds
    if (seconds === null) return
    this.#pushedAt = this.#parts.sys.monotonic()
    this.#schedule(this.#pushedAt)
    this.#watchHealth()
  }

  /** By the clock and not by pauses between: an interval of a second gives 60 samples a minute. */
  #schedule(at: number): void {
    const turn = this.#turn
    this.#timer = this.#parts.loop.after(Math.max(0, at - this.#parts.sys.monotonic()), () => {
      void this.#measure(turn, at)
    })
  }

  async #measure(turn: number, at: number): Promise<void> {
    try {
      const sample = await this.#sampler.sample()
      if (turn !== this.#turn) return
      if (this.#parts.outlet.push(sample)) this.#pushedAt = this.#parts.sys.monotonic()
    } catch (error) {
      this.#parts.log.warn('a measurement failed', { reason: String(error) })
    }
    if (turn !== this.#turn || this.#interval === null) return
    const step = 1000 * this.#interval
    const late = Math.max(0, Math.floor((this.#parts.sys.monotonic() - at) / step))
    this.#schedule(at + step * (1 + late))
  }

  #watchHealth(): void {
    const { health } = this.#parts.config
    if (health === null) return
    this.#health = this.#parts.loop.after(1000 * health.intervalSeconds, () => {
      const silence = (this.#parts.sys.monotonic() - this.#pushedAt) / 1000
      if (silence > health.telemetryTimeoutSeconds + (this.#interval ?? 0)) {
        this.#parts.log.warn('telemetry does not get out, opening the channel anew', { seconds: Math.round(silence) })
        this.#pushedAt = this.#parts.sys.monotonic()
        this.#parts.outlet.stuck()
      } else this.#watchHealth()
    })
  }
}
