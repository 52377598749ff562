/** A guest's lines at a bounded cost. */
import type { Duplex } from 'node:stream'
import { giveAway, letGo } from '@vireo/app-main/contract'
import { LineSplitter } from '../protocol/index.ts'
import { PacedInput, type PaceLimits } from './paced-input.ts'

export interface InputLimits extends PaceLimits {
  /** Longer lines are dropped. */
  readonly maxLineBytes: number
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
  readonly #input: PacedInput

  constructor(stream: Duplex, limits: InputLimits, listener: InputListener) {
    const splitter = new LineSplitter(limits.maxLineBytes, {
      line: bytes => {
        if (this.#input.ended) return
        if (listener.line(bufferOf(bytes))) this.#input.refund(bytes.length + 1)
        else this.#input.charge(Math.max(0, LINE_COST - bytes.length))
      },
      overflow: head => listener.overflow(bufferOf(head)),
      unused: memory => letGo(giveAway(memory)),
    })
    this.#input = new PacedInput(stream, limits, {
      bytes: bytes => splitter.push(bytes),
      ended: cause => listener.ended(cause),
    })
  }

  /** How often the guest had to wait. */
  get pauses(): number {
    return this.#input.pauses
  }

  close(): void {
    this.#input.close()
  }
}
