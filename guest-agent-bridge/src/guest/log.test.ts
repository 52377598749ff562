import { expect, test } from 'vitest'
import { formatEntry } from './log.ts'

test('one entry is one line without control characters, however it was meant', () => {
  const hostile = 'a\nb\u001b[31m\u009b'
  const pretty = formatEntry('pretty', 0, 'warn', hostile, { path: hostile })
  expect(pretty).toBe('1970-01-01T00:00:00.000Z warn a?b?[31m? path="a\\nb\\u001b[31m?"')
  const json = formatEntry('json', 0, 'warn', hostile, { path: 'x' })
  expect(json).not.toContain('\n')
  expect(JSON.parse(json)).toMatchObject({ level: 'warn', path: 'x' })
})

test('an entry has a limit', () => {
  expect(formatEntry('pretty', 0, 'info', 'x'.repeat(100_000)).length).toBeLessThan(5000)
})
