/**
 * Passwords as /etc/shadow keeps them, hashed in the page so that only the hash leaves it: crypt(3)'s SHA-512 as its author
 * describes it (https://www.akkadia.org/drepper/SHA-crypt.txt), on a library's SHA-512.
 */
import { sha512 } from '@noble/hashes/sha2.js'

const DIGITS = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const ROUNDS = 5000
const SALT_LENGTH = 16
export const MOST_PASSWORD = 256

const digest = (...parts: readonly Uint8Array[]): Uint8Array => {
  const hash = sha512.create()
  for (const part of parts) hash.update(part)
  return hash.digest()
}

/** As many bytes as wanted, of a block again and again. */
const repeated = (block: Uint8Array, length: number): Uint8Array =>
  Uint8Array.from({ length }, (_, at) => block[at % block.length] ?? 0)

const times = (count: number, part: Uint8Array): readonly Uint8Array[] => Array.from({ length: count }, () => part)

/** Three bytes become four digits; their order is the algorithm's own. */
const encoded = (hash: Uint8Array): string => {
  const byte = (at: number): number => hash[at] ?? 0
  const digits = (value: number, count: number): string =>
    Array.from({ length: count }, (_, at) => DIGITS[(value >> (6 * at)) & 63]).join('')
  const groups = Array.from({ length: 21 }, (_, at) => {
    const [a, b, c] = [0, 1, 2].map(turn => at + 21 * ((turn + at) % 3)) as [number, number, number]
    return digits((byte(a) << 16) | (byte(b) << 8) | byte(c), 4)
  })
  return groups.join('') + digits(byte(63), 2)
}

/** @param salt at most 16 of crypt's digits */
export const hashWithSalt = (password: string, saltText: string): string => {
  const key = new TextEncoder().encode(password)
  const salt = new TextEncoder().encode(saltText)
  const inner = digest(key, salt, key)
  // The length's bits, lowest first, choose between the two.
  const bits = key.length.toString(2).split('').toReversed()
  const first = digest(key, salt, repeated(inner, key.length), ...bits.map(bit => (bit === '1' ? inner : key)))
  const p = repeated(digest(...times(key.length, key)), key.length)
  const s = repeated(digest(...times(16 + (first[0] ?? 0), salt)), salt.length)
  let last = first
  for (let round = 0; round < ROUNDS; round++) {
    const odd = round % 2 === 1
    last = digest(odd ? p : last, ...(round % 3 === 0 ? [] : [s]), ...(round % 7 === 0 ? [] : [p]), ...[odd ? last : p])
  }
  return `$6$${saltText}$${encoded(last)}`
}

/** One line of 1 to 256 characters. */
export const isPassword = (password: string): boolean =>
  password !== '' && password.length <= MOST_PASSWORD && !/\p{Cc}/u.test(password)

/** With a salt of its own. */
export const hashPassword = (password: string): string => {
  const random = crypto.getRandomValues(new Uint8Array(SALT_LENGTH))
  return hashWithSalt(password, [...random].map(byte => DIGITS[byte & 63]).join(''))
}
