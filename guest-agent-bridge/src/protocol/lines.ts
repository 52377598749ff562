/** Cuts hostile bytes into lines, and lines into JSON, at a bounded cost. Pure: the agent in the guest uses it as well. */

export interface LineListener {
  /** One line without its `\n`. The bytes are only good during the call. */
  line(bytes: Uint8Array): void
  /** A line became longer than allowed, once a line, before its end is known. Nothing of it is delivered but how it began. */
  overflow?(head: Uint8Array): void
  /** Memory of a line that nobody looks at any more, where it was much: it may be freed at once. */
  unused?(memory: Uint8Array): void
}

const NEWLINE = 0x0a
const FIRST_BUFFER = 4096
/** As much of a line that is too long is shown, to tell whose it was. */
const HEAD_BYTES = 256
/** A bigger buffer is given back after its line. */
const KEPT_BUFFER = 64 * 1024

/** Splits a byte stream at `\n`. Keeps at most one unfinished line of `maxBytes`; goes on at the next line after a longer one. */
export class LineSplitter {
  readonly #maxBytes: number
  readonly #listener: LineListener
  #buffer = new Uint8Array(0)
  #used = 0
  #dropping = false
  #droppedBytes = 0

  constructor(maxBytes: number, listener: LineListener) {
    this.#maxBytes = maxBytes
    this.#listener = listener
  }

  /** Bytes of lines that were too long, so far. */
  get droppedBytes(): number {
    return this.#droppedBytes
  }

  /** Bytes of the unfinished line. */
  get pendingBytes(): number {
    return this.#used
  }

  push(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length;) {
      const newline = bytes.indexOf(NEWLINE, at)
      const end = newline < 0 ? bytes.length : newline
      this.#take(bytes.subarray(at, end), newline >= 0)
      at = newline < 0 ? end : newline + 1
    }
  }

  #take(part: Uint8Array, complete: boolean): void {
    if (!this.#dropping && this.#used + part.length > this.#maxBytes) {
      const head = (this.#used === 0 ? part : this.#buffer.subarray(0, this.#used)).slice(0, HEAD_BYTES)
      this.#dropping = true
      this.#droppedBytes += this.#used
      this.#drop(this.#forget())
      this.#listener.overflow?.(head)
    }
    if (this.#dropping) {
      this.#droppedBytes += part.length
      this.#dropping = !complete
    } else if (!complete) this.#keep(part)
    else if (this.#used === 0) this.#listener.line(part)
    else {
      this.#keep(part)
      const line = this.#buffer.subarray(0, this.#used)
      const memory = this.#forget()
      this.#listener.line(line)
      this.#drop(memory)
    }
  }

  /** Doubling keeps a line that comes byte by byte at linear cost. */
  #keep(part: Uint8Array): void {
    const needed = this.#used + part.length
    if (needed > this.#buffer.length) {
      const size = Math.max(needed, Math.min(this.#maxBytes, Math.max(FIRST_BUFFER, 2 * this.#buffer.length)))
      const bigger = new Uint8Array(size)
      bigger.set(this.#buffer.subarray(0, this.#used))
      this.#drop(this.#buffer)
      this.#buffer = bigger
    }
    this.#buffer.set(part, this.#used)
    this.#used = needed
  }

  /** Gives back what need not be kept for the next line. */
  #forget(): Uint8Array {
    const memory = this.#buffer
    this.#used = 0
    if (memory.length <= KEPT_BUFFER) return new Uint8Array(0)
    this.#buffer = new Uint8Array(0)
    return memory
  }

  #drop(memory: Uint8Array): void {
    if (memory.length > 0) this.#listener.unused?.(memory)
  }
}

/** Nesting that no message of ours comes near. */
export const MAX_JSON_DEPTH = 64

export type ParsedJson =
  { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly reason: 'depth' | 'syntax' }

/**
 * Parses JSON that a stranger wrote. Nesting beyond `maxDepth` is refused before anything is built, and keys named
 * `__proto__` are left out, so that no later copy of an object changes its prototype.
 */
export const parseJson = (text: string, maxDepth: number = MAX_JSON_DEPTH): ParsedJson => {
  if (tooDeep(text, maxDepth)) return { ok: false, reason: 'depth' }
  try {
    const value: unknown = JSON.parse(text)
    // A key can be spelt with escapes.
    if (text.includes('__proto__') || text.includes('\\u')) dropPrototypes(value)
    return { ok: true, value }
  } catch {
    return { ok: false, reason: 'syntax' }
  }
}

const QUOTE = 0x22
const BACKSLASH = 0x5c
const OPEN_BRACKET = 0x5b
const CLOSE_BRACKET = 0x5d
const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d

const tooDeep = (text: string, maxDepth: number): boolean => {
  let depth = 0
  for (let at = 0; at < text.length; at++) {
    const char = text.charCodeAt(at)
    if (char === QUOTE) {
      at = stringEnd(text, at)
      if (at < 0) return false
    } else if (char === OPEN_BRACKET || char === OPEN_BRACE) {
      depth++
      if (depth > maxDepth) return true
    } else if (char === CLOSE_BRACKET || char === CLOSE_BRACE) depth--
  }
  return false
}

/** Index of the quote that ends the string begun at `from`; -1 when none does. */
const stringEnd = (text: string, from: number): number => {
  for (let quote = text.indexOf('"', from + 1); quote >= 0; quote = text.indexOf('"', quote + 1)) {
    let slashes = 0
    while (text.charCodeAt(quote - 1 - slashes) === BACKSLASH) slashes++
    if (slashes % 2 === 0) return quote
  }
  return -1
}

const dropPrototypes = (value: unknown): void => {
  if (typeof value !== 'object' || value === null) return
  if (Object.hasOwn(value, '__proto__')) Reflect.deleteProperty(value, '__proto__')
  for (const inner of Object.values(value)) dropPrototypes(inner)
}
