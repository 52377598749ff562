/** Questions to one qemu-ga through the hypervisor, which synchronises with it before each. Every answer is checked. */
import { RemoteError } from '@vireo/app-main/contract'
import * as v from 'valibot'
import type { GuestLink } from '../guest-agent.ts'
import { agentGone, badAnswer, tooLong, unlessAborted } from '../rpc-failure.ts'
import { refusal } from './failure.ts'

export interface AskOptions {
  readonly args?: Readonly<Record<string, unknown>>
  /** How long the guest may take. */
  readonly seconds?: number
  readonly signal: AbortSignal
}

const SECONDS = 10
/**
 * libvirt writes a question into the agent's socket in one go; what does not fit is written again from its start (seen with
 * libvirt 9.0), and qemu-ga then hangs in the garbage. A UNIX socket takes some 200 kB.
 */
const MAX_QUESTION = 128 * 1024
/** How many bytes fit into one question in base64, beside the rest. */
export const BLOCK_BYTES = 64 * 1024
/** The link's own failures that mean that nobody is there any more. */
const GONE = new Set(['precondition', 'unsupported', 'not-found', 'connection'])

export class Talk {
  readonly #link: GuestLink
  readonly closed: Promise<void>
  #close: () => void = () => undefined
  #over = false

  constructor(link: GuestLink) {
    this.#link = link
    this.closed = new Promise(resolve => {
      this.#close = resolve
    })
  }

  get over(): boolean {
    return this.#over
  }

  close(): void {
    this.#over = true
    this.#close()
  }

  /** `undo` gets an answer that came although nobody waited any more. */
  async ask<S extends v.GenericSchema>(
    command: string,
    schema: S,
    { args, seconds = SECONDS, signal }: AskOptions,
    undo: (value: v.InferOutput<S>) => void = () => undefined,
  ): Promise<v.InferOutput<S>> {
    if (this.#over) throw agentGone()
    return unlessAborted(command, this.#answer(command, schema, args, seconds), signal, undo)
  }

  async #answer<S extends v.GenericSchema>(
    command: string,
    schema: S,
    args: Readonly<Record<string, unknown>> | undefined,
    seconds: number,
  ): Promise<v.InferOutput<S>> {
    const question = JSON.stringify({ execute: command, ...(args === undefined ? {} : { arguments: args }) })
    if (Buffer.byteLength(question) > MAX_QUESTION) throw tooLong(command, MAX_QUESTION)
    let text: string
    try {
      text = await this.#link.agentCommand(question, seconds)
    } catch (error) {
      throw this.#failure(error)
    }
    return checked(command, schema, text)
  }

  #failure(error: unknown): unknown {
    if (!(error instanceof RemoteError)) return error
    if (GONE.has(error.detail.kind)) this.close()
    return error.detail.kind === 'refused' ? refusal(error.detail.message, error) : error
  }
}

/** The value under `return`, if it is one. */
const checked = <S extends v.GenericSchema>(command: string, schema: S, text: string): v.InferOutput<S> => {
  let answer: unknown
  try {
    answer = JSON.parse(text)
  } catch {
    throw badAnswer(command, 'it is no JSON')
  }
  if (typeof answer !== 'object' || answer === null || !Object.hasOwn(answer, 'return') || !('return' in answer))
    throw badAnswer(command, 'it has no result')
  const result = v.safeParse(schema, answer.return)
  if (result.success) return result.output
  const [issue] = result.issues
  throw badAnswer(command, `${v.getDotPath(issue) ?? 'the result'}: ${issue.message}`)
}
