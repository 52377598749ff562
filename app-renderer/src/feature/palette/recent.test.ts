import { beforeEach, expect, test } from 'vitest'
import { readRecent, rememberRecent } from './recent.ts'

beforeEach(() => localStorage.clear())

test('the newest comes first, once, and the list stays short', () => {
  for (let at = 0; at < 30; at++) rememberRecent(`id-${at}`)
  rememberRecent('id-25')
  expect(readRecent()[0]).toBe('id-25')
  expect(readRecent().filter(id => id === 'id-25')).toHaveLength(1)
  expect(readRecent().length).toBeLessThanOrEqual(12)
})

test.each(['{', '"text"', '[1,null,"a"]'])('what stands in storage as %s does no harm', text => {
  localStorage.setItem('vireo.palette-recent', text)
  expect(readRecent().every(id => typeof id === 'string')).toBe(true)
})
