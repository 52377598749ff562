/** Questions to a Quantix agent and its answers, which come in any order, and what it says unasked. */
import { randomUUID } from 'node:crypto'
import type { Duplex } from 'node:stream'
import {
  decodeQuantix,
  encodeQuantix,
  encodeQuantixFrame,
  QuantixFrames,
  type QuantixFields,
  type QuantixFraming,
  type QuantixMessage,
} from '../../protocol/quantix/index.ts'
import { PacedInput, type PaceLimits } from '../paced-input.ts'
import { RequestQueue, type Waiting } from '../request-queue.ts'
import { agentGone, badAnswer, cancelled, silent } from '../rpc-failure.ts'

export interface QuantixLimits extends PaceLimits {
  /** Longer messages are stepped over. */
  readonly maxMessageBytes: number
}

export const QUANTIX_LIMITS: QuantixLimits = {
  maxMessageBytes: 4 * 1024 * 1024,
  unsolicitedBytesPerSecond: 4 * 1024 * 1024,
  unsolicitedBurstBytes: 4 * 1024 * 1024,
}

const CONCURRENCY = 8
const MAX_QUEUED_BYTES = 4 * 1024 * 1024

interface Pending extends Waiting {
  readonly answer: string
  readonly settle: (outcome: QuantixFields | Error) => void
}

export interface QuantixQuestion {
  /** The request's field in the envelope, for instance `execute`, and the answer's. */
  readonly name: string
  readonly answer: string
  readonly fields: QuantixFields
  /** Milliseconds from the moment it is sent. */
  readonly deadlineMs: number
  readonly signal: AbortSignal
}

export class QuantixClient {
  /** Settles when the conversation ended, for whatever reason. */
  readonly closed: Promise<void>
  /** What the agent said unasked, one listener a name. */
  readonly events = new Map<string, (fields: QuantixFields) => void>()
  readonly #input: PacedInput
  readonly #frames: QuantixFrames
  readonly #queue: RequestQueue<Pending>
  readonly #pending = new Map<string, Pending>()
  #settleClosed: () => void = () => undefined
  #ended: Error | undefined

  constructor(stream: Duplex, limits: QuantixLimits = QUANTIX_LIMITS) {
    this.closed = new Promise(resolve => (this.#settleClosed = resolve))
    this.#queue = new RequestQueue({ stream, concurrency: CONCURRENCY, maxQueuedBytes: MAX_QUEUED_BYTES })
    this.#frames = new QuantixFrames({ maxBytes: limits.maxMessageBytes, message: bytes => this.#message(bytes) })
    this.#input = new PacedInput(stream, limits, {
      bytes: bytes => {
        if (!this.#frames.push(bytes)) this.#end(badAnswer('anything', 'it does not speak the Quantix protocol'))
      },
      ended: cause => this.#end(agentGone(cause)),
    })
  }

  /** How the agent frames; undefined until it said something. */
  get framing(): QuantixFraming | undefined {
    return this.#frames.framing
  }

  /** True when the conversation ended. */
  get gone(): boolean {
    return this.#ended !== undefined
  }

  /** Rejects with a `RemoteError`: `timeout`, `cancelled`, `connection`. What the answer says of success is for the caller. */
  ask({ name, answer, fields, deadlineMs, signal }: QuantixQuestion): Promise<QuantixFields> {
    return new Promise((resolve, reject) => {
      if (this.#ended) return reject(this.#ended)
      if (signal.aborted) return reject(cancelled(name, signal.reason))
      const id = randomUUID()
      const late = () => settle(silent(name, deadlineMs))
      const aborted = () => settle(cancelled(name, signal.reason))
      let timer = setTimeout(late, deadlineMs)
      const settle = (outcome: QuantixFields | Error) => {
        clearTimeout(timer)
        signal.removeEventListener('abort', aborted)
        this.#pending.delete(id)
        this.#queue.done(pending)
        if (outcome instanceof Error) reject(outcome)
        else resolve(outcome)
      }
      const message = encodeQuantix({ id, name, fields }, Date.now())
      const line = Buffer.from(encodeQuantixFrame(this.framing ?? 'magic', message))
      const sent = () => {
        clearTimeout(timer)
        timer = setTimeout(late, deadlineMs)
      }
      const pending: Pending = { line, sent, answer, settle }
      signal.addEventListener('abort', aborted)
      this.#pending.set(id, pending)
      this.#queue.add(pending)
    })
  }

  close(): void {
    this.#end(agentGone())
  }

  #message(bytes: Uint8Array): boolean {
    const message = decodeQuantix(bytes)
    if (!message || this.#ended) return message !== undefined
    const pending = this.#pending.get(message.id)
    if (pending) {
      this.#input.refund(bytes.length)
      pending.settle(answerOf(message, pending.answer))
    } else this.events.get(message.name)?.(message.fields)
    return true
  }

  #end(error: Error): void {
    if (this.#ended) return
    this.#ended = error
    this.#input.close()
    for (const pending of [...this.#pending.values()]) pending.settle(error)
    this.#settleClosed()
  }
}

const answerOf = (message: QuantixMessage, wanted: string): QuantixFields | Error =>
  message.name === wanted ? message.fields : badAnswer(wanted, `it is ${message.name}`)
