/** One command in the guest, as the host sees it: output that waits for its reader, and the end. */
import type { execEnd, NoticeOf } from '../../protocol/vireo/index.ts'
import { badAnswer } from '../rpc-failure.ts'

type Stream = 'stdout' | 'stderr'
type End = NoticeOf<typeof execEnd>

export class RunningCommand {
  readonly id: number
  /** Output was dropped here, because the guest passed on more than was asked for. */
  truncated = false
  readonly #windowBytes: number
  readonly #maxOutputBytes: number
  readonly #waiting: { stream: Stream; bytes: Uint8Array; granted: number }[] = []
  readonly #kept = { stdout: 0, stderr: 0 }
  #received = 0
  #unacknowledged = 0
  #end: End | undefined
  #failure: Error | undefined
  #wake: () => void = () => undefined
  #onEnd: () => void = () => undefined

  constructor(id: number, windowBytes: number, maxOutputBytes: number) {
    this.id = id
    this.#windowBytes = windowBytes
    this.#maxOutputBytes = maxOutputBytes
  }

  /** The guest told its end. */
  get ended(): boolean {
    return this.#end !== undefined
  }

  onEnd(listener: () => void): void {
    this.#onEnd = listener
    if (this.#end) listener()
  }

  output(stream: Stream, bytes: Uint8Array): void {
    if (this.#end || this.#failure || bytes.length === 0) return
    this.#unacknowledged += bytes.length
    this.#received += bytes.length
    // An agent cuts output by itself; one that does not is let go before it costs anything.
    const limit = 2 * this.#maxOutputBytes + this.#windowBytes
    if (this.#unacknowledged > this.#windowBytes || this.#received > limit)
      return this.fail(badAnswer('a command', 'it sent more output than it was granted'))
    const room = this.#maxOutputBytes - this.#kept[stream]
    if (bytes.length > room) this.truncated = true
    this.#kept[stream] += Math.min(bytes.length, room)
    this.#waiting.push({ stream, bytes: bytes.subarray(0, room), granted: bytes.length })
    this.#wake()
  }

  end(end: End): void {
    if (this.#end) return
    this.#end = end
    this.#onEnd()
    this.#wake()
  }

  fail(error: Error): void {
    this.#failure ??= error
    this.#wake()
  }

  /**
   * Hands over all output, one piece after the other, and gives the end. `acknowledge` grants as many more bytes. Rejects as
   * soon as it failed, even while the reader still holds a piece.
   */
  async drain(
    read: (stream: Stream, bytes: Uint8Array) => void | Promise<void>,
    acknowledge: (bytes: number) => void,
  ): Promise<End> {
    let consumed = 0
    for (;;) {
      if (this.#failure) throw this.#failure
      const piece = this.#waiting.shift()
      if (piece) {
        if (piece.bytes.length > 0) await this.#unlessFailed(read(piece.stream, piece.bytes))
        consumed += piece.granted
        // In few messages, and long before the guest runs out.
        if (consumed < this.#windowBytes / 4 || this.#end) continue
        this.#unacknowledged -= consumed
        acknowledge(consumed)
        consumed = 0
      } else if (this.#end) return this.#end
      else await this.#change()
    }
  }

  async #unlessFailed(reading: void | Promise<void>): Promise<void> {
    if (!(reading instanceof Promise)) return
    let done = false
    const finished = reading.finally(() => (done = true))
    finished.catch(() => undefined)
    while (!done && !this.#failure) await Promise.race([finished, this.#change()])
    if (this.#failure) throw this.#failure
    await finished
  }

  #change(): Promise<void> {
    return new Promise(resolve => (this.#wake = resolve))
  }
}
