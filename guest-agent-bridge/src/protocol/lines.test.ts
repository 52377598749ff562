import fc from 'fast-check'
import { expect, test } from 'vitest'
import { LineSplitter, MAX_JSON_DEPTH, parseJson } from './lines.ts'

const split = (chunks: Iterable<Uint8Array>, maxBytes = 1024) => {
  const lines: string[] = []
  const overflows: string[] = []
  const splitter = new LineSplitter(maxBytes, {
    line: bytes => lines.push(Buffer.from(bytes).toString('latin1')),
    overflow: head => overflows.push(Buffer.from(head).toString('latin1')),
  })
  for (const chunk of chunks) splitter.push(chunk)
  return { lines, splitter, overflows }
}

const bytes = (text: string) => Buffer.from(text, 'latin1')

test('lines are the same however the bytes are cut', () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 20 }),
      fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 20 }),
      (parts, cuts) => {
        const lines = parts.map(part => part.map(byte => (byte === 0x0a ? 0x0b : byte)))
        const whole = Buffer.concat(lines.flatMap(line => [Buffer.from(line), bytes('\n')]))
        const chunks: Uint8Array[] = []
        for (let at = 0, index = 0; at < whole.length; index++) {
          const size = cuts[index % cuts.length] ?? 1
          chunks.push(whole.subarray(at, at + size))
          at += size
        }
        expect(split(chunks).lines).toEqual(lines.map(line => Buffer.from(line).toString('latin1')))
      },
    ),
  )
})

test('memory that is said to be unused is looked at no more', () => {
  const length = fc.integer({ min: 0, max: 5000 })
  fc.assert(
    fc.property(fc.array(length, { maxLength: 8 }), fc.integer({ min: 1, max: 3000 }), (lengths, cut) => {
      const sent = [100_000, ...lengths].map((size, index) => String.fromCharCode(0x61 + index).repeat(size))
      const seen: string[] = []
      let freed = 0
      const splitter = new LineSplitter(200_000, {
        line: one => seen.push(Buffer.from(one).toString('latin1')),
        unused: memory => {
          freed += memory.length
          memory.fill(0x21)
        },
      })
      const whole = bytes(sent.map(line => `${line}\n`).join(''))
      for (let at = 0; at < whole.length; at += cut) splitter.push(whole.subarray(at, at + cut))
      expect(seen).toEqual(sent)
      expect(freed).toBeGreaterThanOrEqual(100_000)
    }),
  )
})

test('a line that is too long is dropped whole, counted, and the next one arrives', () => {
  const { lines, splitter, overflows } = split([
    bytes('ok\n'),
    bytes('x'.repeat(600)),
    bytes(`${'y'.repeat(600)}\nnext\n`),
  ])
  expect(lines).toEqual(['ok', 'next'])
  expect(splitter.droppedBytes).toBe(1200)
  expect(overflows).toEqual(['x'.repeat(256)])
})

test('a line of exactly the limit passes, one byte more does not', () => {
  expect(split([bytes(`${'a'.repeat(1024)}\n`)]).lines).toHaveLength(1)
  expect(split([bytes(`${'a'.repeat(1025)}\nb\n`)]).lines).toEqual(['b'])
})

test('an endless line keeps no more than the limit', () => {
  const chunk = new Uint8Array(64 * 1024).fill(0x61)
  const chunks = new Array<Uint8Array>(1000).fill(chunk)
  const { lines, splitter, overflows } = split(chunks, 256 * 1024)
  expect(lines).toEqual([])
  expect(splitter.pendingBytes).toBeLessThanOrEqual(256 * 1024)
  expect(splitter.droppedBytes).toBe(1000 * 64 * 1024)
  expect(overflows).toHaveLength(1)
})

test('a line that comes byte by byte is put together', () => {
  const text = 'z'.repeat(300_000)
  const { lines } = split(
    Array.from(`${text}\n`, char => bytes(char)),
    1024 * 1024,
  )
  expect(lines).toEqual([text])
})

test('a splitter used inside its own listener does not corrupt what it delivers', () => {
  const seen: string[] = []
  const splitter = new LineSplitter(100, { line: line => seen.push(Buffer.from(line).toString()) })
  splitter.push(bytes('on'))
  splitter.push(bytes('e\ntw'))
  splitter.push(bytes('o\n'))
  expect(seen).toEqual(['one', 'two'])
})

test('whatever JSON can be written is read back', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 5 }), value => {
      const text = JSON.stringify(value)
      const parsed = parseJson(text)
      expect(parsed).toEqual({ ok: true, value: withoutPrototypes(JSON.parse(text)) })
    }),
  )
})

const withoutPrototypes = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value), (key, inner: unknown) => (key === '__proto__' ? undefined : inner))

test('no text makes the parser throw, and accepted text means what JSON says', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.stringMatching(/^[[\]{}",:\\u0-9a-f]*$/)), text => {
      const parsed = parseJson(text)
      if (!parsed.ok && parsed.reason === 'syntax') expect(() => JSON.parse(text)).toThrow(SyntaxError)
    }),
  )
})

test.each(['[', '{"a":'])('nesting by %s beyond the limit is refused unbuilt', open => {
  const close = open === '[' ? ']' : '}'
  const nested = (depth: number) => open.repeat(depth) + '1' + close.repeat(depth)
  expect(parseJson(nested(MAX_JSON_DEPTH)).ok).toBe(true)
  expect(parseJson(nested(MAX_JSON_DEPTH + 1))).toEqual({ ok: false, reason: 'depth' })
  expect(parseJson(open.repeat(1_000_000))).toEqual({ ok: false, reason: 'depth' })
})

test('brackets inside strings are no nesting', () => {
  const text = JSON.stringify({ a: `\\"${'['.repeat(1000)}\\`, b: ['\\\\', '"', `{"${'{'.repeat(500)}`] })
  expect(parseJson(text)).toEqual({ ok: true, value: JSON.parse(text) })
})

test.each([
  '{"__proto__":{"polluted":1},"a":{"__proto__":{"polluted":1}}}',
  '{"\\u005f_proto__":{"polluted":1},"a":{}}',
])('the key __proto__ is left out of %s', text => {
  const parsed = parseJson(text)
  if (!parsed.ok) throw new Error(parsed.reason)
  expect(Object.assign({}, parsed.value)).toEqual({ a: {} })
  expect(Object.getPrototypeOf(Object.assign({}, parsed.value))).toBe(Object.prototype)
  expect(Reflect.get({}, 'polluted')).toBeUndefined()
})

test('constructor is an ordinary key', () => {
  expect(parseJson('{"constructor":{"prototype":{"polluted":1}}}')).toEqual({
    ok: true,
    value: { constructor: { prototype: { polluted: 1 } } },
  })
  expect(Reflect.get({}, 'polluted')).toBeUndefined()
})
