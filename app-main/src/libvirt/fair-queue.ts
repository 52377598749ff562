/**
 * A queue with lanes that take turns, so that a caller with a thousand requests does not delay one with a single
 * request. First in, first out within a lane.
 */
export class FairQueue<T> {
  readonly #lanes = new Map<string, T[]>()
  #length = 0

  /** Items in all lanes. */
  get length(): number {
    return this.#length
  }

  push(lane: string, item: T): void {
    this.#length++
    const items = this.#lanes.get(lane)
    if (items) items.push(item)
    else this.#lanes.set(lane, [item])
  }

  /** Takes from the lane that has waited longest for its turn, lanes that must wait left out. */
  shift(mustWait: (lane: string) => boolean = () => false): T | undefined {
    for (const [lane, items] of this.#lanes) {
      if (mustWait(lane)) continue
      const item = items.shift()
      this.#length--
      // Deleting and setting again moves the lane to the end of the Map's order.
      this.#lanes.delete(lane)
      if (items.length > 0) this.#lanes.set(lane, items)
      return item
    }
    return undefined
  }

  remove(lane: string, item: T): void {
    const items = this.#lanes.get(lane)
    const index = items?.indexOf(item) ?? -1
    if (!items || index < 0) return
    items.splice(index, 1)
    this.#length--
    if (items.length === 0) this.#lanes.delete(lane)
  }

  clear(): T[] {
    const all = [...this.#lanes.values()].flat()
    this.#lanes.clear()
    this.#length = 0
    return all
  }
}
