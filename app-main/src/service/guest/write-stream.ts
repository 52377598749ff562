/** A file in a guest that takes exactly so many bytes. */
import { Duplex, PassThrough } from 'node:stream'
import { encodeUploadStart, RemoteError, type DomainId } from '../../contract/index.ts'
import type { Asking, GuestAgent, WriteFile } from '@vireo/guest-agent-bridge/host'
import type { GuestSessions } from './guest-sessions.ts'
import { heldAgent, type HeldAgent } from './held-agent.ts'

export interface WriteRequest {
  readonly path: string
  readonly sizeBytes: number
  readonly mode?: number | undefined
  readonly overwrite: boolean
  readonly createParents: boolean
  readonly resumeKey?: string | undefined
}

const refused = (message: string): RemoteError => new RemoteError({ kind: 'refused', message })

class WriteStream extends Duplex {
  readonly #content = new PassThrough()
  readonly #controller = new AbortController()
  readonly #held: HeldAgent
  #missing: number
  #complete = false

  constructor(held: HeldAgent, request: WriteRequest) {
    super()
    this.#held = held
    this.#missing = request.sizeBytes
    this.#content.on('error', () => undefined)
    if (request.sizeBytes === 0) this.#content.end()
    const signal = AbortSignal.any([this.#controller.signal, held.signal])
    held.agent.writeFile(this.#file(request), { signal }).then(
      written => this.#written(written, request.sizeBytes),
      (error: unknown) => this.destroy(error instanceof Error ? error : new Error(String(error))),
    )
  }

  #file({ path, sizeBytes, mode, createParents, resumeKey }: WriteRequest): WriteFile {
    return {
      ...{ path, content: this.#content, size: sizeBytes, createParents },
      ...(mode === undefined ? {} : { mode }),
      ...(resumeKey === undefined ? {} : { key: resumeKey, onBegin: (key, offset) => this.#begun(key, offset) }),
    }
  }

  #begun(key: string | null, offset: number): void {
    if (!this.destroyed) this.push(encodeUploadStart({ offset, resumable: key !== null }))
  }

  override _read(): void {
    // What is told comes by itself.
  }

  override _write(bytes: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    if (bytes.length > this.#missing) return done(refused('More bytes came than the file was said to have.'))
    this.#missing -= bytes.length
    const last = this.#missing === 0
    const on = () => {
      this.#content.off('drain', on).off('close', on)
      done()
    }
    if (last) this.#content.end(bytes)
    // Who writes waits for the guest; after the last byte there is nothing left to wait for.
    if (last || this.#content.write(bytes) || this.#content.destroyed) done()
    else this.#content.on('drain', on).on('close', on)
  }

  override _final(done: (error?: Error | null) => void): void {
    done(this.#missing > 0 ? refused(`${this.#missing} bytes of the file did not come: nothing was written.`) : null)
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    if (!this.#complete) {
      const cancelled = new RemoteError({ kind: 'cancelled', message: 'Writing the file was cancelled.' })
      this.#controller.abort(cancelled)
      this.#content.destroy(cancelled)
    }
    this.#held.release()
    done(error)
  }

  #written(bytes: number, wanted: number): void {
    if (bytes !== wanted) return void this.destroy(refused(`The agent wrote ${bytes} of ${wanted} bytes.`))
    this.#complete = true
    this.#held.release()
    this.push(null)
    // Nobody may read: the end is then told by closing.
    this.resume()
  }
}

/** Whether something stands there already; an agent that cannot tell leaves it open. */
const stands = async (agent: GuestAgent, path: string, asking: Asking): Promise<boolean> => {
  try {
    await agent.stat(path, asking)
    return true
  } catch (error) {
    if (error instanceof RemoteError && error.detail.kind === 'not-found') return false
    throw error
  }
}

/** Rejects with `precondition`, before there is a stream, when something stands under that name and is not to be replaced. */
export const openWrite = async (
  sessions: GuestSessions,
  id: DomainId,
  request: WriteRequest,
  signal: AbortSignal,
): Promise<Duplex> => {
  const held = await heldAgent(sessions, id, 'write-file', signal)
  try {
    const asking = { signal: AbortSignal.any([signal, held.signal]) }
    if (!request.overwrite && (await stands(held.agent, request.path, asking))) {
      throw new RemoteError({
        kind: 'precondition',
        message: `${request.path} is there already.`,
        hint: 'Overwrite it (on the command line: --force) or choose another name.',
      })
    }
    return new WriteStream(held, request)
  } catch (error) {
    held.release()
    throw error
  }
}
