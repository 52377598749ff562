/** A stream that survives the end of the one behind it: when its holder leaves, the next takes over and nobody notices. */
import { Duplex } from 'node:stream'
import { setImmediate as tick } from 'node:timers/promises'
import { HolderGone } from './socket-guest.ts'

export class Relay extends Duplex {
  readonly #again: () => Promise<Duplex>
  #inner: Promise<Duplex>
  #current: Duplex | undefined

  /** `again` finds the line anew after its holder left. */
  constructor(inner: Duplex, again: () => Promise<Duplex>) {
    super({ allowHalfOpen: false })
    this.#again = again
    this.#inner = Promise.resolve(inner)
    this.#follow(inner)
  }

  override _read(): void {
    this.#current?.resume()
  }

  override _write(bytes: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#send(bytes).then(() => done(), done)
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#current?.destroy()
    done(error)
  }

  /** What a holder that leaves has not taken is typed at the next one's. */
  async #send(bytes: Buffer): Promise<void> {
    for (let rest = bytes; ;) {
      const inner = await this.#inner
      const error = await written(inner, rest)
      if (!error) return
      // The line hears of its holder's end a moment after the write does.
      await tick()
      if (this.destroyed || (await this.#inner) === inner) throw error
      if (error instanceof HolderGone) rest = error.untaken
      if (rest.length === 0) return
    }
  }

  #follow(inner: Duplex): void {
    if (this.destroyed) {
      inner.destroy()
      return
    }
    this.#current = inner
    inner.on('data', (bytes: Buffer) => {
      if (!this.push(bytes)) inner.pause()
    })
    inner.on('end', () => this.push(null))
    inner.on('error', error => {
      if (this.destroyed) return
      if (error instanceof HolderGone) this.#replace()
      else this.destroy(error)
    })
  }

  #replace(): void {
    this.#inner = this.#again()
    this.#inner.then(
      inner => this.#follow(inner),
      (error: unknown) => this.destroy(error instanceof Error ? error : new Error(String(error))),
    )
  }
}

const written = (stream: Duplex, bytes: Buffer): Promise<Error | null | undefined> =>
  new Promise(resolve => stream.write(bytes, resolve))
