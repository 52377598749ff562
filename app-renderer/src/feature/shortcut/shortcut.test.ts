import { expect, test } from 'vitest'
import { shortcutFor } from './shortcut.ts'

const key = (name: string, part = {}) => ({ key: name, ctrlKey: false, metaKey: false, altKey: false, ...part })
const nowhere = { inConsole: false, inText: false, inDialog: false }
const ctrlK = key('k', { ctrlKey: true })

test('each key has its meaning', () => {
  expect(shortcutFor(ctrlK, nowhere)?.id).toBe('palette')
  expect(shortcutFor(key('/'), nowhere)?.id).toBe('search')
  expect(shortcutFor(key('?'), nowhere)?.id).toBe('help')
  expect(shortcutFor(key('k'), nowhere)).toBeUndefined()
})

test('a console owns every key', () => {
  for (const each of [ctrlK, key('/'), key('?')])
    expect(shortcutFor(each, { ...nowhere, inConsole: true })).toBeUndefined()
})

test('in a text field letters are text, chords still work', () => {
  const inText = { ...nowhere, inText: true }
  expect(shortcutFor(key('/'), inText)).toBeUndefined()
  expect(shortcutFor(ctrlK, inText)?.id).toBe('palette')
})

test('in a dialog only the key of the palette works, which closes it', () => {
  const inDialog = { ...nowhere, inDialog: true, inText: true }
  expect(shortcutFor(ctrlK, inDialog)?.id).toBe('palette')
  expect(shortcutFor(key(',', { ctrlKey: true }), inDialog)).toBeUndefined()
})
