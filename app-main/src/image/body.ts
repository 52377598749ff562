/** What a server sends, kept from the first byte: when the connection breaks, what came before is still read. */
import type { Readable } from 'node:stream'

/** How far a body may run ahead of whoever reads it, bytes. */
const AHEAD = 4 * 1024 * 1024

export class Body implements AsyncIterable<Buffer> {
  readonly #source: Readable
  readonly #chunks: Buffer[] = []
  #held = 0
  /** Null while more may come; then how it ended. */
  #end: { readonly error: Error | null } | null = null
  #wake = () => {}

  /** Begins to read at once: undici drops what it holds when its connection breaks. */
  constructor(source: Readable) {
    this.#source = source
    source.on('data', (chunk: Buffer) => {
      this.#chunks.push(chunk)
      this.#held += chunk.length
      if (this.#held > AHEAD) source.pause()
      this.#wake()
    })
    source.on('end', () => this.#finish(null))
    source.on('error', error => this.#finish(error))
    source.on('close', () => this.#finish(new Error('the connection was closed')))
  }

  destroy(): void {
    this.#chunks.splice(0)
    this.#source.destroy()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer, void, undefined> {
    for (;;) {
      const chunk = this.#chunks.shift()
      if (chunk) {
        this.#held -= chunk.length
        if (this.#held < AHEAD / 2) this.#source.resume()
        yield chunk
      } else if (this.#end?.error) throw this.#end.error
      else if (this.#end) return
      else await new Promise<void>(resolve => (this.#wake = resolve))
    }
  }

  #finish(error: Error | null): void {
    this.#end ??= { error }
    this.#wake()
  }
}
