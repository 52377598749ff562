import { ProtocolError } from '../errors.ts'
import { HEADER_BYTES, LENGTH_BYTES, MAX_FRAME_BYTES } from './message.ts'

/**
 * Cuts a byte stream into frames. Holds at most one incomplete frame, of a length that was checked before any of it was
 * kept; throws `ProtocolError` for a length no daemon may send, after which it must not be used again.
 */
export class FrameReader {
  #chunks: Buffer[] = []
  #have = 0
  #need = LENGTH_BYTES
  #skip = 0

  /** Bytes held back because their frame is not complete. */
  get pending(): number {
    return this.#have
  }

  /** Leaves out bytes after the frame just read: each descriptor that the daemon passes comes with one. */
  skip(bytes: number): void {
    this.#skip += bytes
  }

  *push(chunk: Buffer): Generator<Buffer, void, void> {
    let rest = chunk
    while (rest.length > 0) {
      if (this.#skip > 0 && this.#have === 0) {
        const skipped = Math.min(this.#skip, rest.length)
        this.#skip -= skipped
        rest = rest.subarray(skipped)
        continue
      }
      if (this.#have === 0 && rest.length >= LENGTH_BYTES) {
        const length = checkedLength(rest.readUInt32BE(0))
        if (rest.length >= length) {
          // The common case: a whole frame in one chunk is a view, not a copy.
          const frame = rest.subarray(0, length)
          rest = rest.subarray(length)
          yield frame
          continue
        }
        this.#need = length
      }
      rest = this.#keep(rest)
      if (this.#have < this.#need) return
      const held = this.#take()
      if (held.length > LENGTH_BYTES) yield held
      else {
        this.#need = checkedLength(held.readUInt32BE(0))
        this.#keep(held)
      }
    }
  }

  /** Keeps what the frame still lacks and gives back the rest. */
  #keep(chunk: Buffer): Buffer {
    const part = chunk.subarray(0, this.#need - this.#have)
    this.#chunks.push(part)
    this.#have += part.length
    return chunk.subarray(part.length)
  }

  #take(): Buffer {
    const only = this.#chunks.length === 1 ? this.#chunks[0] : undefined
    const whole = only ?? Buffer.concat(this.#chunks, this.#have)
    this.#chunks = []
    this.#have = 0
    this.#need = LENGTH_BYTES
    return whole
  }
}

const checkedLength = (length: number): number => {
  if (length < HEADER_BYTES || length > MAX_FRAME_BYTES) {
    throw new ProtocolError(`The daemon announced a message of ${length} bytes, which no libvirt daemon sends.`)
  }
  return length
}
