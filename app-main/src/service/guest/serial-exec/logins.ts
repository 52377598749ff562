/** Who may log in on machines' serial lines: kept in this process's memory, for as long as it lives, and nowhere else. */
import type { DomainId } from '../../../contract/index.ts'

export interface Login {
  readonly user: string
  /** Null: the user has none. */
  readonly password: string | null
}

/** Nobody has so many machines open; the oldest goes. */
const MOST = 1000

export class Logins {
  readonly #known = new Map<DomainId, Login>()

  get(id: DomainId): Login | undefined {
    return this.#known.get(id)
  }

  set(id: DomainId, login: Login): void {
    this.#known.delete(id)
    this.#known.set(id, login)
    const [oldest] = this.#known.keys()
    if (this.#known.size > MOST && oldest !== undefined) this.#known.delete(oldest)
  }

  /** Forgets it; with `login` only if it is still that one. */
  forget(id: DomainId, login?: Login): void {
    if (login === undefined || this.#known.get(id) === login) this.#known.delete(id)
  }
}
