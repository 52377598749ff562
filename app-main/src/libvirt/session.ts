/** A connection that keeps itself: it opens, notices loss, and comes back. */
import { Backoff } from '../base/backoff.ts'
import { DisposableStore, type Disposable } from '../base/disposable.ts'
import { Emitter } from '../base/emitter.ts'
import { watchSocket } from '../base/socket-watch.ts'
import { RemoteError, type AppError } from '../contract/error.ts'
import { toAppError, toRemoteError } from './app-error.ts'
import { Connection, type OpenOptions } from './connection.ts'
import { ConnectionError, isDenied, isTimeout, PermissionError } from './errors.ts'
import { chooseSocket } from './socket-path.ts'
import { parseUri } from './uri.ts'

export type SessionState = 'connecting' | 'ready' | 'lost' | 'not-responding' | 'unavailable'

export interface SessionStatus {
  readonly state: SessionState
  /** Why it is not ready. */
  readonly error: AppError | null
  /** When the next attempt starts, epoch milliseconds; null when none is planned or one is under way. */
  readonly retryAt: number | null
  readonly readOnly: boolean
}

export interface SessionOptions extends Pick<OpenOptions, 'deadlineMs' | 'keepalive' | 'dial'> {
  /**
   * `auto` (usual): full access where no password is asked for, otherwise looking only, until `unlock`.
   * `read-only`: looking only until `unlock`. `read-write`: full access or none.
   */
  readonly access?: 'auto' | 'read-only' | 'read-write' | undefined
  /**
   * Called for every new connection before the session is ready: subscribe and resync here. When it rejects, the
   * connection is given up and tried again; an older one that is still in use is then handed over once more.
   */
  readonly onUp: (connection: Connection) => Promise<void>
  /** Shortest and longest wait between attempts, milliseconds. */
  readonly backoff?: { readonly firstMs: number; readonly longestMs: number } | undefined
}

/** A daemon's socket is there a little before the daemon listens on it. */
const LISTENS_MS = 50

export class Session implements Disposable {
  readonly uri: string
  readonly #options: SessionOptions
  readonly #changed = new Emitter<SessionStatus>()
  readonly #backoff: Backoff
  /** What belongs to the current wait: its timer and its watch. */
  #waiting = new DisposableStore()
  #attempt: { readonly stop: AbortController; readonly ended: Promise<void> } | undefined
  #connection: Connection | undefined
  #status: SessionStatus = { state: 'connecting', error: null, retryAt: null, readOnly: true }
  /** Full access was given once. Coming back never asks for a password again. */
  #unlocked = false
  #disposed = false
  #wasReady = false
  #settle!: () => void
  readonly #settled: Promise<void>

  constructor(uri: string, options: SessionOptions) {
    this.uri = uri
    this.#options = options
    this.#backoff = new Backoff(options.backoff)
    this.#settled = new Promise(resolve => (this.#settle = resolve))
  }

  readonly onStatus = this.#changed.event

  get status(): SessionStatus {
    return this.#status
  }

  /** The open connection; undefined while there is none. */
  get connection(): Connection | undefined {
    return this.#connection
  }

