/** SHA-256 (FIPS 180-4) around a function that mixes whole blocks of 64 bytes into the state. */
export type MixBlocks = (state: Uint32Array, keys: Uint32Array, blocks: Uint8Array) => void

/** The first 32 bits of the fractions of a root of the first primes, which is where the standard has its constants from. */
const fractions = (count: number, exponent: number): Uint32Array => {
  const primes: number[] = []
  for (let candidate = 2; primes.length < count; candidate++) {
    if (primes.every(prime => candidate % prime !== 0)) primes.push(candidate)
  }
  return Uint32Array.from(primes, prime => fraction(prime, exponent))
}

/** Exact where a floating root is not: the largest n with (n / 2^32)^exponent <= prime, without its whole part. */
const fraction = (prime: number, exponent: number): number => {
  const target = BigInt(prime) << BigInt(32 * exponent)
  let root = BigInt(Math.floor(prime ** (1 / exponent) * 4_294_967_296)) - 8n
  while ((root + 1n) ** BigInt(exponent) <= target) root++
  return Number(root & 0xffff_ffffn)
}

let constants: { readonly start: Uint32Array; readonly keys: Uint32Array } | undefined

export const sha256 = (mix: MixBlocks): { update(bytes: Uint8Array): void; digest(): string } => {
  constants ??= { start: fractions(8, 2), keys: fractions(64, 3) }
  const { start, keys } = constants
  const state = start.slice()
  const rest = new Uint8Array(128)
  let held = 0
  let total = 0
  const update = (bytes: Uint8Array): void => {
    total += bytes.length
    let at = 0
    if (held > 0) {
      at = Math.min(64 - held, bytes.length)
      rest.set(bytes.subarray(0, at), held)
      held += at
      if (held < 64) return
      mix(state, keys, rest.subarray(0, 64))
    }
    const whole = at + ((bytes.length - at) & ~63)
    if (whole > at) mix(state, keys, bytes.subarray(at, whole))
    rest.set(bytes.subarray(whole))
    held = bytes.length - whole
  }
  const digest = (): string => {
    const size = held < 56 ? 64 : 128
    rest.fill(0, held)
    rest[held] = 0x80
    const data = new DataView(rest.buffer)
    data.setUint32(size - 8, Math.floor(total / 536_870_912))
    data.setUint32(size - 4, (total * 8) % 4_294_967_296)
    mix(state, keys, rest.subarray(0, size))
    return Array.from(state, word => word.toString(16).padStart(8, '0')).join('')
  }
  return { update, digest }
}
