/** A terminal in a guest as a stream of frames (`contract/terminal-frames.ts`). */
import { Duplex } from 'node:stream'
import {
  encodeTerminalFrame,
  MAX_TERMINAL_FRAME,
  RemoteError,
  TerminalSize,
  terminalFrameReader,
  type TerminalEnd,
  type TerminalFrameKind,
} from '../../contract/index.ts'
import { openPty, type Pty, type PtyEnd } from '../../ssh/pty.ts'
import type { SshClient } from '../../ssh/ssh-client.ts'
import type { SshTarget } from '../../ssh/target.ts'

/** What ssh itself ends with when it could not connect, or was cut off. */
const LOST = 255

export class TerminalStream extends Duplex {
  readonly #pty: Pty
  readonly #read: (bytes: Uint8Array) => void

  constructor(pty: Pty) {
    super()
    this.#pty = pty
    this.#read = terminalFrameReader((kind, bytes) => this.#take(kind, bytes))
    void pty.ended.then(end => this.#ended(end))
  }

  /** Output of the program; a reader who does not keep up holds it back. */
  show(bytes: Uint8Array): void {
    if (this.destroyed) return
    let more = true
    for (let at = 0; at < bytes.length; at += MAX_TERMINAL_FRAME)
      more = this.push(encodeTerminalFrame('output', bytes.subarray(at, at + MAX_TERMINAL_FRAME)))
    if (!more) this.#pty.pause()
  }

  override _read(): void {
    this.#pty.resume()
  }

  override _write(bytes: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    try {
      this.#read(bytes)
      done()
    } catch (error) {
      done(error instanceof Error ? error : new Error(String(error)))
    }
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#pty.hangUp()
    // Whoever closes may leave at once afterwards.
    void this.#pty.ended.then(() => done(error))
  }

  #ended({ exitCode }: PtyEnd): void {
    if (this.destroyed) return
    const end: TerminalEnd = { exitCode, lost: exitCode === LOST || exitCode === null }
    this.push(encodeTerminalFrame('end', Buffer.from(JSON.stringify(end))))
    this.push(null)
  }

  #take(kind: TerminalFrameKind, bytes: Uint8Array): void {
    if (kind === 'input') this.#pty.write(bytes)
    else if (kind === 'resize') this.#pty.resize(sizeOf(bytes))
    else throw new RemoteError({ kind: 'refused', message: `A “${kind}” frame goes the other way.` })
  }
}

const sizeOf = (bytes: Uint8Array): TerminalSize => {
  try {
    return TerminalSize.parse(JSON.parse(Buffer.from(bytes).toString('utf8')))
  } catch (cause) {
    throw new RemoteError({ kind: 'refused', message: 'That is no size of a terminal.' }, { cause })
  }
}

/** Rejects with `unsupported` where there is no way to make terminals. */
export const openTerminal = async (client: SshClient, target: SshTarget, size: TerminalSize): Promise<Duplex> => {
  let stream: TerminalStream | null = null
  const early: Buffer[] = []
  // Every key is the guest's: none ends or forwards anything here.
  const argv = await client.terminalCommand(target, ['-tt', '-e', 'none'])
  const pty = await openPty(argv, size, bytes => (stream ? stream.show(bytes) : void early.push(bytes)))
  stream = new TerminalStream(pty)
  for (const bytes of early) stream.show(bytes)
  return stream
}
