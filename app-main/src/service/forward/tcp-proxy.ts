/** A listening port whose connections are handed on to another place. */
import { connect, createServer, type Server, type Socket } from 'node:net'
import { RemoteError, type AppError, type ForwardState } from '../../contract/index.ts'

export interface Place {
  readonly host: string
  readonly port: number
}

export interface ProxyLimits {
  /** Connections at a time; more are cut at once. */
  readonly connections: number
  /** A connection on which nothing went either way for so long is cut, milliseconds. */
  readonly idleMs: number
  /** The same, once one side has said its last. */
  readonly halfOpenMs: number
  /** How long the other side may take to answer. */
  readonly connectMs: number
}

export const PROXY_LIMITS: ProxyLimits = {
  connections: 256,
  // A shell may rest over night; a side that is gone without a word is found by keep-alive, long before.
  idleMs: 24 * 60 * 60_000,
  halfOpenMs: 10 * 60_000,
  connectMs: 10_000,
}

export interface ProxyCounts {
  readonly open: number
  readonly total: number
  readonly failed: number
}

export interface ProxyOptions {
  readonly limits?: ProxyLimits
  /** Where a connection that just came goes; rejects when that is not known. */
  readonly place: () => Promise<Place>
  /** The place did not answer. It is asked for again, once, where that gives another one. */
  readonly onUnreachable: (place: Place) => void
  /** A count changed. */
  readonly onCounts: () => void
}

const KEEP_ALIVE_MS = 60_000

interface Pair {
  readonly client: Socket
  upstream: Socket | null
  place: Place | null
  /** Bytes pass between the two. */
  joined: boolean
}

const samePlace = (one: Place, other: Place): boolean => one.host === other.host && one.port === other.port

/** Why this computer did not let us listen. */
export class ListenFailure extends RemoteError {
  readonly state: ForwardState

  constructor(state: ForwardState, detail: AppError, cause: unknown) {
    super(detail, { cause })
    this.state = state
  }
}

export const listenFailure = (error: unknown, { host, port }: Place): ListenFailure => {
  const code = error instanceof Error && 'code' in error ? error.code : null
  const where = `Port ${port} of ${host}`
  if (code === 'EADDRINUSE') {
    const hint = 'Take another port, or end the program that listens there.'
    return new ListenFailure('port-in-use', { kind: 'precondition', message: `${where} is in use.`, hint }, error)
  }
  if (code === 'EACCES') {
    const message = `${where} needs rights that Vireo does not have: ports below 1024 are the administrator's.`
    return new ListenFailure('no-permission', { kind: 'permission', message, hint: 'Take one from 1024 on.' }, error)
  }
  if (code === 'EADDRNOTAVAIL' || code === 'EINVAL' || code === 'EAFNOSUPPORT') {
    const message = `${host} is no address of this computer.`
    return new ListenFailure('no-such-address', { kind: 'invalid-input', message, hint: 'Take 127.0.0.1.' }, error)
  }
  const why = error instanceof Error ? error.message : String(error)
  return new ListenFailure(
    'unreachable',
    { kind: 'refused', message: `${where} cannot be listened on: ${why}.` },
    error,
  )
}

/**
 * Hands connections on with back-pressure both ways; the end of one direction is passed on and leaves the other open.
 * A place that does not answer resets the connection. `close` cuts all of them.
 */
export class TcpProxy {
  readonly #options: ProxyOptions
  readonly #limits: ProxyLimits
  readonly #pairs = new Set<Pair>()
  #server: Server | null = null
  #total = 0
  #failed = 0

  constructor(options: ProxyOptions) {
    this.#options = options
    this.#limits = options.limits ?? PROXY_LIMITS
  }

