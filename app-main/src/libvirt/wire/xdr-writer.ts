import { parseUuid } from '../uuid.ts'
import { XdrError } from './xdr-error.ts'

const smallest = 64

/** Writes XDR (RFC 4506) into one buffer that grows. What XDR or a limit cannot carry throws an {@link XdrError}. */
export class XdrWriter {
  #bytes: Buffer
  #length = 0

  /** @param capacity bytes to begin with */
  constructor(capacity = 512) {
    this.#bytes = Buffer.allocUnsafe(Math.max(smallest, capacity))
  }

  /** Bytes written. */
  get length(): number {
    return this.#length
  }

  /** What was written, without a copy: valid until the next write. */
  bytes(): Buffer {
    return this.#bytes.subarray(0, this.#length)
  }

  /** Forgets what was written and keeps the buffer. */
  reset(): void {
    this.#length = 0
  }

  int(value: number): void {
    if ((value | 0) !== value) throw new XdrError(`${value} is not a signed 32-bit integer`)
    this.#word(value)
  }

  uint(value: number): void {
    if (value >>> 0 !== value) throw new XdrError(`${value} is not an unsigned 32-bit integer`)
    this.#word(value)
  }

  /** Replaces an unsigned integer written before, such as the length of the message. */
  uintAt(offset: number, value: number): void {
    if (value >>> 0 !== value) throw new XdrError(`${value} is not an unsigned 32-bit integer`)
    if (offset < 0 || offset + 4 > this.#length) throw new XdrError(`nothing was written at ${offset}`)
    this.#bytes.writeUInt32BE(value, offset)
  }

  hyper(value: bigint): void {
    if (BigInt.asIntN(64, value) !== value) throw new XdrError(`${value} is not a signed 64-bit integer`)
    const at = this.#reserve(8)
    this.#bytes.writeBigInt64BE(value, at)
  }

  uhyper(value: bigint): void {
    if (BigInt.asUintN(64, value) !== value) throw new XdrError(`${value} is not an unsigned 64-bit integer`)
    const at = this.#reserve(8)
    this.#bytes.writeBigUInt64BE(value, at)
  }

  double(value: number): void {
    const at = this.#reserve(8)
    this.#bytes.writeDoubleBE(value, at)
  }

  bool(value: boolean): void {
    this.#word(value ? 1 : 0)
  }

  fixedOpaque(value: Uint8Array, length: number): void {
    if (value.length !== length) throw new XdrError(`${value.length} bytes are not the ${length} expected`)
    const at = this.#reservePadded(length)
    this.#bytes.set(value, at)
  }

  opaque(value: Uint8Array, max: number): void {
    if (value.length > max) throw new XdrError(`${value.length} bytes are more than the ${max} allowed`)
    this.#word(value.length)
    const at = this.#reservePadded(value.length)
    this.#bytes.set(value, at)
  }

  /** @param max bytes of UTF-8 at most */
  string(value: string, max: number): void {
    // The daemon is written in C: it would take what is before a NUL for the whole.
    if (value.includes('\0')) throw new XdrError('a string contains NUL')
    const length = Buffer.byteLength(value, 'utf8')
    if (length > max) throw new XdrError(`${length} bytes are more than the ${max} allowed`)
    this.#word(length)
    const at = this.#reservePadded(length)
    this.#bytes.write(value, at, length, 'utf8')
  }

  /** The sixteen bytes that a UUID's text stands for. */
  uuid(text: string): void {
    const bytes = parseUuid(text)
    if (bytes === undefined) throw new XdrError(`${JSON.stringify(text)} is not a UUID`)
    const at = this.#reserve(16)
    this.#bytes.set(bytes, at)
  }

  /** An array of at most `max` C characters, of which XDR makes one integer each. */
  charArray(value: Uint8Array, max: number): void {
    this.count(value.length, max)
    // C's char is signed on the usual machines, and XDR extends its sign.
    for (const byte of value) this.#word((byte << 24) >> 24)
  }

  /** Number of elements of an array that follows. */
  count(count: number, max: number): void {
    if (count > max) throw new XdrError(`${count} elements are more than the ${max} allowed`)
    this.#word(count)
  }

  #word(value: number): void {
    const at = this.#reserve(4)
    const bytes = this.#bytes
    bytes[at] = value >>> 24
    bytes[at + 1] = value >>> 16
    bytes[at + 2] = value >>> 8
    bytes[at + 3] = value
  }

  /** Makes room, and may replace the buffer: call it before touching `#bytes`. */
  #reserve(length: number): number {
    const at = this.#length
    const wanted = at + length
    if (wanted > this.#bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(wanted, this.#bytes.length * 2))
      this.#bytes.copy(larger, 0, 0, at)
      this.#bytes = larger
    }
    this.#length = wanted
    return at
  }

  #reservePadded(length: number): number {
    const padding = -length & 3
    const at = this.#reserve(length + padding)
    if (padding !== 0) this.#bytes.fill(0, at + length, at + length + padding)
    return at
  }
}
