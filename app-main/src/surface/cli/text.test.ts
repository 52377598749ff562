import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { json, printable, printableLines, size, table, width } from './text.ts'

describe('text for a terminal', () => {
  it.each([
    ['abc', 3],
    ['日本', 4],
    ['한글', 4],
    ['🐦', 2],
    ['👩‍🚀', 2],
    ['e\u0301', 1],
    ['naïve', 5],
    ['', 0],
  ])('%s takes %i columns', (text, columns) => expect(width(text)).toBe(columns))

  it('aligns wide names, and paint does not move columns', () => {
    const rows = [
      ['日本', 'x'],
      ['ab', 'y'],
    ]
    expect(table(['NAME', 'S'], rows, cell => `<${cell}>`)).toBe('NAME  S\n<日本>  <x>\n<ab>    <y>')
  })

  it('has no control or direction character, wherever it came from', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), text => {
        expect(printable(text)).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/)
        expect(printableLines(text)).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/)
        expect(json({ text })).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/)
        expect(JSON.parse(json({ text }))).toEqual({ text })
      }),
    )
    expect(printable('a\u001b[31mb\n')).toBe('a\\u{1b}[31mb\\u{a}')
    expect(printableLines('a\n\tb')).toBe('a\n\tb')
  })

  it.each([
    [0, '0 B'],
    [1023, '1023 B'],
    [1024, '1 KiB'],
    [1_610_612_736, '1.5 GiB'],
    [2 ** 80, '1073741824 PiB'],
  ])('%i bytes are %s', (bytes, text) => expect(size(bytes)).toBe(text))
})
