/**
 * The dialogue between the holder of a line and another Vireo process: `type (1) length (4, big endian) payload`.
 *
 * The holder says `taken` with a number of bytes when what was typed has reached the line, and `leaving` when it has
 * said so for all that ever will: the rest is for the next holder.
 */
import { AppError } from '../../contract/index.ts'

export const FRAME = { data: 1, end: 2, error: 3, hello: 4, taken: 5, leaving: 6 } as const
type FrameType = (typeof FRAME)[keyof typeof FRAME]

/** Bytes; both sides cut longer data. */
export const MAX_FRAME = 64 * 1024

export const encodeFrame = (type: FrameType, payload: Uint8Array = new Uint8Array()): Buffer => {
  const head = Buffer.alloc(5)
  head.writeUInt8(type, 0)
  head.writeUInt32BE(payload.length, 1)
  return Buffer.concat([head, payload])
}

export const encodeTaken = (bytes: number): Buffer => {
  const payload = Buffer.alloc(4)
  payload.writeUInt32BE(bytes)
  return encodeFrame(FRAME.taken, payload)
}

export const encodeError = (error: AppError): Buffer =>
  encodeFrame(FRAME.error, Buffer.from(JSON.stringify(error)).subarray(0, MAX_FRAME))

/** The failure another process reported; whatever else it sent is a failure too. */
export const decodeError = (payload: Buffer): AppError => {
  try {
    return AppError.parse(JSON.parse(payload.toString('utf8')))
  } catch {
    return { kind: 'internal', message: 'The other Vireo process closed the console for a reason it could not tell.' }
  }
}

export interface Frame {
  readonly type: number
  readonly payload: Buffer
}

/** Cuts a byte stream into frames. Throws when one is longer than allowed. */
export class FrameDecoder {
  #pending: Buffer = Buffer.alloc(0)

  push(bytes: Buffer): Frame[] {
    this.#pending = this.#pending.length === 0 ? bytes : Buffer.concat([this.#pending, bytes])
    const frames: Frame[] = []
    while (this.#pending.length >= 5) {
      const length = this.#pending.readUInt32BE(1)
      if (length > MAX_FRAME) throw new Error(`a frame of ${length} bytes is too long`)
      if (this.#pending.length < 5 + length) break
      frames.push({ type: this.#pending.readUInt8(0), payload: this.#pending.subarray(5, 5 + length) })
      this.#pending = this.#pending.subarray(5 + length)
    }
    return frames
  }
}
