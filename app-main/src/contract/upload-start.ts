/** What a `guest.writeFile` stream with a key tells before anything else: one line of JSON. */

export interface UploadStart {
  /** Bytes of the file that the guest has already, from an earlier attempt. */
  readonly offset: number
  /** Whether this attempt can be gone on with, should it be interrupted; else the next one starts anew. */
  readonly resumable: boolean
}

/** Longer lines are none of ours. */
const LONGEST = 256

export const encodeUploadStart = ({ offset, resumable }: UploadStart): Uint8Array =>
  // ASCII alone.
  Uint8Array.from(`${JSON.stringify({ offset, resumable })}\n`, character => character.charCodeAt(0))

const parse = (line: string): UploadStart | null => {
  try {
    const value: unknown = JSON.parse(line)
    if (typeof value !== 'object' || value === null || !('offset' in value && 'resumable' in value)) return null
    const { offset, resumable } = value
    if (typeof offset !== 'number' || !Number.isSafeInteger(offset) || offset < 0) return null
    return typeof resumable === 'boolean' ? { offset, resumable } : null
  } catch {
    return null
  }
}

/** Takes bytes as they come; calls `take` once, with null for what is no start. */
export const uploadStartReader = (take: (start: UploadStart | null) => void) => {
  let text = ''
  let done = false
  return (bytes: Uint8Array): void => {
    if (done) return
    // The line holds ASCII alone.
    text += String.fromCharCode(...bytes.subarray(0, LONGEST + 1 - text.length))
    const end = text.indexOf('\n')
    if (end < 0 && text.length <= LONGEST) return
    done = true
    take(end < 0 ? null : parse(text.slice(0, end)))
  }
}
