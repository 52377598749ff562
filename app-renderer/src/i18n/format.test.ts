import { expect, test } from 'vitest'
import { createFormat } from './format.ts'

const format = createFormat('en')
const GIB = 2 ** 30

test.each([
  [0, '0 B'],
  [1023, '1,023 B'],
  [1024, '1 KiB'],
  [1.5 * GIB, '1.5 GiB'],
  [512 * 2 ** 20, '512 MiB'],
  [2 ** 60 * 5, '5,120 PiB'],
])('%d bytes are %s', (bytes, words) => {
  expect(format.bytes(bytes)).toBe(words)
})

test('used memory is told in the unit of the whole', () => {
  expect(format.bytesOf(0.25 * GIB, 4 * GIB)).toBe('0.3 / 4 GiB')
})

test('numbers follow the language', () => {
  expect(createFormat('de').bytes(1.5 * GIB)).toBe('1,5 GiB')
  expect(createFormat('de').number(12_345)).toBe('12.345')
})

test('moments are told from now', () => {
  const now = Date.UTC(2026, 0, 1)
  expect(format.relative(now + 4000, now)).toBe('in 4 seconds')
  expect(format.relative(now - 3 * 3_600_000, now)).toBe('3 hours ago')
  expect(format.relative(now, now)).toBe('now')
})