  /** The open connection. @throws {RemoteError} with the reason why there is none */
  require(): Connection {
    if (this.#connection) return this.#connection
    const message = `The connection to ${this.uri} is not open yet.`
    throw new RemoteError(this.#status.error ?? { kind: 'connection', trouble: 'lost', message })
  }

  /** Starts. Never throws: `status` tells. */
  open(): void {
    if (this.#connection || this.#attempt || this.#disposed) return
    const stop = new AbortController()
    this.#attempt = { stop, ended: this.#try(stop.signal) }
  }

  /** Tries again now instead of at the end of the wait. */
  retry(): void {
    if (!this.#attempt) this.#backoff.reset()
    this.open()
  }

  /** Resolves when the first attempt ended, well or not. */
  settled(): Promise<void> {
    return this.#settled
  }

  /**
   * Asks for full access; a person may be asked for a password, so it may take long. The connection for looking stays
   * in use until the new one is up.
   * @throws {RemoteError} of kind `permission` when refused; nothing has changed then
   */
  async unlock(): Promise<void> {
    if (this.#connection && !this.#connection.readOnly) return
    try {
      const connection = await Connection.open(this.uri, { ...this.#openOptions(), readOnly: false })
      await this.#attempt?.ended
      await this.#replace(connection)
      this.#unlocked = true
    } catch (error) {
      throw toRemoteError(error)
    }
  }

  dispose(): void {
    this.#disposed = true
    this.#waiting.dispose()
    this.#attempt?.stop.abort()
    const connection = this.#connection
    this.#connection = undefined
    if (connection) void connection.close()
    this.#settle()
  }

  #openOptions(): OpenOptions {
    const { deadlineMs, keepalive, dial } = this.#options
    return { deadlineMs, keepalive, dial }
  }

  async #try(signal: AbortSignal): Promise<void> {
    this.#endWait()
    this.#set({ retryAt: null })
    try {
      await this.#adopt(await this.#openAllowed(signal))
    } catch (error) {
      if (!this.#disposed) this.#failed(error)
    } finally {
      this.#attempt = undefined
      this.#settle()
    }
  }

  async #openAllowed(signal: AbortSignal): Promise<Connection> {
    const options: OpenOptions = { ...this.#openOptions(), signal }
    const { access = 'auto' } = this.#options
    if (access === 'read-write') return Connection.open(this.uri, options)
    if (access === 'auto' || this.#unlocked) {
      try {
        return await Connection.open(this.uri, { ...options, interactive: false })
      } catch (error) {
        if (!isDenied(error)) throw error
      }
    }
    return Connection.open(this.uri, { ...options, readOnly: true, interactive: false })
  }

  /** Makes a new connection the one in use, once its owner has taken stock of it. */
  async #adopt(connection: Connection): Promise<void> {
    try {
      await this.#options.onUp(connection)
      if (connection.closeReason) throw connection.closeReason
    } catch (error) {
      await connection.close()
      throw error
    }
    if (this.#disposed) {
      await connection.close()
      return
    }
    const previous = this.#connection
    this.#connection = connection
    connection.onClose(reason => {
      if (this.#connection === connection) this.#lost(reason)
    })
    this.#endWait()
    this.#wasReady = true
    this.#backoff.reset()
    this.#set({ state: 'ready', error: null, retryAt: null, readOnly: connection.readOnly })
    if (previous) await previous.close()
  }

  /** Goes over to a connection with more rights, or stays with what there is. */
  async #replace(connection: Connection): Promise<void> {
    const previous = this.#connection
    try {
      await this.#adopt(connection)
    } catch (error) {
      // Its owner has already turned away from it.
      if (previous && this.#connection === previous) await this.#options.onUp(previous)
      throw error
    }
  }

  #lost(reason: ConnectionError): void {
    this.#connection = undefined
    if (!this.#disposed) this.#failed(reason)
  }

  #failed(error: unknown): void {
    const detail = toAppError(error)
    const hopeless = error instanceof ConnectionError && error.trouble === 'unsupported-driver'
    const delay = hopeless ? null : this.#backoff.next()
    const retryAt = delay === null ? null : Date.now() + delay
    this.#set({ state: stateFor(error, this.#wasReady), error: detail, retryAt })
    if (delay !== null) this.#wait(delay)
  }

  #wait(delayMs: number): void {
    this.#endWait()
    const timer = setTimeout(() => this.open(), delayMs)
    this.#waiting.add({ dispose: () => clearTimeout(timer) })
    const target = parseUri(this.uri)
    if (target.transport !== 'unix') return
    const { path } = chooseSocket(target, { readOnly: this.#status.readOnly })
    const appeared = () => {
      this.#backoff.reset()
      this.#wait(LISTENS_MS)
    }
    this.#waiting.add(watchSocket(path, appeared))
  }

  #endWait(): void {
    this.#waiting.dispose()
    this.#waiting = new DisposableStore()
  }

  #set(change: Partial<SessionStatus>): void {
    this.#status = { ...this.#status, ...change }
    this.#changed.fire(this.#status)
  }
}

const stateFor = (error: unknown, wasReady: boolean): SessionState => {
  if (error instanceof PermissionError) return 'unavailable'
  if (isTimeout(error)) return 'not-responding'
  if (!(error instanceof ConnectionError)) return wasReady ? 'lost' : 'unavailable'
  if (error.trouble === 'not-responding') return 'not-responding'
  return wasReady && error.trouble !== 'unsupported-driver' ? 'lost' : 'unavailable'
}
