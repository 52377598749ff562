import { expect, test } from 'vitest'
import { judge } from './guest-console.ts'

const line = (number: number) => `${String(number).padStart(8, '0')} ${'-'.repeat(53)}\r\n`
const flood = (...numbers: number[]) => numbers.map(line).join('')

test('lines are counted over the edges of pieces, and only the time of the flood counts', () => {
  const text = flood(0, 1, 2)
  const pieces = [
    { at: 5, text: 'cat /tmp/f; echo end-$((1+1))\r\n' },
    { at: 10, text: text.slice(0, 100) },
    { at: 30, text: text.slice(100) },
    { at: 400, text: 'end-2\r\n' },
  ]
  expect(judge(pieces)).toEqual({ ms: 20, lines: 3, ordered: true })
})

test('a line that lost its middle is no line, and neither are two that grew together', () => {
  const torn = `${line(1).slice(0, 30)}${line(2).slice(30).replace('---', '')}`
  const grown = `${line(3).slice(0, 40)}${line(5)}`
  expect(judge([{ at: 0, text: `${line(0)}${torn}${grown}${line(6)}` }])).toMatchObject({ lines: 2, ordered: true })
})

test('lines that come again or too late are seen', () => {
  expect(judge([{ at: 0, text: flood(0, 1, 1) }]).ordered).toBe(false)
  expect(judge([{ at: 0, text: flood(1, 0) }]).ordered).toBe(false)
})

test('nothing of the flood came', () => {
  expect(judge([{ at: 3, text: 'end-2' }])).toEqual({ ms: 0, lines: 0, ordered: true })
})
