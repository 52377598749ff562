/** Bytes waiting for a consumer, gathered in one buffer: a million one-byte messages cost a million bytes, not objects. */
export class ByteQueue {
  #buffer: Uint8Array = new Uint8Array(0)
  #length = 0
  /** A single piece is passed on as it came, without a copy. */
  #single = false

  get length(): number {
    return this.#length
  }

  push(bytes: Uint8Array): void {
    if (this.#length === 0) {
      this.#buffer = bytes
      this.#length = bytes.byteLength
      this.#single = true
      return
    }
    const needed = this.#length + bytes.byteLength
    if (this.#single || needed > this.#buffer.byteLength) {
      const grown = new Uint8Array(Math.max(needed, this.#length * 2, 4096))
      grown.set(this.#buffer.subarray(0, this.#length))
      this.#buffer = grown
      this.#single = false
    }
    this.#buffer.set(bytes, this.#length)
    this.#length = needed
  }

  /** Everything gathered so far, or undefined when there is nothing. */
  take(): Uint8Array | undefined {
    if (this.#length === 0) return undefined
    const bytes = this.#buffer.subarray(0, this.#length)
    this.clear()
    return bytes
  }

  clear(): void {
    this.#buffer = new Uint8Array(0)
    this.#length = 0
  }
}
