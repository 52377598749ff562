import { expect, test } from 'vitest'
import { parseOptions } from './options.ts'

test('long and short, with and without equals signs', () => {
  const expected = { config: '/c', device: '/d=1', logLevel: 'debug', foreground: true, show: null, guard: false }
  expect(parseOptions(['-f', '-c', '/c', '-d', '/d=1', '-l', 'debug'])).toEqual(expected)
  expect(parseOptions(['--foreground', '--config=/c', '--device=/d=1', '--log-level=debug'])).toEqual(expected)
})

test('nothing said', () => {
  expect(parseOptions([])).toMatchObject({ config: '/etc/vireo-agent/config.json', device: null, foreground: false })
})

test.each([
  [['--device'], '--device needs a value'],
  [['--log-level', 'loud'], 'no log level "loud"'],
  [['--frobnicate'], 'unknown option --frobnicate'],
  [['extra'], 'unknown option extra'],
])('%j is refused', (args, why) => {
  expect(() => parseOptions(args)).toThrow(why)
})
