/** A command's output without what the script around it says in between. */

/** What the script said: `start 123`, `end 0`, `fail no-user`. */
export type OnMark = (word: string, value: string) => void

/** Kept of what came before the command's own output, to say why there was none. */
const BEFORE = 8 * 1024
/** Longest line of ours behind its mark. */
const LINE = 64
const NEWLINE = 0x0a

const join = (one: Uint8Array, other: Uint8Array): Buffer => Buffer.concat([one, other])

/** How many bytes at the end of `bytes` may be the beginning of `pattern`. */
const beginning = (bytes: Buffer, pattern: Buffer): number => {
  for (let length = Math.min(pattern.length - 1, bytes.length); length > 0; length--)
    if (bytes.subarray(bytes.length - length).equals(pattern.subarray(0, length))) return length
  return 0
}

export class MarkedOutput {
  readonly #pattern: Buffer
  readonly #onMark: OnMark
  #held: Buffer = Buffer.alloc(0)
  #started = false
  #before: Buffer = Buffer.alloc(0)

  constructor(mark: string, onMark: OnMark) {
    this.#pattern = Buffer.from(`\n${mark} `)
    this.#onMark = onMark
  }

  /** What was written before the command began: its end. */
  get before(): string {
    return this.#before.toString('utf8')
  }

  /** Gives what of these bytes is the command's. */
  push(chunk: Uint8Array): Buffer {
    const out: Buffer[] = []
    let bytes = join(this.#held, chunk)
    for (;;) {
      const at = bytes.indexOf(this.#pattern)
      if (at < 0) {
        const kept = beginning(bytes, this.#pattern)
        out.push(this.#own(bytes.subarray(0, bytes.length - kept)))
        this.#held = bytes.subarray(bytes.length - kept)
        break
      }
      const from = at + this.#pattern.length
      const end = bytes.indexOf(NEWLINE, from)
      out.push(this.#own(bytes.subarray(0, at)))
      if (end < 0 && bytes.length - from <= LINE) {
        this.#held = bytes.subarray(at)
        break
      }
      const until = end < 0 ? from + LINE : end
      this.#said(bytes.toString('latin1', from, until))
      bytes = bytes.subarray(until + 1)
    }
    return out.length === 1 && out[0] ? out[0] : Buffer.concat(out)
  }

  /** What was held back because it might have become a line of ours. */
  end(): Buffer {
    const rest = this.#own(this.#held)
    this.#held = Buffer.alloc(0)
    return rest
  }

  #own(bytes: Buffer): Buffer {
    if (this.#started) return bytes
    this.#before = join(this.#before, bytes).subarray(-BEFORE)
    return Buffer.alloc(0)
  }

  #said(line: string): void {
    const [word = '', value = ''] = line.split(' ')
    this.#started ||= word === 'start'
    this.#onMark(word, value)
  }
}
