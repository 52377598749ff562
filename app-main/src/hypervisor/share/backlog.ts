/** The last bytes of a line, for those who come later. */
export class Backlog {
  readonly #limit: number
  /** A ring that grows up to the limit: a guest that floods costs copying, and nothing for the collector. */
  #ring: Buffer = Buffer.alloc(0)
  /** Where the oldest byte is, and how many there are. */
  #first = 0
  #bytes = 0
  #forgot = false

  constructor(limit: number) {
    this.#limit = limit
  }

  append(bytes: Buffer): void {
    const last = bytes.subarray(Math.max(0, bytes.length - this.#limit))
    this.#grow(this.#bytes + last.length)
    const tooMany = this.#bytes + last.length - this.#ring.length
    if (tooMany > 0) this.#forget(tooMany)
    if (last.length < bytes.length) this.#forgot = true
    const at = this.#ring.length === 0 ? 0 : (this.#first + this.#bytes) % this.#ring.length
    const fitting = last.copy(this.#ring, at)
    last.copy(this.#ring, 0, fitting)
    this.#bytes += last.length
  }

  /** At most `limit` bytes, begun at a line where there is one, lest an escape sequence or character be cut in two. */
  read(): Buffer {
    const all = this.#copy(this.#bytes)
    const line = this.#forgot ? all.indexOf(0x0a) : -1
    return all.subarray(line + 1)
  }

  #forget(bytes: number): void {
    this.#first = (this.#first + bytes) % this.#ring.length
    this.#bytes -= bytes
    this.#forgot = true
  }

  #grow(wanted: number): void {
    if (wanted <= this.#ring.length || this.#ring.length === this.#limit) return
    this.#ring = this.#copy(Math.min(this.#limit, Math.max(wanted, 2 * this.#ring.length)))
    this.#first = 0
  }

  /** What is kept, in order, in a buffer of that size. */
  #copy(size: number): Buffer {
    const copy = Buffer.alloc(size)
    const end = Math.min(this.#first + this.#bytes, this.#ring.length)
    const fitting = this.#ring.copy(copy, 0, this.#first, end)
    this.#ring.copy(copy, fitting, 0, this.#bytes - fitting)
    return copy
  }
}
