/** Bytes waiting for a consumer, gathered in one buffer: a million one-byte messages cost a million bytes, not objects. */
export class ByteQueue {
  #buffer: Uint8Array = new Uint8Array(0)
  /** Where the first byte that waits lies in the buffer; what lies before it was taken and is somebody else's. */
  #start = 0
  #length = 0
  /** A single piece is passed on as it came, without a copy. */
  #single = false

  get length(): number {
    return this.#length
  }

  push(bytes: Uint8Array): void {
    if (this.#length === 0) {
      this.#buffer = bytes
      this.#start = 0
      this.#length = bytes.byteLength
      this.#single = true
      return
    }
    const length = this.#length + bytes.byteLength
    if (this.#single || this.#start + length > this.#buffer.byteLength) {
      const grown = new Uint8Array(Math.max(length, this.#length * 2, 4096))
      grown.set(this.#waiting())
      this.#buffer = grown
      this.#start = 0
      this.#single = false
    }
    this.#buffer.set(bytes, this.#start + this.#length)
    this.#length = length
  }

  /** What was gathered first, at most `most` bytes; undefined when there is nothing. */
  take(most: number): Uint8Array | undefined {
    if (this.#length === 0) return undefined
    const bytes = this.#waiting().subarray(0, most)
    this.#start += bytes.byteLength
    this.#length -= bytes.byteLength
    if (this.#length === 0) this.clear()
    return bytes
  }

  clear(): void {
    this.#buffer = new Uint8Array(0)
    this.#start = 0
    this.#length = 0
  }

  #waiting(): Uint8Array {
    return this.#buffer.subarray(this.#start, this.#start + this.#length)
  }
}
