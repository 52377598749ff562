/** A command in a guest as a stream of frames (`contract/exec-frames.ts`). */
import { Duplex, PassThrough } from 'node:stream'
import {
  encodeExecFrame,
  execFrameReader,
  MAX_EXEC_FRAME,
  RemoteError,
  type DomainId,
  type ExecFrameKind,
  type ExecMethod,
  type ExecResult,
} from '../../contract/index.ts'
import { openWay, type ExecRequest, type ExecWays, type RunExec } from './exec-methods.ts'

/** How long closing waits for the command's death, in milliseconds. */
const KILL_MS = 5000

class ExecStream extends Duplex {
  readonly #controller = new AbortController()
  readonly #stdin = new PassThrough()
  readonly #read: (bytes: Uint8Array) => void
  /** Settles when nothing runs in the guest any more. */
  readonly #over: Promise<void>
  /** Whoever waits until the reader wants more. */
  #wanted: (() => void) | null = null

  constructor(start: (stream: ExecStream, stdin: PassThrough, signal: AbortSignal) => Promise<void>) {
    super()
    // A command that ends without having read its input is no failure.
    this.#stdin.on('error', () => undefined)
    this.#read = execFrameReader((kind, bytes) => this.#take(kind, bytes))
    this.#over = start(this, this.#stdin, this.#controller.signal).then(
      () => void this.push(null),
      (error: unknown) => void this.destroy(error instanceof Error ? error : new Error(String(error))),
    )
  }

  /** Resolves when the reader wants more: a slow one slows the guest. */
  async send(kind: ExecFrameKind, bytes: Uint8Array): Promise<void> {
    for (let at = 0; at === 0 || at < bytes.length; at += MAX_EXEC_FRAME) {
      if (this.destroyed) return
      const more = this.push(encodeExecFrame(kind, bytes.subarray(at, at + MAX_EXEC_FRAME)))
      if (!more) await new Promise<void>(resolve => (this.#wanted = resolve))
    }
  }

  override _read(): void {
    this.#wanted?.()
    this.#wanted = null
  }

  override _write(bytes: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    try {
      this.#read(bytes)
    } catch (error) {
      return done(error instanceof Error ? error : new Error(String(error)))
    }
    if (!this.#stdin.writable || !this.#stdin.writableNeedDrain) return done()
    const on = () => {
      this.#stdin.off('drain', on).off('close', on)
      done()
    }
    this.#stdin.on('drain', on).on('close', on)
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#stdin.end()
    done()
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#controller.abort(new RemoteError({ kind: 'cancelled', message: 'The command was cancelled.' }))
    this.#wanted?.()
    this.#stdin.destroy()
    // Whoever closes may leave at once afterwards: the command is to be dead by then.
    const late = new Promise<void>(resolve => setTimeout(resolve, KILL_MS).unref())
    void Promise.race([this.#over, late]).then(() => done(error))
  }

  #take(kind: ExecFrameKind, bytes: Uint8Array): void {
    if (kind === 'stdin') {
      // The frame's bytes lie in a buffer of the caller's.
      if (this.#stdin.writable) this.#stdin.write(Buffer.from(bytes))
    } else if (kind === 'stdinEnd') this.#stdin.end()
    else throw new RemoteError({ kind: 'refused', message: `A “${kind}” frame goes the other way.` })
  }
}

const work =
  (run: RunExec, { spec }: ExecRequest, method: ExecMethod, release: () => void) =>
  async (stream: ExecStream, stdin: PassThrough, signal: AbortSignal): Promise<void> => {
    try {
      const end = await run(spec, { stdin, onOutput: (kind, bytes) => stream.send(kind, bytes) }, { signal })
      const result: ExecResult = { ...end, method }
      await stream.send('end', Buffer.from(JSON.stringify(result)))
    } finally {
      stdin.destroy()
      release()
    }
  }

/** Opens a way into the guest and starts the command. Closing the stream before its end kills it. */
export const openExec = async (
  { ways }: { readonly ways: ExecWays },
  id: DomainId,
  request: ExecRequest,
  signal: AbortSignal,
): Promise<Duplex> => {
  const { method, run, release } = await openWay(ways, request, id, { signal })
  return new ExecStream(work(run, request, method, release))
}
