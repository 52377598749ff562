/** A second connection to the same daemon, opened when it is needed and closed when it was not for a while. */
import type { Disposable } from '../../base/disposable.ts'
import { Connection } from '../../libvirt/index.ts'

const IDLE_MS = 60_000

export class SideConnection implements Disposable {
  readonly #uri: string
  #opening: Promise<Connection> | null = null
  #idle: NodeJS.Timeout | undefined

  constructor(uri: string) {
    this.#uri = uri
  }

  async get(): Promise<Connection> {
    clearTimeout(this.#idle)
    const opening = (this.#opening ??= Connection.open(this.#uri))
    try {
      const daemon = await opening
      if (daemon.closeReason === undefined) return this.#lend(daemon)
    } catch (error) {
      this.#forget(opening)
      throw error
    }
    this.#forget(opening)
    return this.get()
  }

  dispose(): void {
    clearTimeout(this.#idle)
    const opening = this.#opening
    this.#opening = null
    opening?.then(
      daemon => daemon.close(),
      () => undefined,
    )
  }

  #lend(daemon: Connection): Connection {
    // Calls under way keep it open: closing waits for nobody, so the limit is far above their deadlines.
    this.#idle = setTimeout(() => this.dispose(), IDLE_MS + LONGEST_CALL_MS)
    this.#idle.unref()
    return daemon
  }

  #forget(opening: Promise<Connection>): void {
    if (this.#opening === opening) this.#opening = null
  }
}

const LONGEST_CALL_MS = 30 * 60_000
