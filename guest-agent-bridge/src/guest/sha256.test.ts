import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { sha256, type MixBlocks } from './sha256.ts'

const rotate = (word: number, by: number): number => (word >>> by) | (word << (32 - by))

/** As the standard writes it; the agent has this part in C. */
const mix: MixBlocks = (state, keys, blocks) => {
  for (let at = 0; at + 64 <= blocks.length; at += 64) {
    const data = new DataView(blocks.buffer, blocks.byteOffset + at, 64)
    const words: number[] = []
    let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = state
    for (let i = 0; i < 64; i++) {
      const [two = 0, seven = 0, fifteen = 0, sixteen = 0] = [2, 7, 15, 16].map(back => words[i - back] ?? 0)
      const small = rotate(fifteen, 7) ^ rotate(fifteen, 18) ^ (fifteen >>> 3)
      const big = rotate(two, 17) ^ rotate(two, 19) ^ (two >>> 10)
      const word = i < 16 ? data.getUint32(4 * i) : (sixteen + small + seven + big) | 0
      words.push(word)
      const one =
        (h + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) + ((e & f) ^ (~e & g)) + (keys[i] ?? 0) + word) | 0
      const other = ((rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0
      ;[h, g, f, e, d, c, b, a] = [g, f, e, (d + one) | 0, c, b, a, (one + other) | 0]
    }
    for (const [i, value] of [a, b, c, d, e, f, g, h].entries()) state[i] = (state[i] ?? 0) + value
  }
}

test('the same as node says, however the bytes are cut', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 6 }), parts => {
      const own = sha256(mix)
      const node = createHash('sha256')
      for (const part of parts) {
        own.update(part)
        node.update(part)
      }
      expect(own.digest()).toBe(node.digest('hex'))
    }),
  )
})
