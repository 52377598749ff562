import { expect, test } from 'vitest'
import { tokenizeXml } from './tokenize.ts'

const kinds = (xml: string) =>
  tokenizeXml(xml).map(line => line.filter(token => token.text.trim()).map(token => `${token.kind}:${token.text}`))
const joined = (xml: string) =>
  tokenizeXml(xml)
    .map(line => line.map(token => token.text).join(''))
    .join('\n')

test('names, attributes, values and text are told apart', () => {
  expect(kinds(`<disk type="file">a &amp; b</disk>`)).toEqual([
    [
      'mark:<',
      'name:disk',
      'attribute:type',
      'mark:=',
      'value:"',
      'value:file"',
      'mark:>',
      'text:a &amp; b',
      'mark:</',
      'name:disk',
      'mark:>',
    ],
  ])
})

test('what spans lines goes on', () => {
  expect(kinds(`<!-- <a>\n<b> -->\n<c\n  d='1\n2'/>`)).toEqual([
    ['comment:<!--', 'comment: <a>'],
    ['comment:<b> -->'],
    ['mark:<', 'name:c'],
    ['attribute:d', 'mark:=', "value:'", 'value:1'],
    ["value:2'", 'mark:/>'],
  ])
})

test('markup inside CDATA and quotes is no markup', () => {
  expect(kinds('<![CDATA[<b>]]><i a="<b>"/>')[0]).not.toContain('name:b')
})

test.each([
  '',
  '\n\n',
  '<',
  '<>',
  '</',
  '< a = >',
  '<a b="',
  '<!-- never ends\n',
  'no markup',
  '<a<b<c',
  '\u0000<\u202E>"\'',
  '<?xml version="1.0"?>\n<x/>',
])('broken text %j comes back whole', xml => expect(joined(xml)).toBe(xml))

test('a long line is taken in one pass', () => {
  const long = `<a ${'b="c" '.repeat(50_000)}/>`
  expect(joined(long)).toBe(long)
})
