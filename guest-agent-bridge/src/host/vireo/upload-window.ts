/** The pieces of one upload on their way: a few at once, because each needs its time through hypervisor and guest. */
import { RemoteError } from '@vireo/app-main/contract'
import * as v from 'valibot'
import { fileWriteChunk } from '../../protocol/vireo/index.ts'
import { AgentRefusal, badAnswer } from '../rpc-failure.ts'
import type { VireoConversation } from './conversation.ts'

/** More gains nothing, and what others ask meanwhile waits behind them. */
const AT_ONCE = 4
const CHUNK_MS = 30_000

const Reason = v.object({ reason: v.string() })
const Behind = v.object({ offset: v.number() })

/** What the agent gave as the reason of a refusal, for programs. */
export const reasonOf = (error: unknown): string | undefined => {
  const data = error instanceof AgentRefusal ? v.safeParse(Reason, error.data) : null
  return data?.success ? data.output.reason : undefined
}

export class UploadWindow {
  readonly #talk: VireoConversation
  readonly #upload: string
  readonly #signal: AbortSignal
  readonly #flying: Promise<void>[] = []
  #last: Promise<void> = Promise.resolve()
  /** The end of what was sent. */
  #end = 0

  constructor(talk: VireoConversation, upload: string, signal: AbortSignal) {
    this.#talk = talk
    this.#upload = upload
    this.#signal = signal
  }

  /** Resolves when there is room for the next piece; rejects when an earlier one failed. The bytes are only looked at during the call. */
  async send(offset: number, bytes: Uint8Array): Promise<void> {
    this.#end = offset + bytes.length
    const piece = this.#piece(offset, bytes, this.#last)
    // Whoever waits for it hears of it in its turn.
    piece.catch(() => undefined)
    this.#last = piece
    this.#flying.push(piece)
    if (this.#flying.length >= AT_ONCE) await this.#flying.shift()
  }

  /** Resolves when the guest has all of them. */
  async drain(): Promise<void> {
    for (const piece of this.#flying.splice(0)) await piece
  }

  async #piece(offset: number, bytes: Uint8Array, before: Promise<void>): Promise<void> {
    const params = { upload: this.#upload, offset, data: Buffer.from(bytes).toString('base64') }
    const wanted = offset + bytes.length
    const once = () => this.#talk.call(fileWriteChunk, params, { signal: this.#signal, deadlineMs: CHUNK_MS })
    try {
      const answer = await once().catch(async (error: unknown) => {
        if (tooEarly(error, offset)) await before
        else if (!answerLost(error)) throw error
        // The guest writes it to the same place.
        return once()
      })
      // One that came a second time may be behind the end.
      if (answer.offset < wanted || answer.offset > this.#end)
        throw badAnswer(fileWriteChunk.name, 'it has another number of bytes')
    } catch (error) {
      throw noSpace(error)
    }
  }
}

const answerLost = (error: unknown): boolean =>
  error instanceof RemoteError && !(error instanceof AgentRefusal) && error.detail.kind === 'timeout'

/** An agent that was busy has turned an earlier piece away, which is sent again. */
const tooEarly = (error: unknown, offset: number): boolean => {
  const behind = error instanceof AgentRefusal ? v.safeParse(Behind, error.data) : null
  return behind?.success === true && behind.output.offset < offset
}

const noSpace = (error: unknown): unknown => {
  if (reasonOf(error) !== 'no-space') return error
  const message = "The guest's disk is full. The old file is untouched."
  return new RemoteError({ kind: 'precondition', message, hint: 'Make room in the guest, then try again.' })
}
