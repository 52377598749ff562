/** The live inventory of one connection: what changes within one tick is told in one piece. */
import { isDeepStrictEqual } from 'node:util'
import type { DomainSummary } from '../contract/index.ts'
import { Emitter } from '../base/emitter.ts'
import type { DomainKey, DomainsChange } from './driver.ts'

export class DomainTable {
  readonly #domains = new Map<DomainKey, DomainSummary>()
  readonly #emitter = new Emitter<DomainsChange>()
  readonly onChange = this.#emitter.event
  readonly #changed = new Set<DomainKey>()
  #full = false
  #scheduled = false

  get domains(): ReadonlyMap<DomainKey, DomainSummary> {
    return this.#domains
  }

  set(key: DomainKey, summary: DomainSummary): void {
    if (isDeepStrictEqual(this.#domains.get(key), summary)) return
    this.#domains.set(key, summary)
    this.#touch(key)
  }

  /** Changes some facts of a domain; one that is not there stays away. */
  patch(key: DomainKey, facts: Partial<DomainSummary>): void {
    const known = this.#domains.get(key)
    if (known !== undefined) this.set(key, { ...known, ...facts })
  }

  delete(key: DomainKey): void {
    if (this.#domains.delete(key)) this.#touch(key)
  }

  /** Everything anew: whoever is not in `all` is gone. */
  replace(all: ReadonlyMap<DomainKey, DomainSummary>): void {
    this.#domains.clear()
    for (const [key, summary] of all) this.#domains.set(key, summary)
    this.#full = true
    this.#schedule()
  }

  #touch(key: DomainKey): void {
    this.#changed.add(key)
    this.#schedule()
  }

  #schedule(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    setImmediate(() => this.#flush())
  }

  #flush(): void {
    this.#scheduled = false
    const keys = this.#full ? [...this.#domains.keys()] : [...this.#changed]
    const change: DomainsChange = {
      full: this.#full,
      changed: keys.flatMap(key => this.#domains.get(key) ?? []),
      removed: [...this.#changed].filter(key => !this.#domains.has(key)),
    }
    this.#full = false
    this.#changed.clear()
    this.#emitter.fire(change)
  }
}
