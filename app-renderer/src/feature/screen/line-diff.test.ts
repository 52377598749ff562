import { expect, test } from 'vitest'
import { lineDiff } from './line-diff.ts'

const shown = (before: string, after: string) =>
  lineDiff(before, after).map(({ kind, text }) => `${{ same: ' ', removed: '-', added: '+', gap: '~' }[kind]}${text}`)

test('shows what changes with two lines around it', () => {
  const lines = ['a', 'b', 'c', 'd', 'spice', 'e', 'f', 'g']
  expect(shown(lines.join('\n'), lines.join('\n').replace('spice', 'vnc'))).toEqual([
    ' c',
    ' d',
    '-spice',
    '+vnc',
    ' e',
    ' f',
  ])
})

test('changes far apart are joined by a gap', () => {
  const rows = Array.from({ length: 20 }, (_, at) => `line ${at}`)
  const diff = shown(rows.join('\n'), ['first', ...rows.slice(0, -1), 'last'].join('\n'))
  expect(diff.filter(line => line === '~')).toHaveLength(1)
  expect(diff).toContain('+first')
  expect(diff).toContain('-line 19')
  expect(diff).toContain('+last')
})

test('equal texts give nothing', () => expect(lineDiff('a\nb', 'a\nb')).toEqual([]))

test('huge texts without a common line are still answered', () => {
  const many = (word: string) => Array.from({ length: 5000 }, (_, at) => `${word}${at}`).join('\n')
  expect(lineDiff(many('a'), many('b'))).toHaveLength(10_000)
})
