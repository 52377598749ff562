import fc from 'fast-check'
import { expect, test } from 'vitest'
import { XdrError } from './xdr-error.ts'
import { XdrReader } from './xdr-reader.ts'
import { XdrWriter } from './xdr-writer.ts'

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex')

function written(write: (writer: XdrWriter) => void): string {
  const writer = new XdrWriter()
  write(writer)
  return writer.bytes().toString('hex')
}

/** One value of every kind, as a property writes and reads them. */
const kinds = fc.oneof(
  fc.integer().map(value => ({ kind: 'int' as const, value })),
  fc.nat({ max: 0xffffffff }).map(value => ({ kind: 'uint' as const, value })),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(value => ({ kind: 'hyper' as const, value })),
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(value => ({ kind: 'uhyper' as const, value })),
  fc.double().map(value => ({ kind: 'double' as const, value })),
  fc.boolean().map(value => ({ kind: 'bool' as const, value })),
  fc.uint8Array({ maxLength: 40 }).map(value => ({ kind: 'opaque' as const, value })),
  fc
    .string({ unit: 'grapheme', maxLength: 40 })
    .filter(value => !value.includes('\0'))
    .map(value => ({ kind: 'string' as const, value })),
)
type Kind = typeof kinds extends fc.Arbitrary<infer Value> ? Value : never

const limit = 4096

function writeItem(writer: XdrWriter, item: Kind): void {
  switch (item.kind) {
    case 'int':
      return writer.int(item.value)
    case 'uint':
      return writer.uint(item.value)
    case 'hyper':
      return writer.hyper(item.value)
    case 'uhyper':
      return writer.uhyper(item.value)
    case 'double':
      return writer.double(item.value)
    case 'bool':
      return writer.bool(item.value)
    case 'opaque':
      return writer.opaque(item.value, limit)
    case 'string':
      return writer.string(item.value, limit)
  }
}

function readItem(reader: XdrReader, { kind }: Kind): unknown {
  return kind === 'opaque' || kind === 'string' ? reader[kind](limit) : reader[kind]()
}

test('what is written is read again', () => {
  fc.assert(
    fc.property(fc.array(kinds), items => {
      const writer = new XdrWriter(0)
      for (const item of items) writeItem(writer, item)
      expect(writer.length % 4).toBe(0)
      const reader = new XdrReader(writer.bytes())
      for (const item of items) expect(readItem(reader, item)).toEqual(item.value)
      reader.end()
    }),
  )
})

test('data cut off at any byte throws XdrError', () => {
  fc.assert(
    fc.property(fc.array(kinds, { minLength: 1, maxLength: 5 }), items => {
      const writer = new XdrWriter()
      for (const item of items) writeItem(writer, item)
      for (let length = 0; length < writer.length; length++) {
        const reader = new XdrReader(writer.bytes(), 0, length)
        expect(() => items.forEach(item => readItem(reader, item))).toThrow(XdrError)
      }
    }),
  )
})

test('64-bit integers are compact only where that is exact', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), value => {
      const writer = new XdrWriter()
      writer.hyper(value)
      writer.uhyper(BigInt.asUintN(64, value))
      const reader = new XdrReader(writer.bytes())
      expect(BigInt(reader.compactHyper())).toBe(value)
      expect(BigInt(reader.compactUhyper())).toBe(BigInt.asUintN(64, value))
    }),
  )
  expect(new XdrReader(hex('001fffff ffffffff')).compactUhyper()).toBe(Number.MAX_SAFE_INTEGER)
  expect(new XdrReader(hex('00200000 00000000')).compactUhyper()).toBe(2n ** 53n)
  expect(new XdrReader(hex('ffffffff ffffffff')).compactHyper()).toBe(-1)
})

test('a repeated string is the one written, whatever came before', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'grapheme', maxLength: 80 })), texts => {
      const wanted = texts.map(text => text.replaceAll('\0', ''))
      const writer = new XdrWriter()
      for (const text of [...wanted, ...wanted]) writer.string(text, limit)
      const reader = new XdrReader(writer.bytes())
      for (const text of [...wanted, ...wanted]) expect(reader.repeatedString(limit)).toBe(text)
    }),
  )
})

