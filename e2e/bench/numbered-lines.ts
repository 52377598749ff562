/** A flood whose losses show: lines of 64 bytes that count. */

export const LINE_BYTES = 64
const FILLER = `${'-'.repeat(53)}\r\n`
const DIGITS = 8

/** Lines `first` to `first + count - 1`. */
export const numberedLines = (first: number, count: number): Buffer => {
  const bytes = Buffer.alloc(count * LINE_BYTES, FILLER)
  for (let index = 0; index < count; index++) {
    bytes.write(`${String(first + index).padStart(DIGITS, '0')} ${FILLER}`, index * LINE_BYTES, 'latin1')
  }
  return bytes
}

/** Another line of the same length, which the count leaves out: the answer to `?<word>`. */
export const answerLine = (word: string): Buffer => Buffer.from(`!${word}`.padEnd(LINE_BYTES - 2, ' ') + '\r\n')

/** A terminal answers `ESC [ 0 n` when it has parsed this. */
const QUESTION = '\u001b[5n'

/** Such a line that asks the terminal which shows it for an answer. */
export const questionLine = (word: string): Buffer =>
  Buffer.from(`!${word}`.padEnd(LINE_BYTES - 2 - QUESTION.length, ' ') + `${QUESTION}\r\n`)

/** Moves the cursor as far as it goes and asks where it is: a terminal answers `ESC [ rows ; columns R`. */
export const LAST_CELL = '\u001b[999;999H\u001b[6n'

/** Reads a flood and tells whether it is whole. */
export class LineCheck {
  #rest = Buffer.alloc(0)
  #next = 0
  /** Bytes of counted lines. */
  bytes = 0
  /** The first thing that was wrong, if anything was. */
  broken: string | undefined
  onAnswer: (word: string) => void = () => undefined

  get lines(): number {
    return this.#next
  }

  push(bytes: Uint8Array): void {
    const held =
      this.#rest.length === 0 ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength) : this.#join(bytes)
    const whole = held.length - (held.length % LINE_BYTES)
    for (let at = 0; at < whole; at += LINE_BYTES) this.#line(held, at)
    // Copied, because the sender of the bytes may use them again.
    this.#rest = Buffer.from(held.subarray(whole))
  }

  #join(bytes: Uint8Array): Buffer {
    return Buffer.concat([this.#rest, bytes])
  }

  #line(bytes: Buffer, at: number): void {
    if (bytes[at] === 0x21) return this.onAnswer(bytes.toString('latin1', at + 1, at + LINE_BYTES).trim())
    let number = 0
    for (let index = at; index < at + DIGITS; index++) number = number * 10 + ((bytes[index] ?? 0) - 0x30)
    const ended = bytes[at + LINE_BYTES - 1] === 0x0a
    if (number !== this.#next || !ended) {
      this.broken ??= `line ${this.#next} reads ${JSON.stringify(bytes.toString('latin1', at, at + LINE_BYTES))}`
    }
    this.#next++
    this.bytes += LINE_BYTES
  }
}
