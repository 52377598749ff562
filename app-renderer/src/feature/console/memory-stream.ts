import type { AppError, ByteStream } from '@vireo/app-main/contract'

/** A byte stream held in memory, for unit tests of its consumers: the far end pushes bytes and sees what was written. */
export class MemoryStream implements ByteStream {
  readonly written: Uint8Array[] = []
  readonly closed: Promise<AppError | undefined>
  /** Pieces handed over and not yet acknowledged. */
  outstanding = 0
  isClosed = false
  #settle!: (error: AppError | undefined) => void
  #listener: ((bytes: Uint8Array, done: () => void) => void) | undefined

  constructor() {
    this.closed = new Promise(resolve => (this.#settle = resolve))
  }

  async write(bytes: Uint8Array): Promise<void> {
    if (this.isClosed) throw new Error('closed')
    this.written.push(bytes)
  }

  onData(listener: (bytes: Uint8Array, done: () => void) => void): void {
    this.#listener = listener
  }

  close(): void {
    this.fail(undefined)
  }

  push(bytes: Uint8Array): void {
    this.outstanding++
    this.#listener?.(bytes, () => this.outstanding--)
  }

  fail(error: AppError | undefined): void {
    this.isClosed = true
    this.#settle(error)
  }
}
