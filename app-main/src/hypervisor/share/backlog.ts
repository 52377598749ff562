/** The last bytes of a line, for those who come later. */
export class Backlog {
  readonly #limit: number
  #chunks: Buffer[] = []
  #bytes = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  append(bytes: Buffer): void {
    this.#chunks.push(Buffer.from(bytes))
    this.#bytes += bytes.length
    // Twice the limit is kept before cutting, so that the copying is paid rarely.
    if (this.#bytes > 2 * this.#limit || this.#chunks.length > 4096) this.#compact()
  }

  /** At most `limit` bytes, begun at a line where there is one, lest an escape sequence or character be cut in two. */
  read(): Buffer {
    this.#compact()
    return this.#chunks[0] ?? Buffer.alloc(0)
  }

  #compact(): void {
    let all = Buffer.concat(this.#chunks)
    if (all.length > this.#limit) {
      all = all.subarray(all.length - this.#limit)
      const line = all.indexOf(0x0a)
      if (line >= 0) all = all.subarray(line + 1)
    }
    this.#chunks = [Buffer.from(all)]
    this.#bytes = all.length
  }
}
