/**
 * Quantix frames: a length (four bytes, big-endian) and a protobuf message, since 2026 behind a magic number. Which of the
 * two an agent speaks is told by its first good frame: a length that begins like the magic would be over the limit.
 */

/** How an agent frames: `magic` since January 2026, `bare` before. */
export type QuantixFraming = 'magic' | 'bare'

/** Longer messages are no messages, on either side. */
export const QUANTIX_MAX_BYTES = 16 * 1024 * 1024

const MAGIC = Uint8Array.of(0x51, 0x54, 0x58, 0x01)
/** So much that is no frame, and nobody is there who speaks this. The agent's own reader gives up there too. */
const MAX_GARBAGE = 64 * 1024
/** While the framing is unknown: what an agent says first is short, and there are only so many guesses. */
const MAX_FIRST_BYTES = 64 * 1024
const MAX_GUESSES = 500
const FIRST_BUFFER = 4096

export const encodeQuantixFrame = (framing: QuantixFraming, message: Uint8Array): Uint8Array => {
  const head = framing === 'magic' ? MAGIC.length : 0
  const frame = new Uint8Array(head + 4 + message.length)
  frame.set(MAGIC.subarray(0, head))
  new DataView(frame.buffer).setUint32(head, message.length)
  frame.set(message, head + 4)
  return frame
}

export interface QuantixFramesOptions {
  /** Longer messages are skipped, at most `QUANTIX_MAX_BYTES`. */
  readonly maxBytes: number
  /** True when the bytes are a message. They are only good during the call. */
  readonly message: (bytes: Uint8Array, framing: QuantixFraming) => boolean
}

export class QuantixFrames {
  readonly #options: QuantixFramesOptions
  #framing: QuantixFraming | undefined
  #buffer = new Uint8Array(FIRST_BUFFER)
  #start = 0
  #end = 0
  /** Bytes still to come of a message that is too long. */
  #skip = 0
  #garbage = 0
  #guesses = 0
  #lost = false
  /** Messages that were too long, or no messages. */
  refused = 0

  constructor(options: QuantixFramesOptions) {
    this.#options = options
  }

  /** Undefined until the first good frame. */
  get framing(): QuantixFraming | undefined {
    return this.#framing
  }

  /** Takes bytes as they come. False when whoever speaks does not speak this, for good. */
  push(bytes: Uint8Array): boolean {
    const skipped = Math.min(this.#skip, bytes.length)
    this.#skip -= skipped
    if (this.#lost) return false
    this.#append(bytes.subarray(skipped))
    while (!this.#lost && this.#step());
    if (this.#start === this.#end) this.#forget()
    return !this.#lost
  }

  #append(bytes: Uint8Array): void {
    if (this.#end + bytes.length > this.#buffer.length) {
      const held = this.#end - this.#start
      const wanted = held + bytes.length
      const target = wanted > this.#buffer.length / 2 ? new Uint8Array(wanted * 2) : this.#buffer
      target.set(this.#buffer.subarray(this.#start, this.#end))
      this.#buffer = target
      this.#start = 0
      this.#end = held
    }
    this.#buffer.set(bytes, this.#end)
    this.#end += bytes.length
  }

  #forget(): void {
    this.#start = 0
    this.#end = 0
    if (this.#buffer.length > MAX_FIRST_BYTES) this.#buffer = new Uint8Array(FIRST_BUFFER)
  }

  /** Takes one frame, or steps over what is none. False when it needs more bytes. */
  #step(): boolean {
    if (this.#end - this.#start < 4) return false
    if (this.#magicAt(this.#start)) return this.#magicFrame()
    if (this.#framing === 'magic') return this.#drop(this.#nextMagic())
    return this.#bareFrame()
  }

  #magicFrame(): boolean {
    if (this.#end - this.#start < 8) return false
    const length = this.#lengthAt(this.#start + 4)
    // Also where the magic stands in the place of a length: the sender was cut off in mid-frame and began again.
    if (length === 0 || length > QUANTIX_MAX_BYTES) return this.#drop(4)
    if (length > this.#options.maxBytes) return this.#pass(8 + length)
    if (this.#end - this.#start < 8 + length) return false
    this.#take(8, length, 'magic')
    return true
  }

  #bareFrame(): boolean {
    const held = this.#end - this.#start
    const length = this.#lengthAt(this.#start)
    const known = this.#framing === 'bare'
    const most = known ? QUANTIX_MAX_BYTES : MAX_FIRST_BYTES
    if (length === 0 || length > most) return this.#drop(1)
    if (held < 5) return false
    // Every field of a message is length-delimited: its first tag says so.
    if (((this.#buffer[this.#start + 4] ?? 0) & 7) !== 2) return this.#drop(1)
    if (known && length > this.#options.maxBytes) return this.#pass(4 + length)
    if (held < 4 + length) {
      const magic = known ? held : this.#nextMagic()
      return magic + MAGIC.length <= held ? this.#drop(magic) : false
    }
    if (known) this.#take(4, length, 'bare')
    else if (!this.#guess(length)) return this.#drop(1)
    return true
  }

  #guess(length: number): boolean {
    if (++this.#guesses > MAX_GUESSES) this.#lost = true
    const message = this.#buffer.subarray(this.#start + 4, this.#start + 4 + length)
    if (this.#lost || !this.#options.message(message, 'bare')) return false
    this.#good('bare')
    this.#start += 4 + length
    return true
  }

  #take(head: number, length: number, framing: QuantixFraming): void {
    const message = this.#buffer.subarray(this.#start + head, this.#start + head + length)
    if (this.#options.message(message, framing)) this.#good(framing)
    else {
      this.refused++
      this.#garbage += head + length
      this.#lost = this.#garbage > MAX_GARBAGE + QUANTIX_MAX_BYTES
    }
    this.#start += head + length
  }

  #good(framing: QuantixFraming): void {
    this.#framing = framing
    this.#garbage = 0
  }

  #drop(count: number): true {
    this.#start += count
    this.#garbage += count
    if (this.#garbage > MAX_GARBAGE) this.#lost = true
    return true
  }

  #pass(count: number): true {
    this.refused++
    const held = Math.min(count, this.#end - this.#start)
    this.#start += held
    this.#skip = count - held
    return true
  }

  #lengthAt(at: number): number {
    return new DataView(this.#buffer.buffer).getUint32(at)
  }

  #magicAt(at: number): boolean {
    return MAGIC.every((byte, index) => this.#buffer[at + index] === byte)
  }

  /** How far away the next magic is, or what may become one with the bytes to come. */
  #nextMagic(): number {
    for (let at = this.#start + 1; at < this.#end; at++) {
      const fits = MAGIC.every((byte, index) => at + index >= this.#end || this.#buffer[at + index] === byte)
      if (fits) return at - this.#start
    }
    return this.#end - this.#start
  }
}
