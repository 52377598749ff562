/** The two ends of a command's pipes that are ours. */
import type { Loop, Watch } from './loop.ts'
import { failedWith, pollIn, pollOut, type Sys } from './sys.ts'

/** All read into this, and take a copy of what came. */
const buffer = new Uint8Array(32 * 1024)

/** Reads a pipe to its end, never faster than the listener takes it. */
export class PipeReader {
  readonly #sys: Sys
  readonly #loop: Loop
  readonly #listener: (bytes: Uint8Array) => Promise<void> | undefined
  readonly #ended: () => void
  readonly #watch: Watch
  #fd: number
  #paused = false
  #closing = false

  constructor(
    sys: Sys,
    loop: Loop,
    fd: number,
    listener: (bytes: Uint8Array) => Promise<void> | undefined,
    ended: () => void,
  ) {
    this.#sys = sys
    this.#loop = loop
    this.#fd = fd
    this.#listener = listener
    this.#ended = ended
    sys.setNonBlocking(fd)
    this.#watch = loop.watch(fd, pollIn, () => {
      this.#read()
    })
  }

  get open(): boolean {
    return this.#fd >= 0
  }

  /** Reads what is there, and then closes although somebody may still hold the other end. */
  drain(): void {
    this.#closing = true
    if (!this.#paused) this.#read()
  }

  close(): void {
    if (this.#fd < 0) return
    this.#watch.stop()
    this.#sys.close(this.#fd)
    this.#fd = -1
    this.#ended()
  }

  #read(): void {
    if (this.#fd < 0) return
    let count: number
    try {
      count = this.#sys.read(this.#fd, buffer)
    } catch (error) {
      if (!failedWith(error, 'EAGAIN', 'EINTR')) throw error
      if (this.#closing) this.close()
      return
    }
    if (count === 0) return this.close()
    const taken = this.#listener(buffer.slice(0, count))
    if (taken) this.#wait(taken)
    else this.#goOn()
  }

  #wait(taken: Promise<void>): void {
    this.#paused = true
    this.#watch.want(0)
    void taken.then(() => {
      this.#paused = false
      if (this.#fd >= 0) this.#watch.want(pollIn)
      this.#goOn()
    })
  }

  /** Poll tells of what is there, not of what is not. */
  #goOn(): void {
    if (this.#closing && this.#fd >= 0) {
      this.#loop.after(0, () => {
        this.#read()
      })
    }
  }
}

/** Feeds a pipe without ever waiting for it. */
export class PipeWriter {
  readonly #sys: Sys
  readonly #watch: Watch
  #fd: number
  #queue: { readonly bytes: Uint8Array; readonly written: () => void }[] = []
  #ending = false

  constructor(sys: Sys, loop: Loop, fd: number) {
    this.#sys = sys
    this.#fd = fd
    sys.setNonBlocking(fd)
    this.#watch = loop.watch(fd, 0, () => {
      this.#write()
    })
  }

  /** Resolves when the bytes are in the pipe, or the other end is closed: then false. */
  async write(bytes: Uint8Array): Promise<boolean> {
    if (this.#fd < 0 || this.#ending) return false
    await new Promise<void>(resolve => {
      this.#queue.push({ bytes, written: resolve })
      this.#write()
    })
    return this.#fd >= 0
  }

  /** Closes after what is under way. */
  end(): void {
    this.#ending = true
    if (this.#queue.length === 0) this.close()
  }

  close(): void {
    if (this.#fd >= 0) {
      this.#watch.stop()
      this.#sys.close(this.#fd)
      this.#fd = -1
    }
    const queue = this.#queue
    this.#queue = []
    for (const { written } of queue) written()
  }

  #write(): void {
    for (let first = this.#queue[0]; first; first = this.#queue[0]) {
      let count: number
      try {
        count = this.#sys.write(this.#fd, first.bytes)
      } catch (error) {
        if (failedWith(error, 'EAGAIN', 'EINTR')) {
          this.#watch.want(pollOut)
          return
        }
        // EPIPE: the command does not want its input.
        return this.close()
      }
      if (count < first.bytes.length) this.#queue[0] = { ...first, bytes: first.bytes.subarray(count) }
      else {
        this.#queue.shift()
        first.written()
      }
    }
    this.#watch.want(0)
    if (this.#ending) this.close()
  }
}
