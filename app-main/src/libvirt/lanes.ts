/** Which lanes may send a call now: one lane never has all places, and those whose machine was late never have them together. */
export interface LaneLimits {
  /** Calls in flight of one lane with a name. */
  readonly perLane: number
  /** Calls in flight of all lanes whose last call was late. */
  readonly late: number
}

export class Lanes {
  readonly #limits: LaneLimits
  readonly #inFlight = new Map<string, number>()
  readonly #late = new Set<string>()

  constructor(limits: LaneLimits) {
    this.#limits = limits
  }

  mustWait(lane: string): boolean {
    if (lane === '') return false
    return (this.#inFlight.get(lane) ?? 0) >= this.#limits.perLane || (this.#late.has(lane) && this.#tooManyLate())
  }

  enter(lane: string): void {
    this.#inFlight.set(lane, (this.#inFlight.get(lane) ?? 0) + 1)
  }

  /** @param late whether nobody waited for the answer any more, or it said that the guest did not answer */
  leave(lane: string, late: boolean): void {
    const left = (this.#inFlight.get(lane) ?? 1) - 1
    if (left > 0) this.#inFlight.set(lane, left)
    else this.#inFlight.delete(lane)
    if (late && lane !== '') this.#late.add(lane)
    else this.#late.delete(lane)
  }

  #tooManyLate(): boolean {
    let count = 0
    for (const [lane, calls] of this.#inFlight) if (this.#late.has(lane)) count += calls
    return count >= this.#limits.late
  }
}
