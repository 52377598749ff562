/** A guest's bytes at a bounded cost: what nobody asked for is paid from a budget, and when it is spent the guest waits. */
import type { Duplex } from 'node:stream'
import { letGo } from '@vireo/app-main/contract'
import { TokenBucket } from './token-bucket.ts'

export interface PaceLimits {
  /** Bytes a second that answer nothing, over time and at once. Beyond them reading pauses, and the guest is held back. */
  readonly unsolicitedBytesPerSecond: number
  readonly unsolicitedBurstBytes: number
}

export interface PacedListener {
  /** All that comes, paid for already: what was asked for is given back with `refund`. The bytes are only good during the call. */
  bytes(bytes: Buffer): void
  /** Once: the stream ended or failed. */
  ended(cause: unknown): void
}

export class PacedInput {
  readonly #stream: Duplex
  readonly #listener: PacedListener
  readonly #budget: TokenBucket
  #pause: NodeJS.Timeout | undefined
  #pauses = 0
  #ended = false

  constructor(stream: Duplex, limits: PaceLimits, listener: PacedListener) {
    this.#stream = stream
    this.#listener = listener
    this.#budget = new TokenBucket(limits.unsolicitedBytesPerSecond, limits.unsolicitedBurstBytes)
    const end = (cause: unknown) => {
      if (this.#ended) return
      this.close()
      listener.ended(cause)
    }
    stream.on('data', (bytes: Buffer) => this.#read(bytes))
    stream.on('error', end)
    stream.on('end', () => end(undefined))
    stream.on('close', () => end(undefined))
  }

  /** How often the guest had to wait. */
  get pauses(): number {
    return this.#pauses
  }

  /** True after `close`, and after the stream's end. */
  get ended(): boolean {
    return this.#ended
  }

  /** Takes more for what came than its bytes. */
  charge(bytes: number): void {
    this.#budget.charge(bytes)
  }

  /** So many of the bytes that came were asked for. */
  refund(bytes: number): void {
    this.#budget.refund(bytes)
  }

  close(): void {
    this.#ended = true
    clearTimeout(this.#pause)
    this.#stream.destroy()
  }

  #read(bytes: Buffer): void {
    if (this.#ended) return
    this.#budget.charge(bytes.length)
    this.#listener.bytes(bytes)
    letGo(bytes)
    const debt = this.#budget.debtMs
    if (debt === 0 || this.#pause !== undefined || this.#ended) return
    this.#pauses++
    this.#stream.pause()
    this.#pause = setTimeout(() => {
      this.#pause = undefined
      if (!this.#ended) this.#stream.resume()
    }, debt)
  }
}
