/** Shares lanes out over several connections: one lane's calls stay together, a new lane goes where the fewest calls are. */
export class LaneBalance<Side extends string> {
  readonly #sides: readonly [Side, ...Side[]]
  readonly #lanes = new Map<string, { readonly side: Side; calls: number }>()

  constructor(sides: readonly [Side, ...Side[]]) {
    this.#sides = sides
  }

  async run<T>(lane: string, work: (side: Side) => Promise<T>): Promise<T> {
    const place = this.#lanes.get(lane) ?? { side: this.#quietest(), calls: 0 }
    this.#lanes.set(lane, place)
    place.calls++
    try {
      return await work(place.side)
    } finally {
      place.calls--
      if (place.calls === 0) this.#lanes.delete(lane)
    }
  }

  #quietest(): Side {
    const load = new Map<Side, number>()
    for (const { side, calls } of this.#lanes.values()) load.set(side, (load.get(side) ?? 0) + calls)
    const [first] = this.#sides
    return this.#sides.reduce((best, side) => ((load.get(side) ?? 0) < (load.get(best) ?? 0) ? side : best), first)
  }
}
