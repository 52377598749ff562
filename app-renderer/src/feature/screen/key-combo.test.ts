import { expect, test } from 'vitest'
import { COMBOS, sendCombo, TERMINALS } from './key-combo.ts'

const sent = (label: string): string[] => {
  const keys: string[] = []
  const combo = [...COMBOS, ...TERMINALS].find(one => one.label === label) ?? expect.fail(label)
  sendCombo(combo, (keysym, code, down) => keys.push(`${down ? '+' : '-'}${code}:${keysym.toString(16)}`))
  return keys
}

test('keys go down in order and up in reverse, so that no modifier stays held', () => {
  expect(sent('Ctrl+Alt+Del')).toEqual([
    '+ControlLeft:ffe3',
    '+AltLeft:ffe9',
    '+Delete:ffff',
    '-Delete:ffff',
    '-AltLeft:ffe9',
    '-ControlLeft:ffe3',
  ])
})

test('function keys have their X11 numbers', () => {
  expect(sent('Ctrl+Alt+F1')).toContain('+F1:ffbe')
  expect(sent('Ctrl+Alt+F12')).toContain('+F12:ffc9')
})
