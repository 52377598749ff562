/** A WebSocket that carries bytes, as a stream. LXD marks an end with a text message, and leaves the socket open. */
import { Duplex } from 'node:stream'
import type { WebSocket } from 'ws'

export interface ByteLineOptions {
  /** Closed with the line. */
  readonly beside?: readonly WebSocket[]
  /** True: whoever ends writing may still read, as of a command's input. */
  readonly halfOpen?: boolean
}

export class ByteLine extends Duplex {
  readonly #socket: WebSocket
  readonly #beside: readonly WebSocket[]
  #ended = false
  #ending: NodeJS.Timeout | undefined

  constructor(socket: WebSocket, { beside = [], halfOpen = false }: ByteLineOptions = {}) {
    super({ allowHalfOpen: halfOpen })
    this.#socket = socket
    this.#beside = beside
    socket.on('message', (data: Buffer, binary) => {
      if (!binary) this.#end()
      else if (!this.#ended && !this.push(data)) socket.pause()
    })
    socket.on('close', () => this.#end())
    for (const one of [socket, ...beside]) one.on('error', error => this.destroy(error))
    for (const one of beside) one.on('close', () => this.#endSoon())
  }

  override _read(): void {
    if (this.#socket.isPaused) this.#socket.resume()
  }

  override _write(bytes: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#socket.send(bytes, { binary: true }, done)
  }

  override _final(done: (error?: Error | null) => void): void {
    if (this.allowHalfOpen && this.#socket.readyState === this.#socket.OPEN)
      this.#socket.send('', { binary: false }, () => done())
    else done()
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    clearTimeout(this.#ending)
    for (const one of [this.#socket, ...this.#beside]) {
      // A paused socket would never hear the other side's farewell.
      if (one.isPaused) one.resume()
      one.close()
      setTimeout(() => one.terminate(), FAREWELL_MS).unref()
    }
    done(error)
  }

  #end(): void {
    clearTimeout(this.#ending)
    if (this.#ended) return
    this.#ended = true
    this.push(null)
  }

  /** The daemon lets go in any order, and the last words may still be under way, or wait for a slow reader. */
  #endSoon(): void {
    if (this.#ended || this.destroyed) return
    clearTimeout(this.#ending)
    this.#ending = setTimeout(() => (this.#socket.isPaused ? this.#endSoon() : this.#end()), REST_MS)
    this.#ending.unref()
  }
}

/** How long the daemon has to say goodbye, in milliseconds. */
const FAREWELL_MS = 2000
/** How long bytes may follow after what is beside the line was closed, in milliseconds. */
const REST_MS = 2000
