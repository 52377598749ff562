/**
 * Answers JSON-RPC: so many requests at once, more wait, far more are told `busy`; none is lost while the host stays. When it leaves, what runs is
 * cancelled and its answer goes nowhere: the next host must not get the answer to a former one's question.
 */
import type { RpcFailure, RpcId } from '../protocol/json-rpc.ts'
import { Canceller } from './cancellation.ts'
import type { Config } from './config.ts'
import type { Log } from './log.ts'
import type { Loop } from './loop.ts'
import { WithData, type Method, type MethodContext } from './method.ts'
import { rateLimit } from './rate.ts'
import { idOfHead, readLine, type Request } from './request.ts'
import { failureOf, RpcError } from './rpc-error.ts'
import type { MessageKind } from './send-queue.ts'
import type { Sys } from './sys.ts'

export interface Outlet {
  send(line: Uint8Array, kind: MessageKind): boolean
  room(): Promise<void>
}

export interface ServerParts extends Omit<MethodContext, 'notify' | 'signal' | 'requestId' | 'payload'> {
  readonly methods: readonly Method[]
  readonly outlet: Outlet
}

interface Running {
  readonly canceller: Canceller
}

interface Waiting {
  readonly method: Method
  readonly request: Request
  readonly bytes: number
}

/** Waiting requests may hold so much, whatever their number. */
const MAX_WAITING_BYTES = 8 * 1024 * 1024
const MINUTE = 60_000

export class Server {
  readonly #sys: Sys
  readonly #config: Config
  readonly #log: Log
  readonly #loop: Loop
  readonly #parts: ServerParts
  readonly #methods: ReadonlyMap<string, Method>
  readonly #requests
  readonly #commands
  readonly #files
  #running = new Set<Running>()
  #waiting: Waiting[] = []
  #waitingBytes = 0
  /** Grows with every host. */
  #conversation = 0

  constructor(parts: ServerParts) {
    this.#parts = parts
    this.#sys = parts.sys
    this.#config = parts.config
    this.#log = parts.log
    this.#loop = parts.loop
    this.#methods = new Map(parts.methods.map(method => [method.name, method]))
    const { security, maxRequestsPerSecond } = parts.config
    const monotonic = (): number => parts.sys.monotonic()
    this.#requests = rateLimit(maxRequestsPerSecond, 1000, monotonic)
    this.#commands = rateLimit(security.maxCommandsPerMinute, MINUTE, monotonic)
    this.#files = rateLimit(security.maxFileOperationsPerSecond, 1000, monotonic)
  }

  line(bytes: Uint8Array): void {
    const reading = readLine(this.#sys, bytes)
    if (reading.kind === 'refused') this.#answer(reading.id, { error: reading.failure })
    else if (reading.kind === 'request') this.#accept(reading.request, bytes.length)
    else this.#log.debug('an answer that nobody asked for')
  }

  tooLong(head: Uint8Array): void {
    const most = this.#config.maxMessageBytes
    const failure = new RpcError('invalidRequest', `Invalid request: longer than ${most} bytes`, {
      max_message_bytes: most,
    })
    this.#answer(idOfHead(this.#sys.decode(head)), { error: failureOf(failure) })
  }

  /** The host left. */
  ended(): void {
    this.#conversation++
    this.#waiting = []
    this.#waitingBytes = 0
    for (const { canceller } of this.#running) canceller.abort('The host left')
  }

  /** Tells the host something; false when it was dropped: `telemetry` when the host does not read, all when it is away. */
  notice(method: string, params: object, kind: 'output' | 'telemetry'): boolean {
    const bytes = this.#encode({ jsonrpc: '2.0', method }, 'params', params)
    return bytes !== null && this.#parts.outlet.send(bytes, kind)
  }

  #accept(request: Request, bytes: number): void {
    const method = this.#methods.get(request.method)
    const refusal = this.#refusal(request, method)
    if (refusal || !method) {
      // A notification is never answered, not even when it is wrong.
      if (request.id !== undefined) this.#answer(request.id, { error: failureOf(refusal) })
      return
    }
    if (method.urgent || this.#running.size < this.#config.maxConcurrentRequests) {
      this.#start(method, request)
      return
    }
    const room = this.#waiting.length < this.#config.maxQueuedRequests
    if (room && this.#waitingBytes + bytes <= MAX_WAITING_BYTES) {
      this.#waiting.push({ method, request: kept(request), bytes })
      this.#waitingBytes += bytes
    } else if (request.id !== undefined) {
      this.#answer(request.id, { error: failureOf(new RpcError('busy', 'Busy: too many requests wait')) })
    }
  }

  #refusal(request: Request, method: Method | undefined): RpcError | null {
    if (!method) return new RpcError('methodNotFound', `Method not found: ${request.method.slice(0, 200)}`)
    if (!method.unprivileged && this.#sys.uid !== 0) {
      return new RpcError('permission', `${method.name} needs root, the agent runs as user ${this.#sys.uid}`)
    }
    // What ends things must work when much was begun.
    if (method.urgent && method.cost === 'none') return null
    const limits = [
      this.#requests,
      method.cost === 'command' ? this.#commands : null,
      method.cost === 'file' ? this.#files : null,
    ]
    for (const limit of limits) {
      const wait = limit?.take() ?? 0
      if (wait > 0) return new RpcError('busy', 'Busy: rate limit reached', { retry_after_ms: wait })
    }
    return null
  }

