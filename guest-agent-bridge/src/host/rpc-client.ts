/**
 * JSON-RPC 2.0 with an agent that is not trusted, over a byte stream that others may use as well: answers to strangers'
 * questions pass by, what nobody asked for is paid from a budget, and every question has its deadline.
 */
import { randomBytes } from 'node:crypto'
import type { Duplex } from 'node:stream'
import * as v from 'valibot'
import { LineInput, type InputLimits } from './line-input.ts'
import { AgentRefusal, agentGone, badAnswer, cancelled, silent, tooLong } from './rpc-failure.ts'
import { readMessage, type RpcOutcome } from './rpc-message.ts'
import { RequestQueue, type Waiting } from './request-queue.ts'
import { TokenBucket } from './token-bucket.ts'

export interface RpcLimits extends InputLimits {
  /** Notifications a second that are looked at, over time and at once. While nothing streams, those beyond are dropped unread. */
  readonly notificationsPerSecond: number
  readonly notificationBurst: number
  /** Bytes of requests that wait for the guest to read. */
  readonly maxQueuedBytes: number
}

export const RPC_LIMITS: RpcLimits = {
  maxLineBytes: 1024 * 1024,
  unsolicitedBytesPerSecond: 16 * 1024 * 1024,
  unsolicitedBurstBytes: 4 * 1024 * 1024,
  notificationsPerSecond: 1000,
  notificationBurst: 1000,
  maxQueuedBytes: 4 * 1024 * 1024,
}

export interface RpcOptions {
  readonly stream: Duplex
  /** Questions under way at once; 1 asks strictly one after the other. */
  readonly concurrency: number
  readonly limits?: Partial<RpcLimits>
  /** True when it belongs to something that was asked for. Called at most as often as the limits say. */
  readonly onNotification?: (method: string, params: unknown) => boolean
}

export interface Question<S extends v.GenericSchema> {
  readonly method: string
  readonly params?: Readonly<Record<string, unknown>> | undefined
  /** What a good answer looks like. */
  readonly schema: S
  /** Milliseconds from the moment it is sent; it waits at most as long to be sent. */
  readonly deadlineMs: number
  readonly signal: AbortSignal
  /** Gets the answer before the next line is looked at: what follows it may refer to it. */
  readonly onResult?: ((result: v.InferOutput<S>) => void) | undefined
}

/** What came and was not used. */
export interface RpcCounters {
  /** Lines for others, or for nobody. */
  foreign: number
  /** Answers to questions of ours that nobody waits for: late ones, and repeated ones. */
  unexpected: number
  /** Lines that are no message. */
  nonsense: number
  /** Lines that were too long. */
  overlong: number
  /** Notifications dropped unread. */
  dropped: number
}

interface Pending extends Waiting {
  readonly what: string
  readonly settle: (outcome: RpcOutcome | Error) => void
}

export class RpcClient {
  readonly counters: RpcCounters = { foreign: 0, unexpected: 0, nonsense: 0, overlong: 0, dropped: 0 }
  /** Settles when the conversation ended, for whatever reason. */
  readonly closed: Promise<void>
  readonly #input: LineInput
  readonly #queue: RequestQueue<Pending>
  readonly #notifications: TokenBucket
  readonly #maxLineBytes: number
  readonly #onNotification: (method: string, params: unknown) => boolean
  readonly #pending = new Map<string, Pending>()
  /** No other process can guess it, so no answer to another's question is mistaken for ours. */
  readonly #prefix = randomBytes(9).toString('base64url')
  readonly #needle = Buffer.from(`"${this.#prefix}-`)
  #settleClosed: () => void = () => undefined
  #nextId = 1
  #streams = 0
  #ended: Error | undefined

  constructor({ stream, concurrency, limits, onNotification }: RpcOptions) {
    const all = { ...RPC_LIMITS, ...limits }
    this.closed = new Promise(resolve => (this.#settleClosed = resolve))
    this.#maxLineBytes = all.maxLineBytes
    this.#notifications = new TokenBucket(all.notificationsPerSecond, all.notificationBurst)
    this.#onNotification = onNotification ?? (() => false)
    this.#queue = new RequestQueue({ stream, concurrency, maxQueuedBytes: all.maxQueuedBytes })
    this.#input = new LineInput(stream, all, {
      line: bytes => this.#line(bytes),
      overflow: head => this.#overflow(head),
      ended: cause => this.#end(agentGone(cause)),
    })
  }

  /** How often the guest had to wait because it sent too much. */
  get pauses(): number {
    return this.#input.pauses
  }

  /** A name that belongs to this conversation alone. */
  newId(): string {
    return `${this.#prefix}-${this.#nextId++}`
  }

