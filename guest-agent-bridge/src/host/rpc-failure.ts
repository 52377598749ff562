/** What goes wrong between host and agent, as the failures that the rest of the product knows. */
import { RemoteError, type AppError } from '@vireo/app-main/contract'
import { rpcCode, type RpcFailure } from '../protocol/index.ts'
import { plainText } from './plain-text.ts'

const kindOf = (code: number): Exclude<AppError['kind'], 'ambiguous' | 'connection' | 'busy' | 'libvirt'> => {
  switch (code) {
    case rpcCode.permission:
      return 'permission'
    case rpcCode.notFound:
      return 'not-found'
    case rpcCode.timeout:
      return 'timeout'
    case rpcCode.methodNotFound:
      return 'unsupported'
    case rpcCode.invalidParams:
      return 'invalid-input'
    case rpcCode.precondition:
      return 'precondition'
    default:
      return 'refused'
  }
}

const detailOf = (failure: RpcFailure): AppError => {
  const message = `The guest agent said: ${plainText(failure.message, 500)}`
  if (failure.code === rpcCode.busy)
    return { kind: 'busy', message, holder: 'other requests', hint: 'Try again in a moment.' }
  return { kind: kindOf(failure.code), message }
}

/** An agent's own error, in its words. */
export class AgentRefusal extends RemoteError {
  readonly code: number
  /** As the agent sent it: hostile. */
  readonly data: unknown

  constructor(failure: RpcFailure) {
    super(detailOf(failure))
    this.name = 'AgentRefusal'
    this.code = failure.code
    this.data = failure.data
  }
}

export const silent = (what: string, ms: number): RemoteError =>
  new RemoteError({ kind: 'timeout', message: `The guest agent did not answer ${what} within ${ms / 1000} s.` })

/** An answer that is not one: wrong shape, numbers out of range, too long. */
export const badAnswer = (what: string, why: string): RemoteError =>
  new RemoteError({
    kind: 'refused',
    message: `The guest agent's answer to ${what} is not usable: ${plainText(why, 300)}`,
  })

export const tooLong = (what: string, maxBytes: number): RemoteError =>
  new RemoteError({
    kind: 'invalid-input',
    message: `A request of ${what} may have ${maxBytes} bytes; this one has more.`,
  })

export const agentGone = (cause?: unknown): RemoteError => {
  if (cause instanceof RemoteError) return cause
  const message = 'The conversation with the guest agent ended.'
  return new RemoteError({ kind: 'connection', trouble: 'lost', message }, { cause })
}

export const cancelled = (what: string, reason: unknown): RemoteError =>
  reason instanceof RemoteError ? reason : new RemoteError({ kind: 'cancelled', message: `${what} was cancelled.` })

/**
 * Work in the guest that goes on when nobody waits for it any more: rejects at once when the signal aborts, and undoes what
 * it did after all.
 */
export const unlessAborted = async <T>(
  what: string,
  work: Promise<T>,
  signal: AbortSignal,
  undo: (value: T) => void,
): Promise<T> => {
  let giveUp: () => void = () => undefined
  const gaveUp = new Promise<never>((_, reject) => {
    giveUp = () => {
      work.then(undo).catch(() => undefined)
      reject(cancelled(what, signal.reason))
    }
    signal.addEventListener('abort', giveUp)
    if (signal.aborted) giveUp()
  })
  try {
    return await Promise.race([work, gaveUp])
  } finally {
    signal.removeEventListener('abort', giveUp)
  }
}

/** Asks again, so often in all, when nobody answered. */
export const insistently = async <T>(tries: number, ask: () => Promise<T>): Promise<T> => {
  for (let left = tries; ; left--) {
    try {
      return await ask()
    } catch (error) {
      const unanswered = error instanceof RemoteError && error.detail.kind === 'timeout'
      if (!unanswered || left <= 1) throw error
    }
  }
}
