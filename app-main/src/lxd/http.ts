/** HTTP over a UNIX socket: bounded answers, deadlines, cancellation. */
import { Agent, request, type IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { RemoteError } from '../contract/index.ts'
import { withDeadline } from '../base/deadline.ts'
import type { Disposable } from '../base/disposable.ts'
import { dialError, protocolError } from './failure.ts'
import type { Product } from './target.ts'

export interface Request {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** With its query. */
  readonly path: string
  /** JSON text, or bytes of a file. */
  readonly body?: string | Uint8Array | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly signal?: AbortSignal | undefined
  /** Milliseconds; 30 s unless told. */
  readonly deadlineMs?: number | undefined
  /** The longest answer taken, in bytes; 16 MiB unless told. */
  readonly limitBytes?: number | undefined
}

export interface Answer {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly body: Buffer
}

/** An exchange of any length. */
export interface StreamRequest {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly content?: AsyncIterable<Uint8Array>
  readonly signal: AbortSignal
}

/** Neither side may say nothing for longer, in milliseconds. */
const SILENT_MS = 60_000
const DEADLINE_MS = 30_000
const LIMIT_BYTES = 16 * 1024 * 1024
/** Requests at once; more wait. Long waits for operations take their turns, too. */
const AT_ONCE = 24

export class SocketHttp implements Disposable {
  readonly #product: Product
  readonly #socket: string
  readonly #agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE })

  constructor(product: Product, socket: string) {
    this.#product = product
    this.#socket = socket
  }

  /** Rejects with `connection`, `timeout` or `cancelled`; any HTTP status is an answer. */
  send(ask: Request): Promise<Answer> {
    const what = `${ask.method} ${ask.path.split('?')[0]}`
    return withDeadline({ ms: ask.deadlineMs ?? DEADLINE_MS, what, signal: ask.signal }, signal =>
      this.#exchange(ask, signal),
    )
  }

  /** Resolves when the answer begins. It has a connection of its own, so that a slow reader holds up nobody else. */
  stream({ method, path, headers, content, signal }: StreamRequest): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const socketPath = this.#socket
      const type = content === undefined ? {} : { 'content-type': 'application/octet-stream' }
      const all = { host: this.#product, ...type, ...headers }
      const sent = request({ socketPath, agent: false, method, path, signal, headers: all, timeout: SILENT_MS })
      const fail = (error: unknown): void => {
        if (signal.aborted) reject(signal.reason instanceof Error ? signal.reason : new Error('aborted'))
        else reject(error instanceof RemoteError ? error : dialError(this.#product, socketPath, error))
      }
      sent.on('timeout', () =>
        sent.destroy(new RemoteError({ kind: 'timeout', message: `${method} ${path.split('?')[0]} came to a stop.` })),
      )
      sent.on('error', fail)
      sent.on('response', resolve)
      if (content === undefined) sent.end()
      // A refusal may come before everything was sent: the answer tells why.
      else pipeline(Readable.from(content), sent).catch(fail)
    })
  }

  dispose(): void {
    this.#agent.destroy()
  }

  #exchange(ask: Request, signal: AbortSignal): Promise<Answer> {
    const { method, path, body, headers = {}, limitBytes = LIMIT_BYTES } = ask
    return new Promise((resolve, reject) => {
      const fail = (error: unknown): void => {
        if (signal.aborted) reject(signal.reason instanceof Error ? signal.reason : new Error('aborted'))
        else reject(error instanceof RemoteError ? error : dialError(this.#product, this.#socket, error))
      }
      const length = body === undefined ? 0 : Buffer.byteLength(body)
      const sent = request({
        socketPath: this.#socket,
        agent: this.#agent,
        method,
        path,
        signal,
        headers: {
          host: this.#product,
          'content-length': length,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
      })
      sent.on('error', fail)
      sent.on('response', answer => collect(answer, limitBytes, resolve, fail))
      sent.end(body)
    })
  }
}

const collect = (
  answer: IncomingMessage,
  limitBytes: number,
  resolve: (answer: Answer) => void,
  fail: (error: unknown) => void,
): void => {
  const chunks: Buffer[] = []
  let size = 0
  answer.on('data', (chunk: Buffer) => {
    size += chunk.length
    if (size > limitBytes) {
      fail(protocolError(`The daemon’s answer is longer than ${Math.round(limitBytes / 1024)} KiB.`))
      answer.destroy()
    } else chunks.push(chunk)
  })
  answer.on('error', fail)
  // A daemon that dies in the middle of its answer ends it without an error.
  answer.on('close', () => (answer.complete ? undefined : fail(new Error('the answer broke off'))))
  answer.on('end', () =>
    resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(chunks) }),
  )
}

/** The beginning of a refusal: more of it is not shown. */
export const readShort = async (answer: IncomingMessage): Promise<Buffer> => {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    chunks.push(chunk)
    if ((size += chunk.length) > 65_536) break
  }
  return Buffer.concat(chunks)
}
