/** What one line from an agent means. Nothing of it is trusted but its form. */
import * as v from 'valibot'
import { parseJson, type RpcFailure } from '../protocol/index.ts'

export type RpcMessage =
  | { readonly kind: 'answer'; readonly id: string; readonly outcome: RpcOutcome }
  | { readonly kind: 'notification'; readonly method: string; readonly params: unknown }
  | { readonly kind: 'nonsense' }

export type RpcOutcome =
  | { readonly ok: true; readonly result: unknown }
  | { readonly ok: false; readonly error: RpcFailure }
  | { readonly ok: false; readonly error: null }

const Failure = v.object({
  code: v.pipe(v.number(), v.safeInteger()),
  message: v.string(),
  data: v.optional(v.unknown()),
})

const NONSENSE: RpcMessage = { kind: 'nonsense' }

/** A message begins like this; what stands before it is the rest of one that was cut off. */
const BEGINNINGS = /\{\s*"(?:jsonrpc|id|result|error|method|params)"\s*:/g
/** Beginnings tried in one line. */
const TRIES = 4

export const readMessage = (text: string): RpcMessage => {
  const whole = parseJson(text)
  if (whole.ok) return classify(whole.value)
  if (whole.reason === 'depth') return NONSENSE
  let tries = 0
  for (const { index } of text.matchAll(BEGINNINGS)) {
    if (index === 0) continue
    if (++tries > TRIES) break
    const rest = parseJson(text.slice(index))
    if (rest.ok) return classify(rest.value)
  }
  return NONSENSE
}

const classify = (value: unknown): RpcMessage => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return NONSENSE
  const id: unknown = Reflect.get(value, 'id')
  const method: unknown = Reflect.get(value, 'method')
  if (typeof method === 'string')
    return id === undefined ? { kind: 'notification', method, params: Reflect.get(value, 'params') } : NONSENSE
  if (typeof id !== 'string') return NONSENSE
  return { kind: 'answer', id, outcome: outcomeOf(value) }
}

const outcomeOf = (value: object): RpcOutcome => {
  const error: unknown = Reflect.get(value, 'error')
  if (error !== undefined && error !== null) {
    const failure = v.safeParse(Failure, error)
    return { ok: false, error: failure.success ? failure.output : null }
  }
  return Object.hasOwn(value, 'result')
    ? { ok: true, result: Reflect.get(value, 'result') }
    : { ok: false, error: null }
}
