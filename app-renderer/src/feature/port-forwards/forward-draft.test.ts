import { expect, test } from 'vitest'
import { EMPTY_DRAFT, placeOf, portIn, portsOf, staysHere } from './forward-draft.ts'

test.each([
  ['80', 80],
  [' 65535 ', 65_535],
  ['0', null],
  ['65536', null],
  ['80a', null],
  ['-1', null],
  ['1e3', null],
  ['', null],
])('%j is the port %s', (text, port) => expect(portIn(text)).toBe(port))

test('an empty port of this computer is any, an empty one of the machine is none', () => {
  expect(portsOf({ ...EMPTY_DRAFT, guestPort: '22' })).toEqual({ guestPort: 22, port: 0 })
  expect(portsOf({ ...EMPTY_DRAFT, guestPort: '22', port: 'x' })).toBe(null)
  expect(portsOf({ ...EMPTY_DRAFT, port: '22' })).toBe(null)
})

test('only loopback stays on this computer', () => {
  expect(['127.0.0.1', '127.1.2.3', '::1', ''].map(staysHere)).toEqual([true, true, true, true])
  expect(['0.0.0.0', '::', '192.168.1.2', '127.example', '::12'].map(staysHere)).not.toContain(true)
})

test('a place is written as browsers want it', () => {
  expect(placeOf({ address: '127.0.0.1', port: 80 })).toBe('127.0.0.1:80')
  expect(placeOf({ address: '::1', port: 80 })).toBe('[::1]:80')
})
