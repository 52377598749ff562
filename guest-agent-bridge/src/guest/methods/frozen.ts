/** While filesystems are frozen a write would stop the whole agent: it has one thread. So it refuses. */
import { RpcError } from '../rpc-error.ts'

export class FrozenGuard {
  #frozen = false

  set(frozen: boolean): void {
    this.#frozen = frozen
  }

  /** Throws -32005 while frozen. */
  refuse(): void {
    if (this.#frozen) throw new RpcError('precondition', 'Filesystems are frozen', { reason: 'frozen' })
  }
}
