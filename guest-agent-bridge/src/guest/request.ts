/** What a line from the host is: a request, a notification, something else to be refused, or nothing that wants an answer. */
import { rpcCode, type RpcFailure, type RpcId } from '../protocol/json-rpc.ts'
import { vireo } from '../protocol/index.ts'
import { parseJson } from '../protocol/lines.ts'
import type { Sys } from './sys.ts'

export interface Request {
  /** Absent: a notification. */
  readonly id: RpcId | undefined
  readonly method: string
  readonly params: unknown
  /** The bytes of the parameter `data`, which is empty then. They lie in the line they came in. */
  readonly payload?: Uint8Array
}

export type Reading =
  | { readonly kind: 'request'; readonly request: Request }
  | { readonly kind: 'refused'; readonly id: RpcId; readonly failure: RpcFailure }
  /** An answer to a question that nobody asked. */
  | { readonly kind: 'stray' }

/** What reading needs of the system. */
type Decoding = Pick<Sys, 'decode' | 'decodeBase64'>

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

/** Methods whose parameter `data` may come as a payload: they ask `dataOf` for it. */
const withPayload: ReadonlySet<string> = new Set([vireo.fileWriteChunk.name, vireo.execStdin.name])
/** Below this nothing is gained. */
const LEAST_BYTES = 1024
/** The payload begins within these. */
const HEAD_BYTES = 512
const DATA = ',"data":"'
const END = '"}}'

const lastKey = (value: object): string | undefined => Object.keys(value).at(-1)

/** The head with an empty `data`, if that is the last member of the last member `params`: else the payload were another's. */
const readHead = (head: string): Request | null => {
  const json = parseJson(`${head}${END}`)
  if (!json.ok || !isObject(json.value) || lastKey(json.value) !== 'params') return null
  const reading = readObject(json.value)
  if (reading.kind !== 'request' || !withPayload.has(reading.request.method)) return null
  const { params } = reading.request
  return isObject(params) && lastKey(params) === 'data' && params.data === '' ? reading.request : null
}

/** A request whose `data` never becomes a text; null when it is to be read as any other line, which is untouched then. */
const readPayload = (sys: Decoding, line: Uint8Array): Request | null => {
  const end = line.length - END.length
  if (line.length < LEAST_BYTES || sys.decode(line.subarray(end)) !== END) return null
  const head = sys.decode(line.subarray(0, HEAD_BYTES))
  const from = head.lastIndexOf(DATA) + DATA.length
  const request = from < DATA.length ? null : readHead(head.slice(0, from))
  // Where the head is not ASCII this is the wrong place, and what stands there no base64.
  const payload = request && sys.decodeBase64(line.subarray(from, end))
  return request && payload && { ...request, payload }
}

/** Reads a line from the host, of which it may make something else. */
export const readLine = (sys: Decoding, line: Uint8Array): Reading => {
  const request = readPayload(sys, line)
  return request ? { kind: 'request', request } : readRequest(sys.decode(line))
}

/** Whose request a line was that is too long, when it begins as ours do. */
export const idOfHead = (head: string): RpcId => {
  const [, number, string] =
    /^\s*\{\s*"jsonrpc"\s*:\s*"2\.0"\s*,\s*"id"\s*:\s*(?:(\d{1,15})|"([\w.:-]{1,64})")\s*[,}]/.exec(head) ?? []
  if (number !== undefined) return Number(number)
  return string ?? null
}
