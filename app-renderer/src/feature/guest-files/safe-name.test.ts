import fc from 'fast-check'
import { expect, test } from 'vitest'
import { freeName, localName, visibleName, visiblePath } from './safe-name.ts'

test.each([
  ['<b>bold</b>', '<b>bold</b>'],
  ['a\nb', 'a\ufffdb'],
  ['\u001b[2J', '\ufffd[2J'],
  ['photo\u202egpj.exe', 'photo\ufffdgpj.exe'],
  ['a\u200bb', 'a\ufffdb'],
  ['日本', '日本'],
])('%j is shown as %j', (name, shown) => expect(visibleName(name)).toBe(shown))

test('a name without end is cut, a path keeps its parts', () => {
  expect(visibleName('x'.repeat(10_000))).toBe(`${'x'.repeat(300)}…`)
  expect(visibleName('😀'.repeat(10_000))).toBe(`${'😀'.repeat(300)}…`)
  expect(visiblePath('/a\n/b')).toBe('/a\ufffd/b')
})

test.each([
  ['..', 'file'],
  ['.', 'file'],
  ['', 'file'],
  ['../../etc/passwd', '.._.._etc_passwd'],
  ['a/b', 'a_b'],
  ['C:\\x', 'C__x'],
  ['.bashrc', '.bashrc'],
  ['photo\u202egpj.exe', 'photo_gpj.exe'],
  ['trailing. ', 'trailing'],
  ['report.tar.gz', 'report.tar.gz'],
])('%j becomes the file %j here', (name, local) => expect(localName(name)).toBe(local))

test('whatever a guest calls it, it is one harmless name here', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 40 }), fc.integer({ min: 1, max: 20 }), (part, times) => {
      const local = localName(part.repeat(times))
      expect(local).not.toMatch(/[/\\\0-\u001f\u202a-\u202e]/)
      expect(['', '.', '..']).not.toContain(local)
      expect(new TextEncoder().encode(local).length).toBeLessThanOrEqual(200)
    }),
  )
})

test('a name that is taken gets a number before its ending', () => {
  const taken = new Set(['a.txt', 'a (2).txt', 'b', '.rc'])
  const has = (name: string) => taken.has(name)
  expect([freeName('a.txt', has), freeName('b', has), freeName('c', has), freeName('.rc', has)]).toEqual([
    'a (3).txt',
    'b (2)',
    'c',
    '.rc (2)',
  ])
})
