/** UUIDs: sixteen bytes on the wire, text for everybody else. */

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

/** Lower case with hyphens. */
export const uuidText = (bytes: Uint8Array): string => {
  let text = ''
  for (let index = 0; index < 16; index++) {
    if (index === 4 || index === 6 || index === 8 || index === 10) text += '-'
    text += HEX[bytes[index] ?? 0]
  }
  return text
}

/** @throws {TypeError} when the text is not a UUID */
export const uuidBytes = (text: string): Uint8Array => {
  const digits = text.replaceAll('-', '')
  if (!/^[0-9a-f]{32}$/i.test(digits)) throw new TypeError(`${JSON.stringify(text)} is not a UUID`)
  return Uint8Array.from(Buffer.from(digits, 'hex'))
}
