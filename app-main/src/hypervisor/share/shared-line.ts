/**
 * One exclusive byte line, used by several: output goes to all, input comes from any. The slowest reader paces the line;
 * one that stands still while others wait is dropped, with a reason.
 */
import { Duplex } from 'node:stream'
import { RemoteError } from '../../contract/index.ts'
import { toRemoteError } from '../../libvirt/app-error.ts'
import { ownCopy } from '../../base/own-copy.ts'
import { Backlog } from './backlog.ts'

export interface LineLimits {
  /** Bytes a newcomer is shown of what was before. */
  readonly backlogBytes: number
  /** Bytes that wait for one reader before the line pauses. */
  readonly bufferBytes: number
  /** How long one reader may hold up the others, in milliseconds. */
  readonly stallMs: number
}

const LINE_LIMITS: LineLimits = { backlogBytes: 256 * 1024, bufferBytes: 256 * 1024, stallMs: 5000 }

export class SharedLine {
  readonly #raw: Duplex
  readonly #limits: LineLimits
  readonly #onIdle: () => void
  readonly #readers = new Set<Reader>()
  readonly #backlog: Backlog
  #stall: NodeJS.Timeout | undefined
  #ended = false

  /** `onIdle` is called once, when the line ended or its last reader left. */
  constructor(raw: Duplex, onIdle: () => void = () => undefined, limits: LineLimits = LINE_LIMITS) {
    this.#raw = raw
    this.#limits = limits
    this.#onIdle = onIdle
    this.#backlog = new Backlog(limits.backlogBytes)
    raw.on('data', (bytes: Buffer) => this.#output(bytes))
    raw.on('end', () => this.#finish(null))
    raw.on('error', error => this.#finish(error))
    raw.on('close', () => this.#finish(null))
  }

  get ended(): boolean {
    return this.#ended
  }

  /** A new user of the line; destroy it to leave. */
  attach(): Duplex {
    const reader = new Reader(this.#limits.bufferBytes, {
      input: (bytes, done) => this.#raw.write(bytes, done),
      ready: () => this.#pace(),
      left: () => this.#left(reader),
    })
    if (this.#ended) {
      reader.push(null)
      return reader
    }
    this.#readers.add(reader)
    const before = this.#backlog.read()
    if (before.length > 0) reader.push(before)
    return reader
  }

  close(): void {
    this.#raw.destroy()
    this.#finish(null)
  }

  #output(bytes: Buffer): void {
    this.#backlog.append(bytes)
    // Each owns what it gets, and may let it go at once: so the copies come first.
    const shares = [...this.#readers].map((reader, index) => ({ reader, share: index === 0 ? bytes : ownCopy(bytes) }))
    for (const { reader, share } of shares) if (this.#readers.has(reader)) reader.push(share)
    this.#pace()
  }

  #slow(): Reader[] {
    return [...this.#readers].filter(reader => reader.readableLength >= this.#limits.bufferBytes)
  }

  #pace(): void {
    if (this.#ended) return
    if (this.#slow().length === 0) {
      clearTimeout(this.#stall)
      this.#stall = undefined
      this.#raw.resume()
      return
    }
    this.#raw.pause()
    this.#stall ??= setTimeout(() => this.#dropSlow(), this.#limits.stallMs)
  }

  /** A reader that is alone may take its time for ever. */
  #dropSlow(): void {
    this.#stall = undefined
    const slow = this.#slow()
    if (slow.length < this.#readers.size)
      for (const reader of slow)
        reader.destroy(
          new RemoteError({
            kind: 'refused',
            message: 'The console was closed here because it was read too slowly while others were using it.',
            hint: 'Open it again.',
          }),
        )
    this.#pace()
  }

  #left(reader: Reader): void {
    if (!this.#readers.delete(reader) || this.#ended) return
    if (this.#readers.size > 0) return this.#pace()
    this.close()
  }

  #finish(error: Error | null): void {
    if (this.#ended) return
    this.#ended = true
    clearTimeout(this.#stall)
    for (const reader of this.#readers) {
      if (error === null) reader.push(null)
      else reader.destroy(toRemoteError(error))
    }
    this.#readers.clear()
    this.#onIdle()
  }
}

interface ReaderPort {
  readonly input: (bytes: Uint8Array, done: (error?: Error | null) => void) => void
  readonly ready: () => void
  readonly left: () => void
}

class Reader extends Duplex {
  readonly #port: ReaderPort

  constructor(highWaterMark: number, port: ReaderPort) {
    super({ readableHighWaterMark: highWaterMark, allowHalfOpen: false })
    this.#port = port
  }

  override _read(): void {
    // What is being read just now still counts as waiting.
    process.nextTick(this.#port.ready)
  }

  override _write(bytes: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#port.input(bytes, done)
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#port.left()
    done(error)
  }
}
