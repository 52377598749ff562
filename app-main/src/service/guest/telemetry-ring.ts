/** One machine's measurements, oldest first, bounded in time, number and weight. */
import { GuestTelemetry } from '../../contract/index.ts'

export const KEPT_MS = 15 * 60_000
/** One a second for a quarter of an hour. */
const KEPT_SAMPLES = 900
const KEPT_BYTES = 4 * 1024 * 1024
/** Parts of one sample that are kept: a guest may have invented thousands. */
const KEPT_PARTS = 64
/** Samples that come quicker are dropped, in milliseconds: nobody asked for more than one a second. */
const LEAST_GAP_MS = 400

interface Kept {
  readonly sample: GuestTelemetry
  readonly bytes: number
}

export class TelemetryRing {
  #kept: Kept[] = []
  #bytes = 0

  /** Takes a sample as an agent gave it; what is not one, or comes too soon, is left out. */
  add(raw: GuestTelemetry, now: number): void {
    this.#unlearnFuture(now)
    if (now - (this.#kept.at(-1)?.sample.at ?? -Infinity) < LEAST_GAP_MS) return
    const cut = {
      ...raw,
      at: now,
      filesystems: raw.filesystems.slice(0, KEPT_PARTS),
      interfaces: raw.interfaces.slice(0, KEPT_PARTS).map(one => ({
        ...one,
        addresses: one.addresses.slice(0, KEPT_PARTS),
      })),
    }
    const parsed = GuestTelemetry.safeParse(cut)
    if (!parsed.success) return
    const bytes = JSON.stringify(parsed.data).length
    if (bytes > KEPT_BYTES / 16) return
    this.#kept.push({ sample: parsed.data, bytes })
    this.#bytes += bytes
    this.#forget(now)
  }

  since(moment: number, now: number): GuestTelemetry[] {
    this.#forget(now)
    return this.#kept.flatMap(({ sample }) => (sample.at > moment ? [sample] : []))
  }

  /** The computer's clock was set back: what was measured after this moment has no place in time any more. */
  #unlearnFuture(now: number): void {
    for (let newest = this.#kept.at(-1); newest && newest.sample.at > now; newest = this.#kept.at(-1)) {
      this.#kept.pop()
      this.#bytes -= newest.bytes
    }
  }

  #forget(now: number): void {
    const over = () => this.#kept.length > KEPT_SAMPLES || this.#bytes > KEPT_BYTES
    for (let oldest = this.#kept[0]; oldest; oldest = this.#kept[0]) {
      if (!over() && now - oldest.sample.at <= KEPT_MS) return
      this.#kept.shift()
      this.#bytes -= oldest.bytes
    }
  }
}
