import type { IncomingMessage } from 'node:http'
import type { AppError } from '../../contract/index.ts'

/** In bytes. A machine's XML may have four million characters; JSON escapes some of them. */
export const BODY_LIMIT = 12 * 1024 * 1024

export type Body =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly status: 400 | 413 | 415; readonly error: AppError }

const bad = (status: 400 | 413 | 415, message: string): Body => ({
  ok: false,
  status,
  error: { kind: 'invalid-input', message },
})

const parse = (bytes: Buffer): Body => {
  try {
    return { ok: true, value: JSON.parse(bytes.toString('utf8')) as unknown }
  } catch {
    return bad(400, 'The body is not JSON.')
  }
}

/** Reads a JSON body; an empty one is `{}`. Rejects only when the client goes away. */
export const readJson = async (request: IncomingMessage, limit: number = BODY_LIMIT): Promise<Body> => {
  const type = (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase()
  // A form of another site cannot send this type without asking first.
  if (type !== 'application/json') return bad(415, 'The content type must be application/json.')
  const tooLong = bad(413, `The body is longer than ${limit} bytes.`)
  if (Number(request.headers['content-length'] ?? 0) > limit) return tooLong
  const pieces: Buffer[] = []
  let length = 0
  for await (const piece of request.iterator({ destroyOnReturn: false })) {
    length += (piece as Buffer).byteLength
    if (length > limit) return tooLong
    pieces.push(piece as Buffer)
  }
  return length === 0 ? { ok: true, value: {} } : parse(Buffer.concat(pieces))
}
