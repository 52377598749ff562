/** Longest piece handed to the terminal at once, in bytes: it parses a piece in one go, and the window waits. */
const PIECE = 32 * 1024
/** Ask for more while the terminal still has this much to do, so that it never idles. */
const LOW = 64 * 1024

/** What a terminal offers: takes bytes now, says later that they are parsed. */
export type TerminalWrite = (bytes: Uint8Array, parsed: () => void) => void

/**
 * Between a stream that may flood and a terminal that parses at its own speed: bytes are acknowledged by the terminal's
 * progress, so no more than the stream's window is ever held, the guest is slowed at its own port, and the window stays
 * responsive because the terminal yields between pieces.
 */
export class WriteFlow {
  readonly #write: TerminalWrite
  #pending = 0
  #owed: (() => void)[] = []

  constructor(write: TerminalWrite) {
    this.#write = write
  }

  /** Bytes that the terminal has not parsed. */
  get pending(): number {
    return this.#pending
  }

  receive(bytes: Uint8Array, done: () => void): void {
    this.#pending += bytes.byteLength
    this.#owed.push(done)
    for (let at = 0; at < bytes.byteLength; at += PIECE) {
      const piece = bytes.subarray(at, at + PIECE)
      this.#write(piece, () => {
        this.#pending -= piece.byteLength
        this.#settle()
      })
    }
    this.#settle()
  }

  #settle(): void {
    if (this.#pending > LOW) return
    for (const done of this.#owed.splice(0)) done()
  }
}
