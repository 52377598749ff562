/** A guest's lines at a bounded cost: what nobody asked for is paid from a budget, and when it is spent the guest waits. */
import type { Duplex } from 'node:stream'
import { LineSplitter } from '../protocol/index.ts'
import { TokenBucket } from './token-bucket.ts'

export interface InputLimits {
  /** Longer lines are dropped. */
  readonly maxLineBytes: number
  /** Bytes a second that answer nothing, over time and at once. Beyond them reading pauses, and the guest is held back. */
  readonly unsolicitedBytesPerSecond: number
  readonly unsolicitedBurstBytes: number
}

export interface InputListener {
  /** True when it was asked for. The bytes are only good during the call. */
  line(bytes: Buffer): boolean
  /** A line was too long; this is how it began. */
  overflow(head: Buffer): void
  /** Once: the stream ended or failed. */
  ended(cause: unknown): void
}

/** Looking at a line costs as much as so many bytes, however short it is. */
const LINE_COST = 512

const bufferOf = (bytes: Uint8Array): Buffer =>
  Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)

export class LineInput {
  readonly #stream: Duplex
  readonly #budget: TokenBucket
  readonly #splitter: LineSplitter
  #pause: NodeJS.Timeout | undefined
  #pauses = 0
  #ended = false

  constructor(stream: Duplex, limits: InputLimits, listener: InputListener) {
    this.#stream = stream
    this.#budget = new TokenBucket(limits.unsolicitedBytesPerSecond, limits.unsolicitedBurstBytes)
    this.#splitter = new LineSplitter(limits.maxLineBytes, {
      line: bytes => {
        if (this.#ended) return
        if (listener.line(bufferOf(bytes))) this.#budget.refund(bytes.length + 1)
        else this.#budget.charge(Math.max(0, LINE_COST - bytes.length))
      },
      overflow: head => listener.overflow(bufferOf(head)),
    })
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

  close(): void {
    this.#ended = true
    clearTimeout(this.#pause)
    this.#stream.destroy()
  }

  #read(bytes: Buffer): void {
    if (this.#ended) return
    this.#budget.charge(bytes.length)
    this.#splitter.push(bytes)
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
