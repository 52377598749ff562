import type { AppError, ByteStream } from '@vireo/app-main/contract'
import { ByteWriter } from '../console/byte-writer.ts'
import { type KeeperState, StreamKeeper } from '../console/stream-keeper.ts'
import { type TerminalWrite, WriteFlow } from './write-flow.ts'

/** How long an open line may say nothing before a person is told how to wake it, milliseconds. */
export const SILENCE_MS = 1000

export interface SerialSource {
  /** Rejects with kind `busy`, naming the holder, unless `takeOver`. */
  open(options: { takeOver: boolean }): Promise<ByteStream>
  /** The terminal has another size, in characters. */
  resized?(columns: number, rows: number): void
  /** Whether an end stays until a person wants another beginning, besides those that always do. */
  stays?(error: AppError): boolean
}

/** Keeps one serial line open while the machine runs and joins it to a terminal. */
export class SerialSession {
  readonly #listeners = new Set<() => void>()
  readonly #keeper: StreamKeeper
  readonly #write: TerminalWrite
  #stream: ByteStream | null = null
  #writer: ByteWriter | null = null
  #takeOver = false
  #silent = false
  #silence: ReturnType<typeof setTimeout> | undefined

  constructor(source: SerialSource, write: TerminalWrite) {
    this.#write = write
    this.#keeper = new StreamKeeper({
      open: () => {
        const takeOver = this.#takeOver
        // Force is used once, never by a later reconnect.
        this.#takeOver = false
        return source.open({ takeOver })
      },
      opened: stream => this.#opened(stream),
      stays: error => source.stays?.(error) ?? false,
      changed: state => this.#changed(state),
    })
  }

  get state(): KeeperState {
    return this.#keeper.state
  }

  /** Nothing was heard or typed since the line was opened, for long enough to look dead. */
  get silent(): boolean {
    return this.#silent
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  setAlive(alive: boolean): void {
    this.#keeper.setAlive(alive)
  }

  retry(): void {
    this.#keeper.retry()
  }

  /** Takes the line from whoever holds it. */
  takeOver(): void {
    this.#takeOver = true
    this.#keeper.retry()
  }

  /** Sends input; false when the line is closed or takes no more. */
  send(bytes: Uint8Array): boolean {
    this.#endSilence()
    return this.#writer?.write(bytes) ?? false
  }

  dispose(): void {
    this.#listeners.clear()
    clearTimeout(this.#silence)
    this.#keeper.dispose()
  }

  #opened(stream: ByteStream): void {
    this.#stream = stream
    this.#writer = new ByteWriter(stream)
    this.#endSilence()
    this.#silence = setTimeout(() => this.#setSilent(true), SILENCE_MS)
    const flow = new WriteFlow(this.#write)
    stream.onData((bytes, done) => {
      if (stream === this.#stream) this.#endSilence()
      this.#keeper.proven()
      flow.receive(bytes, done)
    })
    void stream.closed.then(error => this.#closed(stream, error))
  }

  #closed(stream: ByteStream, error: AppError | undefined): void {
    if (stream === this.#stream) this.#keeper.ended(error ?? null)
  }

  #changed(state: KeeperState): void {
    if (state.kind !== 'open') {
      this.#endSilence()
      const stream = this.#stream
      this.#stream = null
      this.#writer = null
      stream?.close()
    }
    this.#tell()
  }

  #endSilence(): void {
    clearTimeout(this.#silence)
    this.#setSilent(false)
  }

  #setSilent(silent: boolean): void {
    if (this.#silent === silent) return
    this.#silent = silent
    this.#tell()
  }

  #tell(): void {
    for (const listener of [...this.#listeners]) listener()
  }
}
