import { spawnSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { parse, parseDocument } from 'yaml'
import { PYTHON_YAML, pythonYaml } from './python-yaml.ts'

const read = (text: string): unknown => parse(text, PYTHON_YAML)

const TEXTS = [
  ...['52:54:00:12:34:56', '52:54:00:00:00:01', '12:30', '190:20:30.15', 'fd00::5', '0.0.0.0/0', '::/0'],
  ...['on', 'Off', 'yes', 'NO', 'true', 'null', '~', '', 'y', 'n', '=', '<<', '.inf', '.nan'],
  ...[
    '0644',
    '0o17',
    '0x1f',
    '0b11',
    '1_000',
    '1e3',
    '1.5',
    '6.02e+23',
    '-1',
    '+5',
    '2032-09-01',
    '2001-12-14 21:59:43',
  ],
  ...[
    'a: b',
    'a #b',
    '#a',
    '- a',
    '@a',
    '`a`',
    '%a',
    '!a',
    '&a',
    '*a',
    '|',
    '>',
    "it's",
    '"',
    'a\\b',
    '\u0085',
    '\u2028',
  ],
  ...['two\nlines\n', ' blank', 'blank ', '\ttab', 'a\tb', 'é😀', 'long '.repeat(60), '---', '...', '{a}', '[a]'],
]

describe('YAML for guests', () => {
  it('gives every text back as the text it was, to both versions of YAML, as value and as key', () => {
    const keys = TEXTS.filter(text => text !== '<<').map(text => [text, 1])
    const value = { texts: TEXTS, keys: Object.fromEntries(keys) }
    const text = pythonYaml(value)
    expect(read(text)).toEqual(value)
    expect(parse(text)).toEqual(value)
  })

  it('gives them back to Python’s own reader', () => {
    const value = { texts: TEXTS, keys: Object.fromEntries(TEXTS.map(text => [text, 1])), flag: true, number: 5 }
    const script = 'import json, sys, yaml\nprint(json.dumps(yaml.safe_load(sys.stdin.buffer.read())))'
    const { stdout, stderr } = spawnSync('python3', ['-c', script], { input: pythonYaml(value), encoding: 'utf8' })
    expect(stderr).toBe('')
    expect(JSON.parse(stdout)).toEqual(value)
  })

  it('reads what a person wrote as the guest would', () => {
    expect(read('a: yes\nb: Off\nc: 0644\nd: y\ne: n\nf: 2032-09-01\ng: =\n')).toEqual({
      ...{ a: true, b: false, c: 420, d: 'y', e: 'n', f: '2032-09-01', g: '=' },
    })
    expect(read('base: &base {a: 1}\nmore: {<<: *base, b: 2}\n')).toMatchObject({ more: { a: 1, b: 2 } })
    expect(read('52:54:00:12:34:56')).toBe(41_135_085_296)
  })

  it('keeps bytes, and tells of tags that the guest does not know', () => {
    const bytes = read('!!binary aGk=')
    expect(bytes).toEqual(Buffer.from('hi'))
    expect(read(pythonYaml({ content: bytes }))).toEqual({ content: bytes })
    expect(parseDocument('!strange 1', PYTHON_YAML).warnings).toHaveLength(1)
  })
})
