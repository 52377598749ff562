import type { AppError } from '@vireo/app-main/contract'
import { expect, test } from 'vitest'
import { connectionOf, SESSION, SYSTEM } from '../../store/testing.ts'
import { byTrouble, emptyReason } from './empty-reason.ts'
import { placeName } from './place.ts'

const done = { loaded: true, error: null }
const lost = { kind: 'timeout', message: 'late' } as const

test('before the first answer we are connecting, or say what failed', () => {
  expect(emptyReason([], { loaded: false, error: null }).kind).toBe('connecting')
  expect(emptyReason([], { loaded: false, error: lost })).toEqual({ kind: 'failed', error: lost })
})

test('no connection at all is told apart from one that cannot be used', () => {
  expect(emptyReason([], done).kind).toBe('no-connections')
  const broken = connectionOf({ state: 'unavailable' })
  expect(emptyReason([broken], done)).toEqual({ kind: 'trouble', troubled: [broken] })
})

test('one that is ready and empty teaches, whatever the others do', () => {
  const connections = [connectionOf({ state: 'unavailable' }), connectionOf({ uri: SESSION })]
  expect(emptyReason(connections, done)).toEqual({ kind: 'no-machines', uri: SESSION })
})

test('while one is still trying nothing is final', () => {
  const trying = connectionOf({ uri: SESSION, state: 'connecting' })
  expect(emptyReason([connectionOf({ state: 'unavailable' }), trying], done)).toEqual({
    kind: 'connecting',
    waiting: [trying],
  })
})

test('one trouble of several connections is said once, different ones apart', () => {
  const missing: AppError = { kind: 'connection', trouble: 'not-installed', message: 'no libvirtd', fix: ['install'] }
  const system = connectionOf({ state: 'unavailable', error: missing })
  const session = connectionOf({ uri: SESSION, state: 'unavailable', error: { ...missing } })
  expect(byTrouble([system, session])).toEqual([[system, session]])
  const closed = { ...session, error: { ...missing, message: 'no virtqemud' } }
  expect(byTrouble([system, closed])).toEqual([[system], [closed]])
  const silent = [connectionOf({ state: 'lost' }), connectionOf({ uri: SESSION, state: 'lost' })]
  expect(byTrouble(silent)).toHaveLength(2)
})

test.each([
  [SYSTEM, 'This computer'],
  ['qemu+ssh://dev@lab-01:22/system', 'lab-01'],
  ['qemu+tls://[::1]/system', '[::1]'],
  ['test:///tmp/node.xml', 'test:///tmp/node.xml'],
  ['constructor', 'constructor'],
])('%s is called %s', (uri, name) => {
  expect(placeName(uri as typeof SYSTEM)).toBe(name)
})
