/** The daemon's REST interface over its socket: typed answers, operations, WebSockets. */
import type { IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { WebSocket } from 'ws'
import { z } from 'zod'
import { RemoteError } from '../contract/index.ts'
import { withDeadline } from '../base/deadline.ts'
import type { Disposable } from '../base/disposable.ts'
import { daemonText, dialError, isNotFound, protocolError, refusal } from './failure.ts'
import { readShort, SocketHttp, type Answer, type Request, type StreamRequest } from './http.ts'
import { Envelope, Operation, Profile } from './schema.ts'
import type { Product } from './target.ts'

export interface ClientOptions {
  readonly product: Product
  /** The socket's path. */
  readonly socket: string
  readonly project: string
}

export type Asked = Pick<Request, 'signal' | 'deadlineMs' | 'limitBytes'>

export interface Waiting {
  readonly signal?: AbortSignal | undefined
  /** How long the operation itself may take, in milliseconds; an hour unless told. */
  readonly deadlineMs?: number
  /** Told whenever the daemon says how far it is. */
  readonly onProgress?: (operation: Operation) => void
}

export type Query = Readonly<Record<string, string | number | undefined>>

/** One answer to a long question; then it is asked again. */
const ROUND_S = 20
const LONGEST_MS = 60 * 60_000
const DIAL_MS = 10_000

export class LxdClient implements Disposable {
  readonly #options: ClientOptions
  readonly #http: SocketHttp

  constructor(options: ClientOptions) {
    this.#options = options
    this.#http = new SocketHttp(options.product, options.socket)
  }

  get product(): Product {
    return this.#options.product
  }

  /** An address below `/1.0`, in the client's project. Parts are escaped. */
  path(parts: readonly string[], query: Query = {}): string {
    const { project } = this.#options
    const search = new URLSearchParams()
    for (const [name, value] of Object.entries(query)) if (value !== undefined) search.set(name, String(value))
    // Daemons from before projects know none.
    if (project !== 'default') search.set('project', project)
    const text = search.toString()
    return ['/1.0', ...parts.map(encodeURIComponent)].join('/') + (text === '' ? '' : `?${text}`)
  }

  /** Rejects with the daemon's refusal, or `connection` / `protocol` for what is no such answer. */
  async get<T extends z.ZodType>(path: string, schema: T, asked: Asked = {}): Promise<z.output<T>> {
    const { metadata } = envelopeOf(await this.#http.send({ ...asked, method: 'GET', path }))
    return checked(metadata, schema)
  }

  /** Changes something, and waits for the operation where the daemon makes one. Gives the operation's own facts. */
  async change(
    method: 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    path: string,
    body?: unknown,
    waiting: Waiting = {},
  ): Promise<Operation | null> {
    const begun = await this.begin(method, path, body, waiting.signal)
    return begun === null ? null : this.wait(begun, waiting)
  }

  /** Starts an operation and does not wait for it; null where the daemon was done at once. */
  async begin(
    method: Request['method'],
    path: string,
    body?: unknown,
    signal?: AbortSignal,
  ): Promise<Operation | null> {
    const text = body === undefined ? undefined : JSON.stringify(body)
    const { type, metadata } = envelopeOf(await this.#http.send({ method, path, body: text, signal }))
    return type === 'async' ? checked(metadata, Operation) : null
  }

  /**
   * Waits for an operation's end. Rejects with what the daemon says went wrong. Whoever gives up cancels it where it
   * can be cancelled; elsewhere it goes on and nobody waits.
   */
  async wait(begun: Operation, waiting: Waiting = {}): Promise<Operation> {
    const { signal, deadlineMs = LONGEST_MS, onProgress } = waiting
    try {
      return await withDeadline({ ms: deadlineMs, what: 'The operation', signal }, async stop => {
        let operation = begun
        while (isRunning(operation)) {
          const path = this.path(['operations', begun.id, 'wait'], { timeout: ROUND_S })
          operation = await this.get(path, Operation, { signal: stop, deadlineMs: (ROUND_S + 15) * 1000 })
          onProgress?.(operation)
        }
        return ended(operation)
      })
    } catch (error) {
      if (signal?.aborted && begun.may_cancel) await this.#cancel(begun)
      throw error
    }
  }

  /** The operation that an answer's body tells of, to its end. */
  async waitFor(body: Buffer, signal: AbortSignal): Promise<void> {
    const { type, metadata } = envelopeOf({ status: 200, headers: {}, body })
    if (type === 'async') await this.wait(checked(metadata, Operation), { signal })
  }

  async exists(path: string, signal?: AbortSignal): Promise<boolean> {
    try {
      await this.get(path, z.unknown(), { signal })
      return true
    } catch (error) {
      if (isNotFound(error)) return false
      throw error
    }
  }

  async profileDevices(name: string, signal: AbortSignal): Promise<z.output<typeof Profile>['devices']> {
    return (await this.get(this.path(['profiles', name]), Profile, { signal })).devices
  }

  /** An exchange of any length, answered as it comes. Rejects for a refusal. */
  async stream(request: StreamRequest): Promise<IncomingMessage> {
    const answer = await this.#http.stream(request)
    if ((answer.statusCode ?? 500) < 400) return answer
    throw refusalOf({ status: answer.statusCode ?? 500, headers: answer.headers, body: await readShort(answer) })
  }

  /** Opens a WebSocket; rejects when the daemon refuses. `maxPayload` in bytes. */
  socket(path: string, maxPayload: number): Promise<WebSocket> {
    const { product, socket } = this.#options
    return new Promise((resolve, reject) => {
      const opening = new WebSocket(`ws://${product}${path}`, {
        createConnection: () => connect(socket),
        perMessageDeflate: false,
        handshakeTimeout: DIAL_MS,
        maxPayload,
      })
      const fail = (error: Error): void => {
        opening.terminate()
        reject('code' in error ? dialError(product, socket, error) : protocolError(error.message, error))
      }
      opening.once('error', fail)
      opening.once('open', () => {
        opening.off('error', fail)
        resolve(opening)
      })
    })
  }

  dispose(): void {
    this.#http.dispose()
  }

  async #cancel({ id }: Operation): Promise<void> {
    // It may have ended in this moment: then there is nothing to cancel.
    await this.#http.send({ method: 'DELETE', path: this.path(['operations', id]), deadlineMs: 5000 }).catch(() => null)
  }
}

const RUNNING = [100, 103, 104, 105, 106, 107]
const isRunning = ({ status_code }: Operation): boolean => RUNNING.includes(status_code)

const ended = (operation: Operation): Operation => {
  if (operation.status_code === 200) return operation
  if (operation.status_code === 401) throw new RemoteError({ kind: 'cancelled', message: 'It was cancelled.' })
  throw operationFailure(daemonText(operation.err) || `The operation ended with status ${operation.status_code}.`)
}

const operationFailure = (message: string): RemoteError => {
  const kind = /not found$/i.test(message) ? 'not-found' : /already (?:running|exists)|is not running/i.test(message)
  return new RemoteError({ kind: kind === 'not-found' ? kind : kind ? 'precondition' : 'refused', message })
}

const parsed = (body: Buffer): unknown => {
  try {
    return JSON.parse(body.toString())
  } catch (error) {
    throw protocolError('The daemon’s answer is no JSON.', error)
  }
}

const envelopeOf = (answer: Answer): z.infer<typeof Envelope> => {
  const { success, data } = Envelope.safeParse(parsed(answer.body))
  if (!success) throw protocolError('The daemon’s answer is none of LXD or Incus.')
  if (data.type === 'error') throw refusal(data.error_code || answer.status, data.error)
  return data
}

const refusalOf = ({ status, body }: Answer): RemoteError => {
  try {
    const { data } = Envelope.safeParse(JSON.parse(body.subarray(0, 65_536).toString()))
    return refusal(status, data?.error ?? '')
  } catch {
    return refusal(status, '')
  }
}

const checked = <T extends z.ZodType>(value: unknown, schema: T): z.output<T> => {
  const { success, data, error } = schema.safeParse(value)
  if (success) return data
  throw protocolError(`The daemon’s answer is not what it should be: ${daemonText(z.prettifyError(error))}`)
}
