import { expect, test } from 'vitest'
import { findMatches } from './find-matches.ts'

test('finds every place, whatever the case', () => {
  expect(findMatches(['<Disk>', 'x', 'disk disk'], 'DISK')).toEqual([
    { line: 0, start: 1, length: 4 },
    { line: 2, start: 0, length: 4 },
    { line: 2, start: 5, length: 4 },
  ])
})

test('a term is text, not a pattern', () => {
  expect(findMatches(['a.c abc [x] (y'], 'a.c')).toHaveLength(1)
  for (const term of ['[', '(', '\\', '*', '^$', '{1}', 'a|b']) expect(() => findMatches(['x'], term)).not.toThrow()
})

test('nothing is found for nothing, and a flood is bounded', () => {
  expect(findMatches(['abc'], '')).toEqual([])
  expect(findMatches(['a'.repeat(50_000)], 'a')).toHaveLength(10_000)
})
