import { expect, test } from 'vitest'
import { CommandHistory } from './command-history.ts'

test('arrows walk back and forth, and bring back what was being written', () => {
  const history = new CommandHistory()
  for (const command of ['a', 'b', 'b', 'c']) history.add(command)
  expect(history.older('draft')).toBe('c')
  expect(history.older('c')).toBe('b')
  expect(history.older('b')).toBe('a')
  expect(history.older('a')).toBe('a')
  expect(history.newer('a')).toBe('b')
  expect(history.newer('b')).toBe('c')
  expect(history.newer('c')).toBe('draft')
  expect(history.newer('draft')).toBe('draft')
})

test('an empty history changes nothing', () => {
  const history = new CommandHistory()
  expect(history.older('x')).toBe('x')
  expect(history.newer('x')).toBe('x')
})
