import { expect, test } from 'vitest'
import { chunkBytes, indexAfter, pageOf } from './pages.ts'

const roomy = { maxMessageBytes: 1024 * 1024 }
const numbers = Array.from({ length: 10 }, (_, index) => index)

test('pages join to the whole list', () => {
  const all: number[] = []
  for (let at = 0, more = true; more; at = all.length) {
    const page = pageOf(numbers, at, 3, roomy, number => number)
    all.push(...page.items)
    more = page.more
  }
  expect(all).toEqual(numbers)
})

test('a page that ends the list exactly says so', () => {
  expect(pageOf(numbers, 5, 5, roomy, number => number).more).toBe(false)
  expect(pageOf(numbers, 10, 5, roomy, number => number)).toEqual({ items: [], more: false })
})

test('what vanished is left out, without an empty page', () => {
  expect(pageOf(numbers, 0, 3, roomy, number => (number < 8 ? null : number))).toEqual({ items: [8, 9], more: false })
})

test('a page is no longer than a message, but never empty', () => {
  const texts = Array.from({ length: 5 }, () => 'ü'.repeat(300))
  const page = pageOf(texts, 0, 100, { maxMessageBytes: 2048 + 2000 }, text => text)
  expect(page).toMatchObject({ more: true })
  expect(page.items).toHaveLength(2)
  expect(pageOf(texts, 0, 100, { maxMessageBytes: 10 }, text => text).items).toHaveLength(1)
})

test('finds the place after a name that is gone', () => {
  expect(indexAfter(['a', 'c'], undefined)).toBe(0)
  expect(indexAfter(['a', 'c'], 'a')).toBe(1)
  expect(indexAfter(['a', 'c'], 'b')).toBe(1)
  expect(indexAfter(['a', 'c'], 'c')).toBe(2)
})

test('a chunk fits into a message as base64', () => {
  const chunk = chunkBytes({ maxMessageBytes: 64 * 1024, maxChunkBytes: 1024 * 1024 })
  expect(Math.ceil(chunk / 3) * 4).toBeLessThan(64 * 1024 - 1000)
  expect(chunkBytes({ maxMessageBytes: 1024 * 1024, maxChunkBytes: 4096 })).toBe(4096)
})