  #start(method: Method, request: Request): void {
    const running: Running = { canceller: new Canceller() }
    this.#running.add(running)
    const conversation = this.#conversation
    let answered = request.id === undefined
    const answer = (body: { result: unknown } | { error: RpcFailure }): void => {
      if (answered || conversation !== this.#conversation) return
      answered = true
      this.#answer(request.id ?? null, body)
    }
    const seconds = method.ownTimeout ? null : this.#config.requestTimeoutSeconds
    const timer =
      seconds === null
        ? null
        : this.#loop.after(seconds * 1000, () => {
            running.canceller.abort(`Request timed out after ${seconds} seconds`)
            answer({ error: failureOf(new RpcError('timeout', `Request timed out after ${seconds} seconds`)) })
          })
    const done = (body: { result: unknown } | { error: RpcFailure }): void => {
      timer?.cancel()
      answer(body)
      this.#running.delete(running)
      this.#next()
    }
    this.#audit(method, request)
    this.#call(method, request, running.canceller, done)
  }

  /** What is done at once is answered at once: no turn of the loop between question and answer. */
  #call(
    method: Method,
    request: Request,
    signal: Canceller,
    done: (body: { result: unknown } | { error: RpcFailure }) => void,
  ): void {
    const { sys, config, log, loop, access, runner } = this.#parts
    const notify: MethodContext['notify'] = async (name, params, kind = 'output') => {
      this.notice(name, params, kind)
      if (kind === 'output') await this.#parts.outlet.room()
    }
    const { id: requestId, payload } = request
    const context = { sys, config, log, loop, access, runner, notify, signal, requestId, payload }
    const failed = (error: unknown): void => {
      const failure = failureOf(error)
      if (failure.code === -32603)
        this.#log.error('a method failed', {
          method: method.name,
          reason: String(error),
          stack: error instanceof Error ? error.stack : undefined,
        })
      else this.#log.debug('refused', { method: method.name, reason: failure.message })
      done({ error: failure })
    }
    try {
      const result = method.call(request.params, context)
      if (!(result instanceof Promise)) return done({ result })
      result.then((value: unknown) => {
        done({ result: value })
      }, failed)
    } catch (error) {
      failed(error)
    }
  }

  #next(): void {
    while (this.#running.size < this.#config.maxConcurrentRequests) {
      const next = this.#waiting.shift()
      if (!next) return
      this.#waitingBytes -= next.bytes
      this.#start(next.method, next.request)
    }
  }

  #audit(method: Method, request: Request): void {
    if (method.audit === null || !this.#config.security.auditLogging) return
    const params = new Map(Object.entries(request.params ?? {}))
    const shown = method.audit.map(name => [name, JSON.stringify(params.get(name))?.slice(0, 500)])
    this.#log.info(`audit ${method.name}`, Object.fromEntries(shown))
  }

  #answer(id: RpcId, body: { readonly result: unknown } | { readonly error: RpcFailure }): void {
    const most = this.#config.maxMessageBytes
    const failure = failureOf(new RpcError('failed', `The answer is longer than ${most} bytes`))
    const head = { jsonrpc: '2.0', id }
    const whole = 'error' in body ? this.#encode(head, 'error', body.error) : this.#encode(head, 'result', body.result)
    const bytes = whole ?? this.#encode(head, 'error', failure)
    // The id itself may be as long as a message.
    if (bytes) this.#parts.outlet.send(bytes, 'answer')
  }

  /** Null when it is longer than a line may be. */
  #encode(head: object, name: 'params' | 'result' | 'error', body: unknown): Uint8Array | null {
    const { encode, encodeAround } = this.#sys
    const withData = body instanceof WithData ? body : null
    // Its data come last, so that it is known where they belong.
    const text = JSON.stringify({ ...head, [name]: withData ? { ...withData.rest, data: '' } : body })
    const bytes = withData ? encodeAround(text.slice(0, -END.length), withData.data, `${END}\n`) : encode(`${text}\n`)
    return bytes.length > this.#config.maxMessageBytes ? null : bytes
  }
}

const END = '"}}'

/** Of a line that is gone when its turn comes. */
const kept = (request: Request): Request =>
  request.payload ? { ...request, payload: new Uint8Array(request.payload) } : request
