import { expect, test } from 'vitest'
import { isWithin } from './path-rules.ts'

test.each([
  ['/tmp/a', '/tmp/a', true],
  ['/tmp/a/b/c', '/tmp/a', true],
  ['/tmp/ab', '/tmp/a', false],
  ['/tmp', '/tmp/a', false],
  ['/anything', '/', true],
  ['/', '/', true],
  ['/tmp/a', '/tmp/a/', false],
])('%s within %s: %s', (path, folder, within) => {
  expect(isWithin(path, folder)).toBe(within)
})