  get counts(): ProxyCounts {
    return { open: this.#pairs.size, total: this.#total, failed: this.#failed }
  }

  /** Resolves with the port. Rejects with a `ListenFailure`. */
  listen(at: Place): Promise<number> {
    return new Promise((resolve, reject) => {
      const server = createServer({ allowHalfOpen: true, pauseOnConnect: true, noDelay: true }, client =>
        this.#accept(client),
      )
      server.once('error', error => reject(listenFailure(error, at)))
      server.listen({ host: at.host, port: at.port }, () => {
        // Out of descriptors, for instance: the next connection may work again.
        server.on('error', () => this.#fail())
        this.#server = server
        const address = server.address()
        resolve(typeof address === 'object' && address !== null ? address.port : at.port)
      })
    })
  }

  /** Cuts the connections that go to such places. */
  cutWhere(test: (place: Place) => boolean): void {
    for (const pair of this.#pairs) if (pair.place !== null && test(pair.place)) cut(pair)
  }

  /** Resolves when the port is free again. */
  async close(): Promise<void> {
    const server = this.#server
    this.#server = null
    const closed = server === null ? undefined : new Promise<void>(resolve => server.close(() => resolve()))
    for (const pair of this.#pairs) cut(pair)
    await closed
  }

  #fail(): void {
    this.#failed++
    this.#options.onCounts()
  }

  #accept(client: Socket): void {
    client.on('error', () => undefined)
    if (this.#server === null || this.#pairs.size >= this.#limits.connections) {
      cutSocket(client)
      return this.#fail()
    }
    const pair: Pair = { client, upstream: null, place: null, joined: false }
    this.#pairs.add(pair)
    client.once('close', () => {
      const { upstream } = pair
      // Its end by force is the other's: half a conversation must not look like a whole one.
      if (upstream !== null && !isWhole(client)) cutSocket(upstream)
      if (!pair.joined || upstream === null || upstream.closed) this.#forget(pair)
    })
    this.#options.onCounts()
    void this.#handOn(pair).catch(() => {
      cutSocket(client)
      this.#fail()
    })
  }

  #forget(pair: Pair): void {
    if (this.#pairs.delete(pair)) this.#options.onCounts()
  }

  async #handOn(pair: Pair): Promise<void> {
    const { client } = pair
    const upstream = await this.#reach(pair)
    if (client.destroyed) return cutSocket(upstream)
    pair.joined = true
    this.#total++
    for (const socket of [client, upstream]) socket.setKeepAlive(true, KEEP_ALIVE_MS)
    upstream.once('close', () => {
      if (!isWhole(upstream)) cutSocket(client)
      if (client.closed) this.#forget(pair)
    })
    this.#watchIdle(client, upstream)
    client.pipe(upstream)
    upstream.pipe(client)
    this.#options.onCounts()
  }

  async #reach(pair: Pair): Promise<Socket> {
    const first = await this.#options.place()
    try {
      return await this.#connect(pair, first)
    } catch (error) {
      // That it refuses is an answer of the machine.
      if (error instanceof Error && 'code' in error && error.code === 'ECONNREFUSED') throw error
      this.#options.onUnreachable(first)
      if (pair.client.destroyed || this.#server === null) throw error
      const second = await this.#options.place()
      if (samePlace(first, second)) throw error
      return this.#connect(pair, second)
    }
  }

  #connect(pair: Pair, place: Place): Promise<Socket> {
    return new Promise((resolve, reject) => {
      if (pair.client.destroyed) return reject(new Error('nobody waits for it any more'))
      const upstream = connect({ host: place.host, port: place.port, allowHalfOpen: true, noDelay: true })
      pair.upstream = upstream
      pair.place = place
      const timer = setTimeout(() => upstream.destroy(new Error('did not answer')), this.#limits.connectMs)
      upstream.once('close', () => {
        clearTimeout(timer)
        reject(upstream.errored ?? new Error('was given up'))
      })
      upstream.on('error', () => undefined)
      upstream.once('connect', () => {
        clearTimeout(timer)
        resolve(upstream)
      })
    })
  }

  /** Both directions count: a download is no idle connection because nobody says anything meanwhile. */
  #watchIdle(client: Socket, upstream: Socket): void {
    const { idleMs, halfOpenMs } = this.#limits
    let limit = idleMs
    let timer: NodeJS.Timeout
    const over = () => {
      cutSocket(client)
      cutSocket(upstream)
    }
    const start = () => {
      clearTimeout(timer)
      timer = setTimeout(over, limit)
      timer.unref()
    }
    start()
    for (const socket of [client, upstream]) {
      socket.on('data', () => timer.refresh())
      // Also what is taken slowly is no silence.
      socket.on('drain', () => timer.refresh())
      socket.once('end', () => {
        limit = halfOpenMs
        if (!client.closed || !upstream.closed) start()
      })
      socket.once('close', () => {
        if (client.closed && upstream.closed) clearTimeout(timer)
      })
    }
  }
}

/** Both directions were closed in peace, and all of it was handed over. */
const isWhole = (socket: Socket): boolean => socket.readableEnded && socket.writableFinished

const cutSocket = (socket: Socket): void => {
  // One that still connects would wait for that before it resets.
  if (socket.connecting) socket.destroy()
  else if (!socket.destroyed) socket.resetAndDestroy()
}

const cut = ({ client, upstream }: Pair): void => {
  cutSocket(client)
  if (upstream !== null) cutSocket(upstream)
}
