/** A file in a guest as a stream of its bytes. */
import { Duplex } from 'node:stream'
import { RemoteError, type DomainId } from '../../contract/index.ts'
import type { FileChunk } from '@vireo/guest-agent-bridge/host'
import { heldAgent, type HeldAgent } from './held-agent.ts'
import type { GuestSessions } from './guest-sessions.ts'

/** Asked for at once, in bytes; an agent that cannot give so much gives less. */
const CHUNK = 256 * 1024

class ReadStream extends Duplex {
  readonly #held: HeldAgent
  readonly #path: string
  readonly #controller = new AbortController()
  #offset: number
  #first: FileChunk | null

  constructor(held: HeldAgent, path: string, offset: number, first: FileChunk) {
    super({ readableHighWaterMark: 2 * CHUNK })
    this.#held = held
    this.#path = path
    this.#offset = offset
    this.#first = first
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
    const chunk = this.#first ?? (await this.#ask())
    this.#first = null
    if (this.destroyed) return
    // Nothing and no end would be asked again for ever.
    if (chunk.bytes.length === 0 && !chunk.eof)
      throw new RemoteError({ kind: 'refused', message: 'The agent gave neither bytes nor the end of the file.' })
    this.#offset += chunk.bytes.length
    if (chunk.bytes.length > 0) this.push(chunk.bytes)
    if (chunk.eof) this.push(null)
  }

  #ask(): Promise<FileChunk> {
    const signal = AbortSignal.any([this.#controller.signal, this.#held.signal])
    return this.#held.agent.readFile(this.#path, this.#offset, CHUNK, { signal })
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
    return new ReadStream(held, path, offset, await held.agent.readFile(path, offset, CHUNK, asking))
  } catch (error) {
    held.release()
    throw error
  }
}
