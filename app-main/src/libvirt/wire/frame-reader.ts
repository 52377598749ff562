import { ownCopy } from '../../base/own-copy.ts'
import { letGo } from '../../contract/index.ts'
import { ProtocolError } from '../errors.ts'
import { HEADER_BYTES, LENGTH_BYTES, MAX_FRAME_BYTES, readHeader, type Header } from './message.ts'

/** Who takes the payload of some frames as it comes. */
export interface PieceTaker {
  /** Asked when a frame began whose end has not come yet. */
  wants(header: Header): boolean
  /** Never empty. */
  piece(header: Header, bytes: Buffer): void
}

interface CutFrame {
  readonly header: Header
  /** Bytes that have not come yet. */
  left: number
}

/**
 * Cuts a byte stream into frames. Holds at most one incomplete frame, of a length that was checked before any of it was
 * kept; throws `ProtocolError` for a length no daemon may send, after which it must not be used again.
 *
 * Putting a frame together costs a buffer of its length. What a flooding guest sends goes to the `PieceTaker` instead.
 */
export class FrameReader {
  #chunks: Buffer[] = []
  #have = 0
  #need = LENGTH_BYTES
  #skip = 0
  #cut: CutFrame | undefined
  readonly #taker: PieceTaker | undefined

  constructor(taker?: PieceTaker) {
    this.#taker = taker
  }

  /** Bytes held back because their frame is not complete. */
  get pending(): number {
    return this.#have
  }

  /** Leaves out bytes after the frame just read: each descriptor that the daemon passes comes with one. */
  skip(bytes: number): void {
    this.#skip += bytes
  }

  /** Frames and pieces are only good until the next is asked for: they may be views of `chunk`, which is not kept. */
  *push(chunk: Buffer): Generator<Buffer, void, void> {
    let rest = chunk
    while (rest.length > 0) {
      if (this.#skip > 0 && this.#have === 0) {
        const skipped = Math.min(this.#skip, rest.length)
        this.#skip -= skipped
        rest = rest.subarray(skipped)
        continue
      }
      if (this.#cut) {
        rest = this.#piece(this.#cut, rest)
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
        if (this.#begin(rest, length)) return
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

  /** True when the rest is the beginning of a frame that is taken in pieces. */
  #begin(rest: Buffer, length: number): boolean {
    if (!this.#taker || rest.length <= HEADER_BYTES) return false
    const header = readHeader(rest)
    if (!this.#taker.wants(header)) return false
    this.#cut = { header, left: length - HEADER_BYTES }
    this.#piece(this.#cut, rest.subarray(HEADER_BYTES))
    return true
  }

  /** Hands over what belongs to that frame and gives back the rest. */
  #piece(cut: CutFrame, rest: Buffer): Buffer {
    const part = rest.subarray(0, cut.left)
    cut.left -= part.length
    if (cut.left === 0) this.#cut = undefined
    this.#taker?.piece(cut.header, part)
    return rest.subarray(part.length)
  }

  /** Keeps what the frame still lacks and gives back the rest. */
  #keep(chunk: Buffer): Buffer {
    const part = chunk.subarray(0, this.#need - this.#have)
    this.#chunks.push(ownCopy(part))
    this.#have += part.length
    return chunk.subarray(part.length)
  }

  #take(): Buffer {
    const only = this.#chunks.length === 1 ? this.#chunks[0] : undefined
    const whole = only ?? Buffer.concat(this.#chunks, this.#have)
    if (!only) this.#chunks.forEach(letGo)
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
