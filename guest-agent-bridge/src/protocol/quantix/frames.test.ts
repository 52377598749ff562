import fc from 'fast-check'
import { expect, test } from 'vitest'
import { encodeQuantixFrame, QuantixFrames, type QuantixFraming } from './frames.ts'
import { decodeQuantix, encodeQuantix } from './messages.ts'

const bytesOf = (hex: string) => Buffer.from(hex.replaceAll(' ', ''), 'hex')
const ping = (id: string, sequence = 42) => encodeQuantix({ id, name: 'ping', fields: { sequence } }, 1_234_567_890_123)

const reader = (maxBytes = 1024 * 1024) => {
  const got: string[] = []
  const frames = new QuantixFrames({
    maxBytes,
    message: bytes => {
      const message = decodeQuantix(bytes)
      if (message) got.push(message.id)
      return message !== undefined
    },
  })
  return { got, frames }
}

const cut = (bytes: Uint8Array, size: number) =>
  Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) => bytes.subarray(index * size, (index + 1) * size))

test("the agent's own test message is read in both framings, and written the same", () => {
  const payload = bytesOf('0a08746573742d313233 120b08d285d8cc0410959aef3a 5202082a')
  for (const [framing, head] of [['magic', '515458010000001b'] as const, ['bare', '0000001b'] as const]) {
    const frame = Buffer.concat([bytesOf(head), payload])
    expect(Buffer.from(encodeQuantixFrame(framing, payload))).toEqual(frame)
    const { got, frames } = reader()
    expect(frames.push(frame)).toBe(true)
    expect(got).toEqual(['test-123'])
    expect(frames.framing).toBe(framing)
  }
  const message = decodeQuantix(payload)
  expect(message).toEqual({ id: 'test-123', name: 'ping', fields: { sequence: 42 } })
})

test.each([
  ['garbage that ends like a length', 'deadbeef00000010'],
  ['a magic that stops half-way', '5154ffff'],
  ['a first byte twice', '5151'],
  ['a message that was cut off by the next', '51545801000000ff'.slice(0, 8)],
  ['an empty message', '5154580100000000'],
  ['a length that is too long', '51545801ffffffff'],
])('it finds the next frame after %s', (_, garbage) => {
  const { got, frames } = reader()
  frames.push(bytesOf(garbage))
  frames.push(encodeQuantixFrame('magic', ping('after')))
  frames.push(encodeQuantixFrame('magic', ping('again')))
  expect(got).toEqual(['after', 'again'])
})

test('frames come out however the bytes are cut, in either framing, with garbage before them', () => {
  const framings = fc.constantFrom<QuantixFraming>('magic', 'bare')
  const noise = fc.uint8Array({ maxLength: 3 })
  fc.assert(
    fc.property(framings, fc.integer({ min: 1, max: 9 }), noise, fc.nat(5), (framing, size, garbage, count) => {
      const ids = Array.from({ length: count + 1 }, (_, index) => `m-${index}`)
      const sent = ids.map(id => encodeQuantixFrame(framing, ping(id)))
      // Garbage before bare frames cannot be told from a length: only the newer framing promises to find its way back.
      const bytes = Buffer.concat([framing === 'magic' ? garbage : new Uint8Array(0), ...sent])
      const { got, frames } = reader()
      for (const part of cut(bytes, size)) frames.push(part)
      expect(got).toEqual(ids)
    }),
    { numRuns: 300 },
  )
})

test('a message beyond the limit is stepped over, and costs no memory', () => {
  const { got, frames } = reader(1000)
  const long = encodeQuantix({ id: 'long', name: 'file_write', fields: { data: new Uint8Array(50_000) } }, 0)
  frames.push(encodeQuantixFrame('magic', ping('before')))
  for (const part of cut(encodeQuantixFrame('magic', long), 999)) frames.push(part)
  frames.push(encodeQuantixFrame('magic', ping('behind')))
  expect(got).toEqual(['before', 'behind'])
  expect(frames.refused).toBe(1)
})

test('whoever sends 64 KiB that are no frame does not speak this', () => {
  for (const first of [[], [encodeQuantixFrame('magic', ping('one'))]]) {
    const { frames } = reader()
    for (const frame of first) frames.push(frame)
    const lines = Buffer.from('{"jsonrpc":"2.0"}\n'.repeat(5000))
    expect(cut(lines, 1000).every(part => frames.push(part))).toBe(false)
    expect(frames.push(ping('late'))).toBe(false)
  }
})

test('any bytes at all: no throw, and bounded guesses', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 400 }), { maxLength: 40 }), parts => {
      const { frames } = reader(10_000)
      for (const part of parts) frames.push(part)
    }),
    { numRuns: 300 },
  )
})

test('messages nested too deep, cut short or without a known payload are no messages', () => {
  expect(decodeQuantix(new Uint8Array(1_000_000).fill(0x7b))).toBeUndefined()
  expect(decodeQuantix(ping('whole').subarray(0, 5))).toBeUndefined()
  expect(decodeQuantix(encodeQuantix({ id: 'x', name: 'ping', fields: {} }, 0).subarray(0, 3))).toBeUndefined()
  expect(decodeQuantix(bytesOf('0a0178'))).toBeUndefined()
})
