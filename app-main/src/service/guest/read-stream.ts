/** A file in a guest as a stream of its bytes. */
import { Duplex } from 'node:stream'
import { RemoteError, type DomainId } from '../../contract/index.ts'
import type { FileChunk } from '@vireo/guest-agent-bridge/host'
import { heldAgent, type HeldAgent } from './held-agent.ts'
import type { GuestSessions } from './guest-sessions.ts'

/** Asked for at once, in bytes; an agent that cannot give so much gives less. */
const CHUNK = 256 * 1024
/** The same of an agent that is asked ahead: what is on its way stands twice in the guest's memory, and waiting costs nothing. */
const PIECE = 96 * 1024
/** An agent that gives so little at once gives what there is: nothing can be known of what comes next. */
const SMALL = 16 * 1024

const pieceOf = ({ readAhead = 0 }: HeldAgent['agent']): number => (readAhead > 0 ? PIECE : CHUNK)

interface Asked {
  readonly offset: number
  readonly chunk: Promise<FileChunk>
}

class ReadStream extends Duplex {
  readonly #held: HeldAgent
  readonly #path: string
  readonly #controller = new AbortController()
  readonly #signal: AbortSignal
  /** Asked for and not looked at yet, in order. */
  #ahead: Asked[]
  #offset: number
  /** As much as the agent gives at once, and how many such pieces are asked for before they are wanted. */
  #length: number
  #most: number

  constructor(held: HeldAgent, path: string, offset: number, first: FileChunk) {
    super({ readableHighWaterMark: 2 * CHUNK })
    this.#held = held
    this.#path = path
    this.#most = held.agent.readAhead ?? 0
    this.#length = pieceOf(held.agent)
    this.#offset = offset
    this.#signal = AbortSignal.any([this.#controller.signal, held.signal])
    this.#ahead = [{ offset, chunk: Promise.resolve(first) }]
  }

  override _read(): void {
    this.#next().catch((error: unknown) => this.destroy(error instanceof Error ? error : new Error(String(error))))
  }

  override _write(_bytes: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    done(new RemoteError({ kind: 'refused', message: 'A file that is read takes no bytes.' }))
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#controller.abort(new RemoteError({ kind: 'cancelled', message: 'Reading the file was cancelled.' }))
    this.#held.release()
    done(error)
  }

  async #next(): Promise<void> {
    const { chunk: coming } = this.#ahead.shift() ?? this.#ask(this.#offset)
    const chunk = await coming
    if (this.destroyed) return
    // Nothing and no end would be asked again for ever.
    if (chunk.bytes.length === 0 && !chunk.eof)
      throw new RemoteError({ kind: 'refused', message: 'The agent gave neither bytes nor the end of the file.' })
    this.#offset += chunk.bytes.length
    if (!chunk.eof) this.#askAhead(chunk.bytes.length)
    if (chunk.bytes.length > 0) this.push(chunk.bytes)
    if (chunk.eof) this.push(null)
  }

  /** Asks for what comes next before the reader wants it. */
  #askAhead(got: number): void {
    const [next] = this.#ahead
    if (next && next.offset !== this.#offset) this.#missed(got)
    while (this.#ahead.length < this.#most)
      this.#ahead.push(this.#ask(this.#offset + this.#ahead.length * this.#length))
  }

  /** The agent gave less than it was asked for, so what was asked for behind that is of no use. */
  #missed(got: number): void {
    this.#ahead = []
    if (got < SMALL) this.#most = 0
    else this.#length = got
  }

  #ask(offset: number): Asked {
    const chunk = this.#held.agent.readFile(this.#path, offset, this.#length, { signal: this.#signal })
    // Behind the end, or after the reader left, nobody looks at it.
    chunk.catch(() => undefined)
    return { offset, chunk }
  }
}

/** Rejects, before there is a stream, when the file cannot be read. */
export const openRead = async (
  sessions: GuestSessions,
  id: DomainId,
  { path, offset }: { readonly path: string; readonly offset: number },
  signal: AbortSignal,
): Promise<Duplex> => {
  const held = await heldAgent(sessions, id, 'read-file', signal)
  try {
    const asking = { signal: AbortSignal.any([signal, held.signal]) }
    return new ReadStream(held, path, offset, await held.agent.readFile(path, offset, pieceOf(held.agent), asking))
  } catch (error) {
    held.release()
    throw error
  }
}
