/** Bytes on their way out, in order, of bounded size: telemetry gives way first, output waits, answers always find room. */
export type MessageKind = 'answer' | 'output' | 'telemetry'

interface Queued {
  readonly bytes: Uint8Array
  readonly kind: MessageKind
}

export interface QueueLimits {
  /** More than this under way, and output waits. */
  readonly outputBytes: number
  /** Telemetry only goes out when less than this is under way. */
  readonly telemetryBytes: number
  /** More than this, and no more requests are read. */
  readonly pauseBytes: number
}

export class SendQueue {
  readonly #limits: QueueLimits
  #messages: Queued[] = []
  /** Bytes of the first message that are out already. */
  #done = 0
  #bytes = 0
  #waiting: (() => void)[] = []

  constructor(limits: QueueLimits) {
    this.#limits = limits
  }

  get bytes(): number {
    return this.#bytes - this.#done
  }

  get full(): boolean {
    return this.bytes > this.#limits.pauseBytes
  }

  /** Half a message is out. */
  get inMessage(): boolean {
    return this.#done > 0
  }

  /** False when it was dropped. */
  add(bytes: Uint8Array, kind: MessageKind): boolean {
    if (kind === 'telemetry' && this.bytes >= this.#limits.telemetryBytes) return false
    this.#messages.push({ bytes, kind })
    this.#bytes += bytes.length
    return true
  }

  /** Resolves when there is room for more output, or nobody to send it to any more. */
  async room(): Promise<void> {
    if (this.bytes <= this.#limits.outputBytes) return
    await new Promise<void>(resolve => {
      this.#waiting.push(resolve)
    })
  }

  /** Writes as much as `write` takes; it gives how many bytes it took, 0 when none go now. */
  flush(write: (bytes: Uint8Array) => number): void {
    for (let first = this.#messages[0]; first; first = this.#messages[0]) {
      const taken = write(first.bytes.subarray(this.#done))
      if (taken === 0) break
      this.#done += taken
      if (this.#done < first.bytes.length) continue
      this.#messages.shift()
      this.#bytes -= first.bytes.length
      this.#done = 0
    }
    if (this.bytes <= this.#limits.outputBytes) this.#wake()
  }

  /** Whoever was to get it is gone. */
  clear(): void {
    this.#messages = []
    this.#bytes = 0
    this.#done = 0
    this.#wake()
  }

  #wake(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const resolve of waiting) resolve()
  }
}
