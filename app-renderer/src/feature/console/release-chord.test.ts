import { expect, test } from 'vitest'
import { ChordTracker, chordLabel, parseChord } from './release-chord.ts'

const run = (chord: string, keys: string[]): boolean[] => {
  const tracker = new ChordTracker(parseChord(chord))
  return keys.map(key => (key.startsWith('-') ? tracker.up({ code: key.slice(1) }) : tracker.down({ code: key })))
}

test('modifiers alone complete the chord when the first of them is released', () => {
  expect(run('Ctrl+Alt+Shift', ['ControlLeft', 'AltLeft', 'ShiftRight', '-AltLeft'])).toEqual([
    false,
    false,
    false,
    true,
  ])
})

test('a chord with the same modifiers and a key belongs to the guest', () => {
  const keys = ['ControlLeft', 'AltLeft', 'ShiftLeft', 'KeyT', '-KeyT', '-ShiftLeft', '-AltLeft', '-ControlLeft']
  expect(run('Ctrl+Alt+Shift', keys)).not.toContain(true)
})

test('a spoiled chord works again after every key is up', () => {
  const spoiled = ['ControlLeft', 'KeyC', '-KeyC', '-ControlLeft']
  expect(run('Ctrl+Alt+Shift', [...spoiled, 'ControlLeft', 'AltLeft', 'ShiftLeft', '-ShiftLeft']).at(-1)).toBe(true)
})

test('one modifier more is another chord', () => {
  expect(run('Ctrl+Alt', ['ControlLeft', 'AltLeft', 'MetaLeft', '-MetaLeft', '-AltLeft'])).not.toContain(true)
})

test('a chord with a key completes when the key goes down, whichever side the modifiers are on', () => {
  expect(run('Ctrl+Alt+G', ['ControlRight', 'AltLeft', 'KeyG']).at(-1)).toBe(true)
  expect(run('Ctrl+Alt+G', ['ControlRight', 'KeyG']).at(-1)).toBe(false)
})

test('held keys repeat without effect, and a reset forgets them', () => {
  const tracker = new ChordTracker(parseChord('Ctrl+Alt+Shift'))
  for (const code of ['ControlLeft', 'AltLeft', 'ShiftLeft']) tracker.down({ code })
  tracker.down({ code: 'ShiftLeft', repeat: true })
  tracker.reset()
  expect(tracker.up({ code: 'ShiftLeft' })).toBe(false)
})

test('what cannot be a chord gives the default one, so that nobody is locked in', () => {
  for (const text of ['', 'A', 'Ctrl', 'Ctrl+Nonsense', 'Ctrl+A+B', '+++'])
    expect(chordLabel(parseChord(text)), text).toBe('Ctrl+Alt+Shift')
})

test('a chord is written in one order', () => {
  expect(chordLabel(parseChord('shift + ctrl+ f12'))).toBe('Ctrl+Shift+F12')
  expect(chordLabel(parseChord('Alt+Ctrl+g'))).toBe('Ctrl+Alt+G')
})
