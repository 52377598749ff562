import type { ByteStream } from '@vireo/app-main/contract'

/** Keystrokes and pastes that a stalled guest has not taken yet; more is refused. */
const LIMIT = 1024 * 1024

/** Writes to a stream in order, without waiting and without growing: `write` answers false when the bytes were refused. */
export class ByteWriter {
  readonly #stream: ByteStream
  #waiting = 0
  #last: Promise<void> = Promise.resolve()
  #broken = false

  constructor(stream: ByteStream) {
    this.#stream = stream
  }

  /** Bytes accepted and not yet sent. */
  get waiting(): number {
    return this.#waiting
  }

  write(bytes: Uint8Array): boolean {
    if (this.#broken || this.#waiting + bytes.byteLength > LIMIT) return false
    // The caller may reuse its buffer as soon as this returns.
    const own = bytes.slice()
    this.#waiting += own.byteLength
    this.#last = this.#last
      .then(() => (this.#broken ? undefined : this.#stream.write(own)))
      .then(() => void (this.#waiting -= own.byteLength))
      // The stream's `closed` says why; here it only means that the rest is pointless.
      .catch(() => void (this.#broken = true))
    return true
  }
}
