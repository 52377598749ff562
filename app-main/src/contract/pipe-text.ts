import type { PipeText } from './byte-stream.ts'
import type { AppError } from './error.ts'

/** Longest text message, in UTF-16 units; an error with its fixes is a few hundred. */
const TEXT_LIMIT = 64 * 1024

// By hand and not by schema: this runs in the renderer, whose first paint does not carry zod. The error comes from our own
// server; its kind and message are what a reader needs to be able to rely on.
const asError = (value: unknown): AppError | undefined => {
  if (typeof value !== 'object' || value === null) return undefined
  if (!('kind' in value) || typeof value.kind !== 'string') return undefined
  if (!('message' in value) || typeof value.message !== 'string') return undefined
  return value as AppError
}

/** Reads one text message of a byte pipe; undefined when it is not one. */
export const parsePipeText = (text: string): PipeText | undefined => {
  if (text.length > TEXT_LIMIT) return undefined
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  if (typeof value !== 'object' || value === null || !('t' in value)) return undefined
  if (value.t === 'open') return { t: 'open' }
  if (value.t === 'ack') {
    const bytes = 'bytes' in value ? value.bytes : undefined
    return typeof bytes === 'number' && Number.isSafeInteger(bytes) && bytes > 0 ? { t: 'ack', bytes } : undefined
  }
  if (value.t !== 'end') return undefined
  if (!('error' in value)) return { t: 'end' }
  const error = asError(value.error)
  return error && { t: 'end', error }
}
