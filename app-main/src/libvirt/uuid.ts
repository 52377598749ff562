/** UUIDs: sixteen bytes on the wire, text for everybody else. */
import { wordAt } from './wire/word.ts'

const LENGTH = 36
/** Where the digits of each byte begin in the text. */
const PLACES = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34] as const
const DIGITS = Buffer.from('0123456789abcdef', 'latin1')
const draft = Buffer.alloc(LENGTH, '-')

const write = (bytes: Uint8Array, at: number): string => {
  for (let index = 0; index < 16; index++) {
    const byte = bytes[at + index]!
    const place = PLACES[index]!
    draft[place] = DIGITS[byte >>> 4]!
    draft[place + 1] = DIGITS[byte & 15]!
  }
  return draft.toString('latin1', 0, LENGTH)
}

/** The same domains are told of again and again. One slot per hash, as for repeated strings: it never grows. */
const SLOTS = 4096
const knownWords = new Int32Array(SLOTS * 4)
const knownTexts = new Array<string>(SLOTS).fill(write(new Uint8Array(16), 0))

/** Lower case with hyphens. @param at where its sixteen bytes begin; they must be there */
export const uuidText = (bytes: Uint8Array, at = 0): string => {
  const first = wordAt(bytes, at)
  const second = wordAt(bytes, at + 4)
  const third = wordAt(bytes, at + 8)
  const fourth = wordAt(bytes, at + 12)
  const slot = (first ^ second ^ third ^ fourth) & (SLOTS - 1)
  const words = slot * 4
  const known =
    knownWords[words] === first &&
    knownWords[words + 1] === second &&
    knownWords[words + 2] === third &&
    knownWords[words + 3] === fourth
  if (known) return knownTexts[slot]!
  knownWords[words] = first
  knownWords[words + 1] = second
  knownWords[words + 2] = third
  knownWords[words + 3] = fourth
  return (knownTexts[slot] = write(bytes, at))
}

const HEX = /^[0-9a-f]{32}$/i

/** Undefined when the text is not a UUID; hyphens may be anywhere. */
export const parseUuid = (text: string): Uint8Array | undefined => {
  const digits = text.replaceAll('-', '')
  return HEX.test(digits) ? Buffer.from(digits, 'hex') : undefined
}
