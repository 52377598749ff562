/** A machine's serial line as text that arrives, for somebody who waits for something in it. Bounded, whatever the guest writes. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Duplex } from 'node:stream'
import { RemoteError } from '../../../contract/index.ts'

/** Characters kept; what nobody looked at by then is gone. */
const KEPT = 256 * 1024

export class ConsoleLine {
  readonly #stream: Duplex
  /** One character a byte: whoever wants letters decodes a part. */
  #text = ''
  /** How many characters came before those kept. */
  #dropped = 0
  #failure: RemoteError | null = null
  readonly #watchers = new Set<() => void>()

  constructor(stream: Duplex) {
    this.#stream = stream
    stream.on('data', (bytes: Buffer) => this.#hear(bytes))
    const gone = (error?: Error) => this.#end(error)
    stream.on('error', gone).on('end', gone).on('close', gone)
  }

  /** Where the next character will stand. */
  get mark(): number {
    return this.#dropped + this.#text.length
  }

  /** What came since then, or what is kept of it. */
  since(mark: number): string {
    return this.#text.slice(Math.max(0, mark - this.#dropped))
  }

  /** Resolves when the line took the bytes. Rejects when it ended, and when it takes nothing any more. */
  async type(text: string): Promise<void> {
    if (this.#failure) throw this.#failure
    const written = new Promise<void>((resolve, reject) => {
      this.#stream.write(Buffer.from(text), error => (error ? reject(error) : resolve()))
    })
    const stuck = new AbortController()
    const late = sleep(TYPE_MS, undefined, { signal: stuck.signal }).then(() => {
      throw new RemoteError({ kind: 'timeout', message: 'The serial line takes no input.' })
    })
    await Promise.race([written, late]).finally(() => stuck.abort())
  }

  /**
   * Looks at what arrives until `look` finds something; undefined when it has not by the deadline. Rejects when the line
   * ends or the signal aborts (with its reason).
   */
  async find<T>(look: () => T | undefined, ms: number, signal: AbortSignal): Promise<T | undefined> {
    const until = performance.now() + ms
    for (;;) {
      signal.throwIfAborted()
      const found = look()
      if (found !== undefined) return found
      if (this.#failure) throw this.#failure
      const left = until - performance.now()
      if (left <= 0) return undefined
      await this.#change(left, signal)
    }
  }

  /** Resolves when nothing came for so long, or at the deadline. */
  async quiet(forMs: number, atMostMs: number, signal: AbortSignal): Promise<void> {
    const until = performance.now() + atMostMs
    for (let left = atMostMs; left > 0; left = until - performance.now()) {
      const before = this.mark
      await this.find(() => (this.mark === before ? undefined : true), Math.min(forMs, left), signal)
      if (this.mark === before) return
    }
  }

  close(): void {
    this.#stream.destroy()
  }

  /** Resolves when something came, the time is over or the signal aborts. */
  #change(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise(resolve => {
      const done = () => {
        clearTimeout(timer)
        this.#watchers.delete(done)
        signal.removeEventListener('abort', done)
        resolve()
      }
      const timer = setTimeout(done, ms)
      this.#watchers.add(done)
      signal.addEventListener('abort', done)
    })
  }

  #hear(bytes: Buffer): void {
    this.#text += bytes.toString('latin1')
    // Twice as much before cutting, so that the copying is paid rarely.
    if (this.#text.length > 2 * KEPT) {
      this.#dropped += this.#text.length - KEPT
      this.#text = this.#text.slice(-KEPT)
    }
    this.#wake()
  }

  #end(error?: Error): void {
    if (this.#failure) return
    this.#failure =
      error instanceof RemoteError
        ? error
        : new RemoteError({ kind: 'connection', trouble: 'lost', message: 'The serial line ended.' })
    this.#wake()
  }

  #wake(): void {
    for (const watcher of [...this.#watchers]) watcher()
  }
}

/** A line whose guest stands still takes nothing. */
const TYPE_MS = 15_000
