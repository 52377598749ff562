/** A daemon kept connected: it is found, followed by its events, and met again when it comes back. */
import type { AppError } from '../contract/index.ts'
import { RemoteError } from '../contract/index.ts'
import { Backoff } from '../base/backoff.ts'
import { DisposableStore, type Disposable } from '../base/disposable.ts'
import { Emitter } from '../base/emitter.ts'
import { watchSocket } from '../base/socket-watch.ts'
import { LxdClient } from './client.ts'
import { followEvents, type InstanceNews } from './events.ts'
import { isTimeout, lostError, productName, toRemoteError } from './failure.ts'
import { Server } from './schema.ts'
import { likelySocket, type LxdTarget } from './target.ts'

export type SessionState = 'connecting' | 'ready' | 'lost' | 'not-responding' | 'unavailable'

export interface SessionStatus {
  readonly state: SessionState
  readonly error: AppError | null
  /** When the next attempt starts, epoch milliseconds; null when none is planned. */
  readonly retryAt: number | null
}

export interface LxdLink {
  readonly client: LxdClient
  readonly server: Server
}

export interface SessionOptions {
  /** Called for every new connection before it is ready: list everything here. When it rejects, it is tried again. */
  readonly onUp: (link: LxdLink) => Promise<void>
  readonly onNews: (news: InstanceNews) => void
  readonly heartbeatMs?: number | undefined
  readonly backoff?: { readonly firstMs: number; readonly longestMs: number } | undefined
}

/** A daemon answers this at once. */
const HELLO_MS = 10_000
/** A socket is there a little before the daemon listens on it. */
const LISTENS_MS = 100

export class LxdSession implements Disposable {
  readonly #target: LxdTarget
  readonly #options: SessionOptions
  readonly #changed = new Emitter<SessionStatus>()
  readonly onStatus = this.#changed.event
  readonly #backoff: Backoff
  #waiting = new DisposableStore()
  /** What belongs to the connection in use, or to the attempt under way. */
  #current = new DisposableStore()
  #link: LxdLink | null = null
  #attempt: Promise<void> | null = null
  #status: SessionStatus = { state: 'connecting', error: null, retryAt: null }
  #wasReady = false
  #disposed = false
  #settle: () => void = () => undefined
  readonly #settled = new Promise<void>(resolve => (this.#settle = resolve))

  constructor(target: LxdTarget, options: SessionOptions) {
    this.#target = target
    this.#options = options
    this.#backoff = new Backoff(options.backoff)
  }

  get status(): SessionStatus {
    return this.#status
  }

  /** The connection in use. Throws the reason why there is none. */
  require(): LxdLink {
    if (this.#link !== null) return this.#link
    const message = `The connection to ${productName(this.#target.product)} is not open yet.`
    throw new RemoteError(this.#status.error ?? { kind: 'connection', trouble: 'lost', message })
  }

  /** Starts. Never throws: `status` tells. */
  open(): void {
    if (this.#disposed || this.#link !== null) return
    this.#attempt ??= this.#try().finally(() => {
      this.#attempt = null
      this.#settle()
    })
  }

  retry(): void {
    if (this.#attempt === null) this.#backoff.reset()
    this.open()
  }

  /** Resolves when the first attempt ended, well or not. */
  settled(): Promise<void> {
    return this.#settled
  }

  dispose(): void {
    this.#disposed = true
    this.#link = null
    this.#waiting.dispose()
    this.#current.dispose()
    this.#settle()
  }

  async #try(): Promise<void> {
    this.#endWait()
    this.#set({ retryAt: null })
    const owned = new DisposableStore()
    this.#current = owned
    try {
      const link = await this.#connect(owned)
      if (owned.disposed) return
      this.#link = link
      this.#wasReady = true
      this.#backoff.reset()
      this.#set({ state: 'ready', error: null, retryAt: null })
    } catch (error) {
      owned.dispose()
      if (!this.#disposed) this.#failed(toRemoteError(error))
    }
  }

  async #connect(owned: DisposableStore): Promise<LxdLink> {
    const { product, project } = this.#target
    const client = owned.add(new LxdClient({ product, socket: likelySocket(this.#target), project }))
    const server = await client.get('/1.0', Server, { deadlineMs: HELLO_MS })
    if (server.auth === 'untrusted')
      throw new RemoteError({ kind: 'permission', message: `${productName(product)} does not trust this user.` })
    let closed: RemoteError | null = null
    // First the ear, then the list: nothing is missed in between.
    owned.add(
      await followEvents(client, {
        onNews: this.#options.onNews,
        onClosed: reason => {
          closed = this.#endOf(reason)
          if (this.#link?.client === client) this.#lost(closed)
        },
        ...(this.#options.heartbeatMs === undefined ? {} : { heartbeatMs: this.#options.heartbeatMs }),
      }),
    )
    await this.#options.onUp({ client, server })
    if (closed !== null) throw closed
    return { client, server }
  }

  #endOf(reason: 'ended' | 'silent'): RemoteError {
    const { product } = this.#target
    if (reason === 'ended') return lostError(product)
    const message = `${productName(product)} does not answer any more.`
    return new RemoteError({ kind: 'connection', trouble: 'not-responding', message })
  }

  #lost(error: RemoteError): void {
    this.#link = null
    this.#current.dispose()
    if (!this.#disposed) this.#failed(error)
  }

  #failed(error: RemoteError): void {
    const delay = this.#backoff.next()
    this.#set({ state: stateFor(error, this.#wasReady), error: error.detail, retryAt: Date.now() + delay })
    this.#wait(delay)
  }

  #wait(delayMs: number): void {
    this.#endWait()
    const timer = setTimeout(() => this.open(), delayMs)
    this.#waiting.add({ dispose: () => clearTimeout(timer) })
    const appeared = (): void => {
      this.#backoff.reset()
      this.#wait(LISTENS_MS)
    }
    for (const path of this.#target.sockets) this.#waiting.add(watchSocket(path, appeared))
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

const stateFor = (error: RemoteError, wasReady: boolean): SessionState => {
  const { detail } = error
  if (isTimeout(error) || (detail.kind === 'connection' && detail.trouble === 'not-responding')) return 'not-responding'
  if (detail.kind !== 'connection') return 'unavailable'
  return wasReady ? 'lost' : 'unavailable'
}
