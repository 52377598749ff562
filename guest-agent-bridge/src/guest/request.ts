/** What a line from the host is: a request, a notification, something else to be refused, or nothing that wants an answer. */
import { rpcCode, type RpcFailure, type RpcId } from '../protocol/json-rpc.ts'
import { parseJson } from '../protocol/lines.ts'

export interface Request {
  /** Absent: a notification. */
  readonly id: RpcId | undefined
  readonly method: string
  readonly params: unknown
}

export type Reading =
  | { readonly kind: 'request'; readonly request: Request }
  | { readonly kind: 'refused'; readonly id: RpcId; readonly failure: RpcFailure }
  /** An answer to a question that nobody asked. */
  | { readonly kind: 'stray' }

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** It comes back in the answer, which must not grow with it. */
const MAX_ID = 256

const isId = (value: unknown): value is RpcId =>
  value === null ||
  (typeof value === 'string' && value.length <= MAX_ID) ||
  (typeof value === 'number' && Number.isFinite(value))

const refused = (id: RpcId, code: number, message: string): Reading => ({
  kind: 'refused',
  id,
  failure: { code, message },
})

const invalid = (id: RpcId, why: string): Reading => refused(id, rpcCode.invalidRequest, `Invalid request: ${why}`)

const readObject = (value: Readonly<Record<string, unknown>>): Reading => {
  const id = Object.hasOwn(value, 'id') ? value.id : undefined
  const known = isId(id) ? id : null
  if (id !== undefined && !isId(id)) return invalid(null, 'id must be a short string, a number or null')
  if (value.method === undefined && ('result' in value || 'error' in value)) return { kind: 'stray' }
  if (value.jsonrpc !== '2.0') return invalid(known, 'jsonrpc must be "2.0"')
  if (typeof value.method !== 'string') return invalid(known, 'method must be a string')
  const { method, params } = value
  if (params !== undefined && params !== null && !isObject(params)) {
    return refused(known, rpcCode.invalidParams, 'Invalid parameters: they must have names')
  }
  return { kind: 'request', request: { id: isId(id) ? id : undefined, method, params: params ?? undefined } }
}

export const readRequest = (text: string): Reading => {
  const json = parseJson(text)
  if (!json.ok && json.reason === 'depth') return invalid(null, 'nested too deeply')
  if (!json.ok) return refused(null, rpcCode.parseError, 'Parse error')
  if (Array.isArray(json.value)) return invalid(null, 'batches are not supported')
  if (!isObject(json.value)) return invalid(null, 'not an object')
  return readObject(json.value)
}

/** Whose request a line was that is too long, when it begins as ours do. */
export const idOfHead = (head: string): RpcId => {
  const [, number, string] =
    /^\s*\{\s*"jsonrpc"\s*:\s*"2\.0"\s*,\s*"id"\s*:\s*(?:(\d{1,15})|"([\w.:-]{1,64})")\s*[,}]/.exec(head) ?? []
  if (number !== undefined) return Number(number)
  return string ?? null
}
