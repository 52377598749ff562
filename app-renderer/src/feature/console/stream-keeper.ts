import { type AppError, type ByteStream, RemoteError } from '@vireo/app-main/contract'
import { backOff } from './back-off.ts'

export type KeeperState =
  /** The machine is not running. */
  | { readonly kind: 'off' }
  /** `attempt` counts from 0. */
  | { readonly kind: 'connecting'; readonly attempt: number }
  | { readonly kind: 'open' }
  /** Tries again by itself; `error` is why the last attempt ended, null for a clean end. */
  | { readonly kind: 'waiting'; readonly attempt: number; readonly error: AppError | null }
  /** Only a person can go on. */
  | { readonly kind: 'failed'; readonly error: AppError }

/** Failures that stay until somebody does something about them. */
const LASTING: ReadonlySet<AppError['kind']> = new Set([
  'invalid-input',
  'not-found',
  'permission',
  'host-key',
  'unsupported',
  'refused',
  'ambiguous',
  'busy',
])

const asError = (thrown: unknown): AppError =>
  thrown instanceof RemoteError ? thrown.detail : { kind: 'internal', message: String(thrown) }

interface Hooks {
  open(): Promise<ByteStream>
  /** A stream is there. What it throws ends the attempt. */
  opened(stream: ByteStream): void
  /** Failures that stay, besides those that always do. */
  stays?(error: AppError): boolean
  /** Comes with every change; unless the state is `open` the stream of before is to be let go. */
  changed(state: KeeperState): void
}

/** Keeps one stream of a machine open while the machine runs, with back-off; each failure that stays waits for a person. */
export class StreamKeeper {
  readonly #hooks: Hooks
  #state: KeeperState = { kind: 'off' }
  #timer: ReturnType<typeof setTimeout> | undefined
  /** Grows with every attempt: an answer to an older one is closed unread. */
  #turn = 0
  #attempt = 0
  #alive = false
  #disposed = false

  constructor(hooks: Hooks) {
    this.#hooks = hooks
  }

  get state(): KeeperState {
    return this.#state
  }

  /** Whether the machine runs: a stream is opened when it starts and let go when it stops. */
  setAlive(alive: boolean): void {
    if (alive === this.#alive || this.#disposed) return
    this.#alive = alive
    if (alive) this.retry()
    else this.#change({ kind: 'off' })
  }

  /** Tries now instead of at the end of the back-off, or after a failure. */
  retry(): void {
    if (!this.#alive || this.#disposed) return
    this.#attempt = 0
    void this.#connect()
  }

  /** The stream works: the next failure starts its back-off afresh. */
  proven(): void {
    this.#attempt = 0
  }

  /** The stream of now ended. */
  ended(error: AppError | null): void {
    if (this.#state.kind !== 'open') return
    this.#failed(error)
  }

  dispose(): void {
    this.#disposed = true
    this.#change({ kind: 'off' })
  }

  async #connect(): Promise<void> {
    this.#change({ kind: 'connecting', attempt: this.#attempt })
    const turn = this.#turn
    try {
      const stream = await this.#hooks.open()
      if (turn !== this.#turn) return stream.close()
      this.#state = { kind: 'open' }
      this.#hooks.opened(stream)
      // Its owner may already have found it broken.
      if (turn === this.#turn) this.#hooks.changed(this.#state)
    } catch (thrown) {
      if (turn === this.#turn) this.#failed(asError(thrown))
    }
  }

  #failed(error: AppError | null): void {
    if (error && (LASTING.has(error.kind) || this.#hooks.stays?.(error))) return this.#change({ kind: 'failed', error })
    const attempt = this.#attempt
    this.#change({ kind: 'waiting', attempt, error })
    this.#timer = setTimeout(() => {
      this.#attempt = attempt + 1
      void this.#connect()
    }, backOff(attempt))
  }

  #change(state: KeeperState): void {
    this.#turn++
    clearTimeout(this.#timer)
    this.#state = state
    this.#hooks.changed(state)
  }
}