test('a UUID is its text, whatever came before', () => {
  const uuids = fc.array(fc.tuple(fc.uuid(), fc.nat({ max: 3 })))
  fc.assert(
    fc.property(uuids, drawn => {
      // Words that cancel each other out share a slot with the UUID of zeros.
      const texts = drawn.flatMap(([text, times]) => [text, `00000000-0000-000${times}-0000-00000000000${times}`])
      const writer = new XdrWriter()
      for (const text of [...texts, ...texts]) writer.uuid(text.toUpperCase())
      const reader = new XdrReader(writer.bytes())
      for (const text of [...texts, ...texts]) expect(reader.uuid()).toBe(text)
      reader.end()
    }),
  )
  expect(written(w => w.uuid('6695eb01-f6a4-8304-79aa-97f2502e193f'))).toBe('6695eb01f6a4830479aa97f2502e193f')
  expect(() => new XdrReader(hex('6695eb01 f6a48304 79aa97f2')).uuid()).toThrow(XdrError)
})

test('encodes the examples of RFC 4506', () => {
  expect(written(w => w.int(-2))).toBe('fffffffe')
  expect(written(w => w.uhyper(0x0123456789abcdefn))).toBe('0123456789abcdef')
  expect(written(w => w.double(1))).toBe('3ff0000000000000')
  expect(written(w => w.string('sillyprog', 255))).toBe('0000000973696c6c7970726f67000000')
  expect(new XdrReader(hex('0000006b 00000076 00000000 00000041')).chars(4)).toBe('kv')
})

test.each([
  ['a length over the limit', '00000005 68656c6c 6f000000', 4],
  ['a length over the data', '7fffffff 00000000', 0xffffffff],
  ['a negative length', 'ffffffff 00000000', 0xffffffff],
  ['padding that is not zero', '00000001 61000001', 8],
  ['missing padding', '00000001 61', 8],
])('refuses %s', (_what, bytes, max) => {
  expect(() => new XdrReader(hex(bytes)).string(max)).toThrow(XdrError)
  expect(() => new XdrReader(hex(bytes)).repeatedString(max)).toThrow(XdrError)
  expect(() => new XdrReader(hex(bytes)).opaque(max)).toThrow(XdrError)
})

test('keeps every byte of an array of characters', () => {
  expect(written(w => w.charArray(new Uint8Array([0x6b, 0, 0xff]), 3))).toBe('000000030000006b00000000ffffffff')
  expect([...new XdrReader(hex('00000003 0000006b 00000000 ffffffff')).charArray(3)]).toEqual([0x6b, 0, 0xff])
  expect(() => new XdrReader(hex('00000003 0000006b 00000000')).charArray(3)).toThrow(XdrError)
})

test('refuses counts that the limit or the data cannot hold', () => {
  expect(() => new XdrReader(hex('00000003 00000000 00000000 00000000')).count(2, 4)).toThrow(XdrError)
  expect(() => new XdrReader(hex('10000000 00000000')).count(0xffffffff, 4)).toThrow(XdrError)
  expect(new XdrReader(hex('00000001 00000000')).count(1, 4)).toBe(1)
})

test('refuses other booleans, left-over bytes and windows outside of the data', () => {
  expect(() => new XdrReader(hex('00000002')).bool()).toThrow(XdrError)
  expect(() => new XdrReader(hex('00000002')).end()).toThrow(XdrError)
  expect(() => new XdrReader(hex('00000002'), 0, 5)).toThrow(XdrError)
})

test('tolerates a string that is not UTF-8', () => {
  expect(new XdrReader(hex('00000002 61ff0000')).string(8)).toBe('a\ufffd')
})

test('keeps opaque data when the message is reused', () => {
  const message = hex('00000002 61620000')
  const value = new XdrReader(message).opaque(8)
  message.fill(0)
  expect([...value]).toEqual([0x61, 0x62])
})

test('refuses to write what does not fit, and writes nothing then', () => {
  const writer = new XdrWriter()
  const bad: (() => void)[] = [
    () => writer.int(2 ** 31),
    () => writer.int(0.5),
    () => writer.uint(-1),
    () => writer.uint(Number.NaN),
    () => writer.hyper(2n ** 63n),
    () => writer.uhyper(-1n),
    () => writer.string('äöü', 5),
    () => writer.string('a\0b', 5),
    () => writer.opaque(new Uint8Array(3), 2),
    () => writer.fixedOpaque(new Uint8Array(3), 16),
    () => writer.uuid('6695eb01-f6a4-8304-79aa-97f2502e193'),
    () => writer.uuid('6695eb01-f6a4-8304-79aa-97f2502e193g'),
    () => writer.count(3, 2),
    () => writer.charArray(new Uint8Array(3), 2),
    () => writer.uintAt(0, 1),
  ]
  for (const attempt of bad) expect(attempt).toThrow(XdrError)
  expect(writer.length).toBe(0)
})

test('replaces the length of a message at its front', () => {
  expect(
    written(w => {
      w.uint(0)
      w.string('abc', 3)
      w.uintAt(0, w.length)
    }),
  ).toBe('0000000c0000000361626300')
})
