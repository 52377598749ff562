import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isFileName, plainText } from './plain-text.ts'

test.each([
  ['\u001b]0;owned\u0007ls', '\ufffd]0;owned\ufffdls'],
  ['\u009b31mred', '\ufffd31mred'],
  ['two\nlines\r\u0000', 'two\ufffdlines\ufffd\ufffd'],
  ['photo\u202egnp.exe', 'photo\ufffdgnp.exe'],
  ['<img src=x onerror=alert(1)>', '<img src=x onerror=alert(1)>'],
  ['Grüße 你好 👍', 'Grüße 你好 👍'],
  ['half \ud83d pair', 'half \ufffd pair'],
])('%j is shown as %j', (text, shown) => {
  expect(plainText(text)).toBe(shown)
})

test('no text keeps a control character or exceeds its length', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), fc.integer({ min: 1, max: 100 }), (text, max) => {
      const shown = plainText(text, max)
      expect(shown).not.toMatch(/\p{Cc}/u)
      expect(shown.length).toBeLessThanOrEqual(max)
      expect(shown.replace(/[\ud800-\udbff][\udc00-\udfff]/g, '')).not.toMatch(/[\ud800-\udfff]/)
    }),
  )
})

test('a file may be called anything but a way out of its folder', () => {
  expect(['', '.', '..', 'a/b', '/etc/passwd', 'a\0b'].filter(isFileName)).toEqual([])
  expect(['...', 'a\nb', '-rf', ' ', '\u001b[2J', '..\\x'].every(isFileName)).toBe(true)
})
