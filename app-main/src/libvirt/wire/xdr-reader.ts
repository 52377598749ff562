import { uuidText } from '../uuid.ts'
import { wordAt } from './word.ts'
import { XdrError } from './xdr-error.ts'

const internBits = 13
/** The high bits of a product are the well mixed ones. */
const internShift = 32 - internBits
const internLongest = 64

/**
 * Names of typed parameters repeat in every domain of a bulk answer, names of domains in every answer. Comparing bytes
 * with a string that we have is several times cheaper than asking the engine for a new one. One slot per hash: a hostile
 * daemon can only evict, not grow it.
 */
const interned: string[] = new Array<string>(1 << internBits).fill('')

/**
 * Reads XDR (RFC 4506) from one message. The data is hostile: whatever is wrong with it throws an {@link XdrError}, and
 * nothing is allocated for a length before that many bytes are known to be there. Opaque data is copied, so that a value
 * kept for long does not keep a message of megabytes.
 */
export class XdrReader {
  readonly #bytes: Buffer
  readonly #end: number
  #offset: number

  constructor(bytes: Uint8Array, start = 0, end = bytes.length) {
    if (!(start >= 0 && start <= end && end <= bytes.length)) throw new XdrError('the window lies outside of the data')
    this.#bytes = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#offset = start
    this.#end = end
  }

  /** Position of the next byte in the data that was given. */
  get offset(): number {
    return this.#offset
  }

  /** Bytes not read yet. */
  get remaining(): number {
    return this.#end - this.#offset
  }

  int(): number {
    return wordAt(this.#bytes, this.#take(4))
  }

  uint(): number {
    return this.int() >>> 0
  }

  hyper(): bigint {
    return this.#bytes.readBigInt64BE(this.#take(8))
  }

  uhyper(): bigint {
    return this.#bytes.readBigUInt64BE(this.#take(8))
  }

  /** A signed 64-bit integer as a `number` where that is exact, otherwise as a `bigint`. */
  compactHyper(): number | bigint {
    const at = this.#offset
    const high = this.int()
    const low = this.uint()
    const value = high * 0x1_0000_0000 + low
    return Number.isSafeInteger(value) ? value : this.#bytes.readBigInt64BE(at)
  }

  /** An unsigned 64-bit integer as a `number` where that is exact, otherwise as a `bigint`. */
  compactUhyper(): number | bigint {
    const at = this.#offset
    const high = this.uint()
    const low = this.uint()
    return high < 0x20_0000 ? high * 0x1_0000_0000 + low : this.#bytes.readBigUInt64BE(at)
  }

  double(): number {
    return this.#bytes.readDoubleBE(this.#take(8))
  }

  bool(): boolean {
    const value = this.int()
    if (value !== 0 && value !== 1) throw new XdrError(`a boolean cannot be ${value}`)
    return value === 1
  }

  /** Opaque data of exactly `length` bytes. */
  fixedOpaque(length: number): Uint8Array {
    const at = this.#takePadded(length)
    const copy = new Uint8Array(length)
    copy.set(this.#bytes.subarray(at, at + length))
    return copy
  }

  /** Opaque data of at most `max` bytes. */
  opaque(max: number): Uint8Array {
    return this.fixedOpaque(this.#length(max))
  }

  /** A string of at most `max` bytes. What is not UTF-8 becomes U+FFFD: a strange name must not hide other domains. */
  string(max: number): string {
    const length = this.#length(max)
    const at = this.#takePadded(length)
    return this.#bytes.toString('utf8', at, at + length)
  }

  /** Like {@link string}, for strings that are expected to come again and again. */
  repeatedString(max: number): string {
    const length = this.#length(max)
    const at = this.#takePadded(length)
    const bytes = this.#bytes
    if (length > internLongest) return bytes.toString('utf8', at, at + length)
    let hash = length
    // Word by word: the padding is known to be zero.
    for (let index = at; index < at + length; index += 4) {
      hash = Math.imul((hash << 5) ^ (hash >>> 27) ^ wordAt(bytes, index), 0x9e3779b1)
    }
    const slot = hash >>> internShift
    const known = interned[slot]!
    if (this.#isAscii(known, at, length)) return known
    return (interned[slot] = bytes.toString('utf8', at, at + length))
  }

  /** Sixteen bytes as a UUID's text. */
  uuid(): string {
    return uuidText(this.#bytes, this.#take(16))
  }

  /** An array of at most `max` C characters, of which XDR makes one integer each. */
  charArray(max: number): Uint8Array {
    const length = this.count(max, 4)
    const at = this.#take(length * 4)
    const value = new Uint8Array(length)
    for (let index = 0; index < length; index++) value[index] = this.#bytes[at + index * 4 + 3]!
    return value
  }

  /** A string in a C array of `length` characters, up to its NUL. */
  chars(length: number): string {
    const at = this.#take(length * 4)
    let text = ''
    for (let index = 0; index < length; index++) {
      const code = this.#bytes[at + index * 4 + 3]!
      if (code === 0) break
      text += String.fromCharCode(code)
    }
    return text
  }

  /**
   * Number of elements of an array.
   * @param max limit of the protocol
   * @param size the least number of bytes an element takes
   */
  count(max: number, size: number): number {
    const count = this.uint()
    if (count > max) throw new XdrError(`${count} elements are more than the ${max} allowed`)
    if (count * size > this.remaining) throw new XdrError(`${count} elements do not fit in ${this.remaining} bytes`)
    return count
  }

  /** Declares that the message is over. */
  end(): void {
    if (this.remaining !== 0) throw new XdrError(`${this.remaining} bytes are left over`)
  }

  #isAscii(known: string, at: number, length: number): boolean {
    if (known.length !== length) return false
    const bytes = this.#bytes
    for (let index = 0; index < length; index++) {
      const byte = bytes[at + index]!
      if (byte > 0x7f || byte !== known.charCodeAt(index)) return false
    }
    return true
  }

  #length(max: number): number {
    const length = this.uint()
    if (length > max) throw new XdrError(`${length} bytes are more than the ${max} allowed`)
    return length
  }

  #take(length: number): number {
    const at = this.#offset
    if (length > this.#end - at) throw new XdrError(`${length} bytes are wanted, ${this.#end - at} are left`)
    this.#offset = at + length
    return at
  }

  #takePadded(length: number): number {
    const padding = -length & 3
    const at = this.#take(length + padding)
    for (let index = at + length; index < at + length + padding; index++) {
      if (this.#bytes[index] !== 0) throw new XdrError('padding is not zero')
    }
    return at
  }
}