  /** Rejects with a `RemoteError`: the agent's own, `timeout`, `cancelled`, `connection`, or `refused` for an unusable answer. */
  ask<S extends v.GenericSchema>(question: Question<S>): Promise<v.InferOutput<S>> {
    const { method, params, deadlineMs, signal } = question
    return new Promise((resolve, reject) => {
      if (this.#ended) return reject(this.#ended)
      if (signal.aborted) return reject(cancelled(method, signal.reason))
      const id = this.newId()
      const line = Buffer.from(`${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`)
      if (line.length > this.#maxLineBytes) return reject(tooLong(method, this.#maxLineBytes))
      const late = () => settle(silent(method, deadlineMs))
      const aborted = () => settle(cancelled(method, signal.reason))
      let timer = setTimeout(late, deadlineMs)
      const settle = (outcome: RpcOutcome | Error) => {
        clearTimeout(timer)
        signal.removeEventListener('abort', aborted)
        this.#pending.delete(id)
        this.#queue.done(pending)
        if (outcome instanceof Error) reject(outcome)
        else readOutcome(question, outcome, resolve, reject)
      }
      const sent = () => {
        clearTimeout(timer)
        timer = setTimeout(late, deadlineMs)
      }
      const pending: Pending = { line, sent, what: method, settle }
      signal.addEventListener('abort', aborted)
      this.#pending.set(id, pending)
      this.#queue.add(pending)
    })
  }

  /** Sends what is never answered. Rejects nothing: a conversation that ended drops it. */
  notify(method: string, params: Readonly<Record<string, unknown>>): void {
    if (!this.#ended) this.#queue.addNotice(Buffer.from(`${JSON.stringify({ jsonrpc: '2.0', method, params })}\n`))
  }

  /** While at least one of these is open no notification is dropped unread: the guest waits instead. */
  expectNotifications(): { dispose(): void } {
    this.#streams++
    let open = true
    return {
      dispose: () => {
        if (open) this.#streams--
        open = false
      },
    }
  }

  close(): void {
    this.#end(agentGone())
  }

  #end(error: Error): void {
    if (this.#ended) return
    this.#ended = error
    this.#input.close()
    for (const pending of [...this.#pending.values()]) pending.settle(error)
    this.#settleClosed()
  }

  #line(bytes: Buffer): boolean {
    const ours = bytes.includes(this.#needle)
    if (!ours && !bytes.includes('"method"')) {
      this.counters.foreign++
      return false
    }
    if (!ours && this.#streams === 0 && !this.#notifications.take(1)) {
      this.counters.dropped++
      return false
    }
    const message = readMessage(bytes.toString('utf8'))
    if (message.kind === 'notification') return this.#onNotification(message.method, message.params)
    if (message.kind === 'answer') return this.#answer(message.id, message.outcome)
    this.counters.nonsense++
    this.#spoilt(bytes, what => badAnswer(what, 'it is not JSON-RPC'))
    return false
  }

  #answer(id: string, outcome: RpcOutcome): boolean {
    const pending = this.#pending.get(id)
    if (pending) pending.settle(outcome)
    else if (id.startsWith(`${this.#prefix}-`)) this.counters.unexpected++
    else this.counters.foreign++
    return pending !== undefined
  }

  #overflow(head: Buffer): void {
    this.counters.overlong++
    this.#spoilt(head, what => badAnswer(what, `it is longer than ${this.#maxLineBytes} bytes`))
  }

  /** Whoever waits for a line that cannot be used need not wait for the deadline. */
  #spoilt(bytes: Buffer, error: (what: string) => Error): void {
    const at = bytes.indexOf(this.#needle)
    if (at < 0) return
    const id = /^"([\w-]+)"/.exec(bytes.toString('latin1', at, at + 64))?.[1]
    const pending = id === undefined ? undefined : this.#pending.get(id)
    pending?.settle(error(pending.what))
  }
}

const readOutcome = <S extends v.GenericSchema>(
  { method, schema, onResult }: Question<S>,
  outcome: RpcOutcome,
  resolve: (value: v.InferOutput<S>) => void,
  reject: (error: Error) => void,
): void => {
  if (!outcome.ok)
    return reject(outcome.error ? new AgentRefusal(outcome.error) : badAnswer(method, 'neither result nor error'))
  const checked = v.safeParse(schema, outcome.result)
  if (checked.success) {
    onResult?.(checked.output)
    return resolve(checked.output)
  }
  const [issue] = checked.issues
  reject(badAnswer(method, `${v.getDotPath(issue) ?? 'the whole'}: ${issue.message}`))
}
