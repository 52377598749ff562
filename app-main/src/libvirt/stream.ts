/** Streams: consoles, channels, screenshots and volumes as ordinary node streams. */
import { Duplex } from 'node:stream'
import { ownCopy } from '../base/own-copy.ts'
import { ConnectionError } from './errors.ts'
import {
  VIR_NET_CONTINUE,
  VIR_NET_ERROR,
  VIR_NET_MESSAGE_LEGACY_PAYLOAD_MAX,
  VIR_NET_OK,
} from './generated/net-message.ts'
import type { CallOptions } from './pending-call.ts'
import type { Rpc, StreamSink } from './rpc.ts'

export interface StreamOptions extends CallOptions {
  /** Bytes only come: the writable side is ended from the start. */
  readonly readOnly?: boolean | undefined
}

type Callback = (error?: Error | null) => void

/** How long a daemon may take to confirm that a stream was aborted. */
const ABORT_MS = 2000
/**
 * How long the connection stays after the daemon took the stream away, for instance for somebody who forced a console:
 * libvirtd is still busy with that, and one of version 9.0 was seen to crash when the connection went in that moment.
 */
const TAKEN_MS = 250

/**
 * One stream that owns its connection: the protocol has no window per stream, so pausing a reader pauses the socket,
 * and with it everything else that would travel there. The connection is closed with the stream. What is read belongs to
 * the reader: see `letGo`.
 *
 * `end()` finishes the whole stream cleanly: what was written has been taken by the daemon when `finish` fires.
 * `destroy()` aborts; when `close` fires the daemon has let go, so that somebody else may open the same console.
 */
export class RpcStream extends Duplex implements StreamSink {
  readonly #rpc: Rpc
  readonly #readOnly: boolean
  #waiting: Callback | undefined
  #finishing = false
  #readingEnded = false
  /** The daemon has nothing more to say about this stream. */
  #over = false
  #taken = false
  /** Why the daemon took it away; whoever writes before it is destroyed is told the same. */
  #failure: Error | undefined

  constructor(rpc: Rpc, options: StreamOptions = {}) {
    super({ allowHalfOpen: true })
    this.#rpc = rpc
    this.#readOnly = options.readOnly ?? false
    if (this.#readOnly) this.end()
  }

  data(chunk: Buffer): void {
    if (this.destroyed || this.#readingEnded) return
    if (chunk.length > 0) {
      this.#take(chunk)
      return
    }
    // An empty message is how the daemon says that there is no more.
    this.#finish()
    this.#endReading()
  }

  finished(): void {
    this.#over = true
    this.#endReading()
    this.#answer()
  }

  failed(error: Error): void {
    this.#over = true
    this.#taken = true
    this.#failure = error
    if (this.#waiting) this.#answer(error)
    // Whoever opened the stream may still be waiting for it: nobody would hear an error now.
    else setImmediate(() => this.destroy(error))
  }

  override _read(): void {
    this.#rpc.resume()
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: Callback): void {
    if (this.#over || this.#finishing) {
      done(this.#failure ?? new ConnectionError('lost', 'The stream has ended.'))
      return
    }
    let clear = true
    for (let at = 0; at < chunk.length; at += VIR_NET_MESSAGE_LEGACY_PAYLOAD_MAX) {
      const part = chunk.subarray(at, at + VIR_NET_MESSAGE_LEGACY_PAYLOAD_MAX)
      clear = this.#rpc.sendStream(this, VIR_NET_CONTINUE, part)
    }
    if (clear) done()
    else this.#rpc.onDrain(() => done())
  }

  override _final(done: Callback): void {
    if (this.#readOnly || this.#over) {
      done()
      return
    }
    this.#waiting = done
    this.#finish()
    // The confirmation comes behind data that may be still under way.
    this.#rpc.resume()
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    const close = () => {
      this.#over = true
      this.#rpc.close(new ConnectionError('lost', 'The stream was closed.'))
      done(error)
    }
    if (this.#over || this.#rpc.closeReason) {
      if (this.#taken && !this.#rpc.closeReason) setTimeout(close, TAKEN_MS)
      else close()
      return
    }
    const timer = setTimeout(close, ABORT_MS)
    this.#waiting = () => {
      clearTimeout(timer)
      close()
    }
    this.#rpc.sendStream(this, VIR_NET_ERROR)
    this.#rpc.resume()
  }

  #take(chunk: Buffer): void {
    // Who has ended the stream and does not read waits only for the confirmation.
    if (this.#finishing && this.readableLength > this.readableHighWaterMark) return
    if (!this.push(ownCopy(chunk)) && !this.#finishing) this.#rpc.pause()
  }

  #finish(): void {
    if (this.#finishing) return
    this.#finishing = true
    this.#rpc.sendStream(this, VIR_NET_OK)
  }

  #endReading(): void {
    if (this.#readingEnded) return
    this.#readingEnded = true
    if (!this.destroyed) this.push(null)
    this.#rpc.resume()
    if (!this.writableEnded) this.end()
  }

  #answer(error?: Error): void {
    const waiting = this.#waiting
    this.#waiting = undefined
    waiting?.(error)
  }
}
