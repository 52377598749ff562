import { expect, test } from 'vitest'
import { findMatches } from './find-matches.ts'
import { mergeMatches } from './merge-matches.ts'
import { tokenizeXml } from './tokenize.ts'

const pieces = (line: string, term: string) =>
  mergeMatches(tokenizeXml(line)[0] ?? [], findMatches([line], term)).map(piece =>
    piece.match ? `[${piece.text}]` : piece.text,
  )

test('a match inside a token is cut out of it', () => {
  expect(pieces('<memory>', 'mor')).toEqual(['<', 'me', '[mor]', 'y', '>'])
})

test('a match over several tokens marks each of them', () => {
  expect(pieces('<a b="c">', 'a b="c')).toEqual(['<', '[a]', '[ ]', '[b]', '[=]', '["]', '[c]', '"', '>'])
})

test('the text stays whole, with and without matches', () => {
  const line = `<disk type='file' device='disk'>`
  expect(pieces(line, 'disk').join('').replaceAll(/[[\]]/g, '')).toBe(line)
  expect(pieces(line, 'nowhere').join('')).toBe(line)
})
