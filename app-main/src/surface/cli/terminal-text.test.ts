import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { terminalText } from './terminal-text.ts'

const all = (...pieces: (string | Uint8Array)[]): string => {
  const text = terminalText()
  return pieces.map(piece => text.take(typeof piece === 'string' ? Buffer.from(piece) : piece)).join('') + text.end()
}

describe('a guest’s output on a terminal', () => {
  it('keeps lines, tabs, colours and wide letters', () => {
    expect(all('a\tb\r\n日本')).toBe('a\tb\r\n日本')
    expect(all('\u001b[1;31mred\u001b[0m')).toBe('\u001b[1;31mred\u001b[0m\u001b[0m')
  })

  it.each([
    '\u001b]0;title\u0007',
    '\u001b]52;c;cm0=\u0007',
    '\u001b[2J',
    '\u001bc',
    '\u001bP$q\u001b\\',
    '\u009b6n',
    '\u001b[6n',
  ])('shows %j instead of obeying it', sequence => {
    expect(all(`a${sequence}b`)).not.toMatch(/[\u0007\u001b\u0080-\u009f]/)
  })

  it('obeys nothing but colours, however the bytes are cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 8 })),
        fc.constantFrom('\u001b[31', '\u001b', '\u001b]0;x'),
        (pieces, tail) => {
          const shown = all(...pieces, tail).replaceAll(/\u001b\[[\d;:]*m/g, '')
          expect(shown).not.toMatch(/[^\P{Cc}\n\r\t\b]/u)
        },
      ),
    )
  })

  it('joins a colour and a letter that came in pieces', () => {
    const [first, second] = [Buffer.from('\u001b[3'), Buffer.from('2mü')]
    expect(all(first, second.subarray(0, 3), second.subarray(3))).toBe('\u001b[32mü\u001b[0m')
  })
})
