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
import { openPty, type PtyEnd } from '../../ssh/pty.ts'
import type { SshClient } from '../../ssh/ssh-client.ts'
import type { SshTarget } from '../../ssh/target.ts'

/** What ssh itself ends with when it could not connect, or was cut off. */
const LOST = 255

/** A program on a terminal, wherever it runs. */
export interface TerminalProgram {
  /** A promise where it may have to wait until more can be taken. */
  write(bytes: Uint8Array): void | Promise<void>
  resize(size: TerminalSize): void
  pause(): void
  resume(): void
  hangUp(): void
  readonly ended: Promise<PtyEnd>
}

export class TerminalStream extends Duplex {
  readonly #pty: TerminalProgram
  readonly #read: (bytes: Uint8Array) => void
  #taken: Promise<void> | undefined

  constructor(pty: TerminalProgram) {
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
    const fail = (error: unknown): void => done(error instanceof Error ? error : new Error(String(error)))
    try {
      const taken = this.#readNow(bytes)
      if (taken === undefined) done()
      else taken.then(() => done(), fail)
    } catch (error) {
      fail(error)
    }
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#pty.hangUp()
    // Whoever closes may leave at once afterwards.
    void this.#pty.ended.then(() => done(error))
  }

  /** Gives what has to be waited for before more can be taken. */
  #readNow(bytes: Uint8Array): Promise<void> | undefined {
    this.#taken = undefined
    this.#read(bytes)
    return this.#taken
  }

  #ended({ exitCode }: PtyEnd): void {
    if (this.destroyed) return
    const end: TerminalEnd = { exitCode, lost: exitCode === LOST || exitCode === null }
    this.push(encodeTerminalFrame('end', Buffer.from(JSON.stringify(end))))
    this.push(null)
  }

  #take(kind: TerminalFrameKind, bytes: Uint8Array): void {
    if (kind === 'input') this.#taken = this.#pty.write(bytes) ?? this.#taken
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

/** The stream of a program that `open` starts; nothing of what it says at once is lost. */
export const streamOf = async (
  open: (onOutput: (bytes: Buffer) => void) => Promise<TerminalProgram>,
): Promise<Duplex> => {
  let stream: TerminalStream | null = null
  const early: Buffer[] = []
  const program = await open(bytes => (stream ? stream.show(bytes) : void early.push(bytes)))
  stream = new TerminalStream(program)
  for (const bytes of early) stream.show(bytes)
  return stream
}

/** Rejects with `unsupported` where there is no way to make terminals. */
export const openTerminal = async (client: SshClient, target: SshTarget, size: TerminalSize): Promise<Duplex> => {
  // Every key is the guest's: none ends or forwards anything here.
  const argv = await client.terminalCommand(target, ['-tt', '-e', 'none'])
  return streamOf(onOutput => openPty(argv, size, onOutput))
}
