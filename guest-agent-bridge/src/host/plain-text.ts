/** Text from a guest, made harmless where it is meant to be shown and to nothing else. */

/** C0, DEL and C1 controls (terminal escapes begin with them), and marks that turn the direction of what follows. */
const HARMFUL = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g
const LONE_SURROGATES = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g

/**
 * A name, description or message as plain text: control characters become U+FFFD, and what is beyond `maxLength`
 * characters is cut. HTML stays what it is: whoever shows it shows text.
 */
export const plainText = (text: string, maxLength = 1024): string =>
  (text.length > maxLength ? `${text.slice(0, maxLength - 1)}…` : text)
    .replace(HARMFUL, '\ufffd')
    .replace(LONE_SURROGATES, '\ufffd')

/** A file's name as it is, if it is one: not empty, no `/` or NUL, neither `.` nor `..`. */
export const isFileName = (name: string): boolean =>
  name !== '' && name !== '.' && name !== '..' && !name.includes('/') && !name.includes('\0')
