/** Measures inside machines while somebody asks, and for half a minute after; keeps the last quarter of an hour. */
import type { Disposable } from '../../base/disposable.ts'
import type { DomainId, GuestDialect, GuestTelemetry } from '../../contract/index.ts'
import { KEPT_MS } from './telemetry-ring.ts'
import { TelemetryWatch, type TelemetryWays } from './telemetry-watch.ts'

export interface Asked {
  readonly ids: readonly DomainId[]
  readonly since: number
  readonly intervalSeconds: number
}

export interface History {
  readonly id: DomainId
  readonly dialect: GuestDialect
  readonly osName: string | null
  readonly samples: GuestTelemetry[]
}

export class TelemetryHistory implements Disposable {
  readonly #watches = new Map<DomainId, TelemetryWatch>()
  readonly #ways: TelemetryWays

  constructor(ways: TelemetryWays) {
    this.#ways = ways
  }

  /** What is known now; waits for no guest. Machines in which nobody answers are left out. */
  ask({ ids, since, intervalSeconds }: Asked): History[] {
    this.#forget()
    return [...new Set(ids)].flatMap(id => {
      const watch = this.#watches.get(id) ?? new TelemetryWatch(id, this.#ways)
      this.#watches.set(id, watch)
      watch.ask(intervalSeconds)
      const { dialect, osName } = watch
      return dialect === null ? [] : [{ id, dialect, osName, samples: watch.ring.since(since, Date.now()) }]
    })
  }

  dispose(): void {
    for (const watch of this.#watches.values()) watch.stop()
    this.#watches.clear()
  }

  #forget(): void {
    const now = performance.now()
    for (const [id, watch] of this.#watches) {
      if (now - watch.askedAt <= KEPT_MS) continue
      watch.stop()
      this.#watches.delete(id)
    }
  }
}
