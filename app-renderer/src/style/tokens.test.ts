import { expect, test } from 'vitest'

const sheets = import.meta.glob<string>(['../**/*.css', '!./tokens.css'], {
  eager: true,
  query: '?raw',
  import: 'default',
})

/** Declarations only: conditions of media and container queries cannot use tokens. */
const declarations = (css: string): string[] =>
  css
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .split('\n')
    .filter(line => !line.trimStart().startsWith('@'))

const offending = (pattern: RegExp): string[] =>
  Object.entries(sheets).flatMap(([path, css]) =>
    declarations(css)
      .filter(line => pattern.test(line))
      .map(line => `${path}: ${line.trim()}`),
  )

test('there are style sheets to look at', () => {
  expect(Object.keys(sheets).length).toBeGreaterThan(10)
})

test('colours, pixels and durations are written in tokens.css alone', () => {
  expect(offending(/#[0-9a-f]{3,8}\b|\brgba?\(|\bhsla?\(|\d(px|ms|rem)\b|\b\d*\.?\d+s\b/i)).toEqual([])
})

test('nothing is laid out by left and right, so that it can be mirrored', () => {
  expect(
    offending(/(^|[\s;])(margin|padding|border)-(left|right)\b|(^|\s)(left|right):|text-align:\s*(left|right)|float:/),
  ).toEqual([])
})
