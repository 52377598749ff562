import type { Procedure } from './wire/procedure.ts'
import type { XdrReader } from './wire/xdr-reader.ts'
import type { XdrWriter } from './wire/xdr-writer.ts'
import { AbortedError, TimeoutError } from './errors.ts'

/** Slow calls travel on connections of their own, so that quick ones never wait behind them. */
export type Via = 'main' | 'long' | 'agent'

export interface CallOptions {
  /** Milliseconds until the caller is told `TimeoutError`; `null` waits for ever. */
  readonly deadlineMs?: number | null | undefined
  readonly signal?: AbortSignal | undefined
  /** Lanes take turns, and one lane never has all places: a sick machine's calls wait for each other, not the others for them. */
  readonly lane?: string | undefined
  /** Which connection: `long` for what may take minutes, `agent` for what waits for a guest. */
  readonly via?: Via | undefined
}

/** A call as the queue sees it, whatever its arguments and result are. */
export interface QueuedCall {
  readonly procedure: Omit<Procedure<unknown, unknown>, 'encode' | 'decode'>
  readonly lane: string
  readonly settled: boolean
  encode(writer: XdrWriter): void
  /** Decodes the reply and tells the caller. What cannot be decoded throws, and the caller waits on. */
  reply(reader: XdrReader): void
  reject(error: unknown): void
}

/**
 * A call from the moment it is asked for. A caller who gave up is settled at once, but the call keeps its place among
 * those in flight until the daemon has answered: the daemon is still at work on it.
 */
export class PendingCall<Args, Ret> implements QueuedCall {
  readonly procedure: Procedure<Args, Ret>
  readonly #args: Args
  readonly lane: string
  readonly promise: Promise<Ret>
  /** Called when a caller gives up before the call was sent. */
  onGiveUp: (() => void) | undefined
  #resolve!: (value: Ret) => void
  #reject!: (error: unknown) => void
  readonly #deadlineMs: number | null
  readonly #signal: AbortSignal | undefined
  #timer: NodeJS.Timeout | undefined
  #settled = false

  /** A caller who has given up already is told so at once. */
  constructor(procedure: Procedure<Args, Ret>, args: Args, deadlineMs: number | null, options: CallOptions) {
    this.procedure = procedure
    this.#args = args
    this.lane = options.lane ?? ''
    this.#deadlineMs = deadlineMs
    this.#signal = options.signal
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
    if (this.#signal?.aborted) this.#abort()
  }

  get settled(): boolean {
    return this.#settled
  }

  /** Sets the deadline and listens to the caller's signal. */
  watch(): void {
    if (this.#settled) return
    const deadlineMs = this.#deadlineMs
    if (deadlineMs !== null) {
      this.#timer = setTimeout(() => this.#giveUp(new TimeoutError(this.procedure.name, deadlineMs)), deadlineMs)
    }
    this.#signal?.addEventListener('abort', this.#abort)
  }

  encode(writer: XdrWriter): void {
    this.procedure.encode(writer, this.#args)
  }

  reply(reader: XdrReader): void {
    if (this.#settled) return
    const value = this.procedure.decode(reader)
    this.#settle()
    this.#resolve(value)
  }

  reject(error: unknown): void {
    if (this.#settled) return
    this.#settle()
    this.#reject(error)
  }

  #settle(): void {
    this.#settled = true
    clearTimeout(this.#timer)
    this.#signal?.removeEventListener('abort', this.#abort)
  }

  #giveUp(error: unknown): void {
    this.reject(error)
    this.onGiveUp?.()
  }

  readonly #abort = (): void => this.#giveUp(new AbortedError(this.procedure.name, this.#signal?.reason))
}
