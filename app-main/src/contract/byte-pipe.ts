/** The credit protocol of byte-stream.ts, spoken by both ends over any ordered message pipe. */
import type { ByteStream, PipeText } from './byte-stream.ts'
import { WINDOW } from './byte-stream.ts'
import type { AppError } from './error.ts'
import { ByteQueue } from './byte-queue.ts'
import { parsePipeText } from './pipe-text.ts'

/** What carries the messages: a WebSocket, a MessagePort. Both listeners are set once. */
export interface MessagePipe {
  send(data: Uint8Array | string): void
  /** The value is whatever arrived; the byte pipe judges it. */
  onMessage(listener: (data: unknown) => void): void
  onClose(listener: () => void): void
  close(): void
}

export interface BytePipe extends ByteStream {
  /** Client: settles with the server's `open`, rejects never; `closed` settles first when it is refused. */
  readonly opened: Promise<void>
  /** Server: says that the stream is there. Bytes flow only after that. */
  open(): void
  /** Ends with the reason, after the bytes already accepted by `write` for which there was credit. */
  end(error?: AppError): void
}

/** Longest piece of one message and for the consumer, in bytes: small enough to interleave, large enough to cost nothing. */
const CHUNK = 64 * 1024
/** Consumed bytes are acknowledged in portions of this size. */
const ACK_STEP = WINDOW / 8

const broken = (what: string): AppError => ({
  kind: 'refused',
  message: `The other side broke the stream protocol: ${what}.`,
})
const CUT: AppError = { kind: 'connection', trouble: 'lost', message: 'The stream was cut off.' }

interface PendingWrite {
  bytes: Uint8Array
  resolve: () => void
  reject: (error: Error) => void
}

const view = (data: unknown): Uint8Array | undefined => {
  if (data instanceof ArrayBuffer) return new Uint8Array(data)
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
  return undefined
}

class Pipe implements BytePipe {
  readonly closed: Promise<AppError | undefined>
  readonly opened: Promise<void>
  readonly #pipe: MessagePipe
  readonly #role: 'client' | 'server'
  #settle!: (error: AppError | undefined) => void
  #isOpen!: () => void
  #phase: 'waiting' | 'open' | 'draining' | 'closed' = 'waiting'

  #credit = WINDOW
  readonly #writes: PendingWrite[] = []

  readonly #unread = new ByteQueue()
  #listener: ((bytes: Uint8Array, done: () => void) => void) | undefined
  /** Received and not yet acknowledged: what the other side has of the window. */
  #owed = 0
  #consumed = 0
  #busy = false

  constructor(pipe: MessagePipe, role: 'client' | 'server') {
    this.#pipe = pipe
    this.#role = role
    this.closed = new Promise(resolve => (this.#settle = resolve))
    this.opened = new Promise(resolve => (this.#isOpen = resolve))
    pipe.onMessage(data => this.#receive(data))
    pipe.onClose(() => this.#lost())
  }

  open(): void {
    if (this.#phase !== 'waiting' || this.#role !== 'server') return
    this.#phase = 'open'
    this.#say({ t: 'open' })
    this.#isOpen()
  }

  write(bytes: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#phase !== 'open') return reject(new Error('The stream is not open.'))
      this.#writes.push({ bytes, resolve, reject })
      this.#pump()
    })
  }

  onData(listener: (bytes: Uint8Array, done: () => void) => void): void {
    this.#listener = listener
    this.#deliver()
  }

  close(): void {
    this.end()
  }

  end(error?: AppError): void {
    if (this.#phase === 'closed') return
    if (this.#phase !== 'draining') this.#say(error ? { t: 'end', error } : { t: 'end' })
    this.#finish(error)
  }

  /** Sends what credit allows; a write is through when there is credit for a next one. */
  #pump(): void {
    for (let next = this.#writes[0]; next && this.#credit > 0 && this.#phase === 'open'; next = this.#writes[0]) {
      const size = Math.min(next.bytes.byteLength, this.#credit, CHUNK)
      this.#credit -= size
      if (size > 0) this.#pipe.send(next.bytes.subarray(0, size))
      next.bytes = next.bytes.subarray(size)
      if (next.bytes.byteLength > 0) continue
      if (this.#credit === 0) return
      this.#writes.shift()
      next.resolve()
    }
  }

  #receive(data: unknown): void {
    if (this.#phase === 'closed' || this.#phase === 'draining') return
    if (typeof data === 'string') return this.#hear(data)
    const bytes = view(data)
    if (!bytes) return this.end(broken('a message is neither bytes nor text'))
    if (this.#phase !== 'open') return this.end(broken('bytes came before the stream was open'))
    this.#owed += bytes.byteLength
    if (this.#owed > WINDOW) return this.end(broken('more bytes came than were asked for'))
    if (bytes.byteLength === 0) return
    this.#unread.push(bytes)
    this.#deliver()
  }

  #hear(text: string): void {
    const message = parsePipeText(text)
    if (!message) return this.end(broken('a text message makes no sense'))
    if (message.t === 'end') return this.#ended(message.error)
    if (message.t === 'open') {
      if (this.#role === 'server' || this.#phase !== 'waiting') return this.end(broken('an unexpected "open" came'))
      this.#phase = 'open'
      return this.#isOpen()
    }
    if (this.#phase !== 'open') return this.end(broken('an "ack" came before the stream was open'))
    if (message.bytes > WINDOW - this.#credit) return this.end(broken('more was acknowledged than sent'))
    this.#credit += message.bytes
    this.#pump()
  }

  /**
   * One piece at a time: while the consumer is busy, what arrives is gathered in one buffer that the window bounds. A piece
   * is a part of the window, so that the other side sends the next one while this one is consumed.
   */
  #deliver(): void {
    if (this.#busy || !this.#listener) return
    const bytes = this.#unread.take(CHUNK)
    if (bytes) {
      this.#busy = true
      let called = false
      this.#listener(bytes, () => {
        if (called) return
        called = true
        this.#busy = false
        this.#acknowledge(bytes.byteLength)
        this.#deliver()
      })
    }
    if (this.#phase === 'draining' && this.#unread.length === 0) this.#finish(undefined)
  }

  #acknowledge(bytes: number): void {
    this.#consumed += bytes
    if (this.#phase !== 'open' || this.#consumed < ACK_STEP) return
    this.#say({ t: 'ack', bytes: this.#consumed })
    this.#owed -= this.#consumed
    this.#consumed = 0
  }

  /** A client first hands over what it has; a server has nobody left to serve. */
  #ended(error: AppError | undefined): void {
    if (error || this.#role === 'server' || this.#unread.length === 0) return this.#finish(error)
    this.#phase = 'draining'
    this.#pipe.close()
  }

  #lost(): void {
    if (this.#phase !== 'draining') this.#finish(CUT)
  }

  #finish(error: AppError | undefined): void {
    if (this.#phase === 'closed') return
    this.#phase = 'closed'
    this.#unread.clear()
    for (const write of this.#writes.splice(0)) write.reject(new Error(error?.message ?? 'The stream was closed.'))
    this.#pipe.close()
    this.#settle(error)
  }

  #say(text: PipeText): void {
    this.#pipe.send(JSON.stringify(text))
  }
}

/** Speaks the protocol on `pipe`. A peer that breaks it is told so and cut off; memory stays within `WINDOW` per direction. */
export const bytePipe = (pipe: MessagePipe, role: 'client' | 'server'): BytePipe => new Pipe(pipe, role)
