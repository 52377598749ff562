/**
 * How a WebSocket says what stream it wants to be: its first message is `{"t":"hello","input":…}`. An address has a limit of
 * a few kilobytes and ends up in logs and histories; a script or a password belongs into neither.
 */
import { RemoteError } from './remote-error.ts'

/** Longest hello, in bytes of UTF-8. */
export const HELLO_LIMIT = 1024 * 1024
const TAG = 'hello'

const tooLong = `The stream's input is longer than ${HELLO_LIMIT} bytes.`

/** Bytes of a text as UTF-8; there is no encoder on this floor. */
const utf8Length = (text: string): number => {
  let length = 0
  for (const letter of text) {
    const code = letter.codePointAt(0) ?? 0
    length += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x1_0000 ? 3 : 4
  }
  return length
}

/** Throws `invalid-input` when the input is too long to be sent. */
export const encodeHello = (input: unknown): string => {
  const text = JSON.stringify({ t: TAG, input: input ?? {} })
  // No character takes more than three bytes a unit: most inputs need no second look.
  if (text.length * 3 > HELLO_LIMIT && utf8Length(text) > HELLO_LIMIT)
    throw new RemoteError({ kind: 'invalid-input', message: tooLong })
  return text
}

/** What a hello holds, or why it is none. */
export type Hello = { readonly ok: true; readonly input: unknown } | { readonly ok: false; readonly message: string }

const NONE: Hello = { ok: false, message: 'The stream’s first message is not a hello with its input.' }

/** @param text the first message, undefined when it was not text */
export const parseHello = (text: string | undefined): Hello => {
  if (text === undefined) return NONE
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return { ok: false, message: 'The stream’s first message is not JSON.' }
  }
  if (typeof value !== 'object' || value === null || !('t' in value) || value.t !== TAG) return NONE
  return { ok: true, input: 'input' in value ? value.input : {} }
}
