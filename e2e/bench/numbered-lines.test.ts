import { expect, test } from 'vitest'
import { answerLine, LineCheck, LINE_BYTES, numberedLines } from './numbered-lines.ts'

const read = (bytes: Uint8Array, piece: number): LineCheck => {
  const check = new LineCheck()
  for (let at = 0; at < bytes.length; at += piece) check.push(bytes.subarray(at, at + piece))
  return check
}

test.each([1, 63, 64, 1000])('a whole flood is whole, in pieces of %i bytes', piece => {
  const check = read(Buffer.concat([numberedLines(0, 50), numberedLines(50, 50)]), piece)
  expect(check.broken).toBeUndefined()
  expect(check.lines).toBe(100)
  expect(check.bytes).toBe(100 * LINE_BYTES)
})

test('a lost line, a lost byte and a changed order are found', () => {
  const flood = numberedLines(0, 10)
  const without = (from: number, to: number) => Buffer.concat([flood.subarray(0, from), flood.subarray(to)])
  expect(read(without(3 * LINE_BYTES, 4 * LINE_BYTES), 100).broken).toContain('line 3')
  expect(read(without(100, 101), 100).broken).toContain('line 1')
  expect(read(Buffer.concat([numberedLines(1, 1), numberedLines(0, 1)]), 100).broken).toContain('line 0')
})

test('answers come between the lines and are not counted', () => {
  const words: string[] = []
  const check = new LineCheck()
  check.onAnswer = word => words.push(word)
  check.push(Buffer.concat([numberedLines(0, 2), answerLine('seven'), numberedLines(2, 2)]))
  expect(words).toEqual(['seven'])
  expect([check.lines, check.broken]).toEqual([4, undefined])
})
