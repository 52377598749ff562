import {
  type AppError,
  type ByteStream,
  encodeTerminalFrame,
  MAX_TERMINAL_FRAME,
  type TerminalEnd,
  terminalFrameReader,
} from '@vireo/app-main/contract'

const encoder = new TextEncoder()
const decoder = new TextDecoder()

/** The service's own word is read without its schema, which stays out of the window. */
const endOf = (bytes: Uint8Array): TerminalEnd => {
  const end: unknown = JSON.parse(decoder.decode(bytes))
  const code = typeof end === 'object' && end !== null && 'exitCode' in end ? end.exitCode : null
  const lost = typeof end === 'object' && end !== null && 'lost' in end && end.lost === true
  return { exitCode: typeof code === 'number' ? code : null, lost }
}

/** The bytes of a terminal, out of the frames of an `ssh.terminal` stream. Its end is told to `ended` before it is closed. */
export class TerminalStream implements ByteStream {
  readonly closed: Promise<AppError | undefined>
  readonly #frames: ByteStream
  readonly #ended: (end: TerminalEnd) => void
  #last: AppError | undefined

  constructor(frames: ByteStream, ended: (end: TerminalEnd) => void) {
    this.#frames = frames
    this.#ended = ended
    this.closed = frames.closed.then(error => error ?? this.#last)
  }

  async write(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.byteLength; at += MAX_TERMINAL_FRAME)
      await this.#frames.write(encodeTerminalFrame('input', bytes.subarray(at, at + MAX_TERMINAL_FRAME)))
  }

  resize(columns: number, rows: number): void {
    const size = encoder.encode(JSON.stringify({ columns, rows }))
    // Why it fails is told by `closed`.
    this.#frames.write(encodeTerminalFrame('resize', size)).catch(() => undefined)
  }

  onData(listener: (bytes: Uint8Array, done: () => void) => void): void {
    let owed: Uint8Array[] = []
    const read = terminalFrameReader((kind, bytes) => {
      // The frame's bytes lie in a buffer of the reader's.
      if (kind === 'output') owed.push(bytes.slice())
      else if (kind === 'end') this.#end(endOf(bytes))
    })
    this.#frames.onData((bytes, done) => {
      read(bytes)
      const parts = owed
      owed = []
      let left = parts.length
      if (left === 0) return done()
      const one = (): void => {
        if (--left === 0) done()
      }
      for (const part of parts) listener(part, one)
    })
  }

  close(): void {
    this.#frames.close()
  }

  #end(end: TerminalEnd): void {
    // Nobody logs in again by itself: a person asks for it.
    this.#last = { kind: 'cancelled', message: 'The session ended.' }
    this.#ended(end)
  }
}
