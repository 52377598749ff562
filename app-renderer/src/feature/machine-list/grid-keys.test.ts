import { expect, test } from 'vitest'
import { findTyped, gridCommand } from './grid-keys.ts'

const key = (name: string, part = {}) => ({
  key: name,
  ctrlKey: false,
  metaKey: false,
  shiftKey: false,
  altKey: false,
  ...part,
})
const at = (name: string, row: number, part = {}) => gridCommand(key(name, part), row, 50, 10)

test.each([
  ['ArrowDown', 4, 5],
  ['ArrowDown', 49, 49],
  ['ArrowDown', -1, 0],
  ['ArrowUp', 0, 0],
  ['ArrowUp', -1, 0],
  ['Home', 30, 0],
  ['End', 3, 49],
  ['PageDown', 45, 49],
  ['PageUp', 4, 0],
])('%s from row %i goes to row %i', (name, from, to) => {
  expect(at(name, from)).toEqual({ do: 'move', to, extend: false })
})

test('shift marks on the way', () => {
  expect(at('ArrowDown', 1, { shiftKey: true })).toEqual({ do: 'move', to: 2, extend: true })
})

test('an empty list has nowhere to go', () => {
  expect(gridCommand(key('ArrowDown'), -1, 0, 10)).toBeNull()
})

test('keys of the window and of the system are left alone', () => {
  for (const name of ['/', '?', 'F5', 'Tab']) expect(at(name, 0)).toBeNull()
  expect(at('k', 0, { ctrlKey: true })).toBeNull()
  expect(at('ArrowLeft', 0, { altKey: true })).toBeNull()
  expect(at('F10', 0)).toBeNull()
})

test('the others do what their names say', () => {
  expect(at('Enter', 0)).toEqual({ do: 'open' })
  expect(at(' ', 0)).toEqual({ do: 'toggle' })
  expect(at('F10', 0, { shiftKey: true })).toEqual({ do: 'menu' })
  expect(at('a', 0, { ctrlKey: true })).toEqual({ do: 'mark-all' })
  expect(at('ü', 0)).toEqual({ do: 'type', letter: 'ü' })
})

test('typing finds the next name, goes round, and refines where it stands', () => {
  const names = ['web-1', 'web-2', 'Zoo', 'wiki']
  expect(findTyped(names, 'w', 0)).toBe(1)
  expect(findTyped(names, 'w', 3)).toBe(0)
  expect(findTyped(names, 'web', 1)).toBe(1)
  expect(findTyped(names, 'z', -1)).toBe(2)
  expect(findTyped(names, 'q', 0)).toBe(-1)
  expect(findTyped([], 'q', 0)).toBe(-1)
})
