/**
 * LXD tells nobody when an instance gets an address: one that runs without any is looked at again, often at first, then
 * rarely, then not any more. Whoever measures it learns of later changes.
 */
import type { DomainTable } from '../domain-table.ts'
import type { DomainKey } from '../driver.ts'

const DELAYS_MS = [300, 700, 1500, 3000, 6000, 15_000, 30_000, 60_000]
/** One look may ask this many. */
const AT_ONCE = 20

export class AddressWatch {
  readonly #table: DomainTable
  readonly #look: (key: DomainKey) => void
  /** Looks so far, of those that run without an address. */
  readonly #looks = new Map<DomainKey, number>()
  #timer: NodeJS.Timeout | undefined
  #on = false

  constructor(table: DomainTable, look: (key: DomainKey) => void) {
    this.#table = table
    this.#look = look
    table.onChange(({ full, changed, removed }) => {
      if (full) this.#looks.clear()
      for (const key of removed) this.#looks.delete(key)
      for (const { uuid, state, addresses } of changed) {
        if (state !== 'running' || addresses.length > 0) this.#looks.delete(uuid)
        else if (!this.#looks.has(uuid)) this.#looks.set(uuid, 0)
      }
      this.#plan()
    })
  }

  start(): void {
    this.#on = true
    this.#plan()
  }

  stop(): void {
    this.#on = false
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#looks.clear()
  }

  #plan(): void {
    if (!this.#on || this.#timer !== undefined) return
    const next = Math.min(...[...this.#looks.values()].map(looks => DELAYS_MS[looks] ?? Infinity))
    if (next === Infinity) return
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      this.#round()
      this.#plan()
    }, next)
    this.#timer.unref()
  }

  #round(): void {
    const due = [...this.#looks].filter(([, looks]) => looks < DELAYS_MS.length).sort(([, a], [, b]) => a - b)
    for (const [key, looks] of due.slice(0, AT_ONCE)) {
      if (this.#table.domains.get(key)?.state !== 'running') this.#looks.delete(key)
      else {
        this.#looks.set(key, looks + 1)
        this.#look(key)
      }
    }
  }
}
