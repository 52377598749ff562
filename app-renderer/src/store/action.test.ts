import { expect, test } from 'vitest'
import { domainEntries, hindranceOf } from './action.ts'
import { connectionOf, domainOf, entryOf } from './testing.ts'

const start = entryOf('start', { when: ['shutoff'] })
const off = domainOf('a', { state: 'shutoff' })

test('an entry in its state on a ready connection can be used', () => {
  expect(hindranceOf(start, off, connectionOf(), true)).toBeNull()
})

test('another state names the states in which it makes sense', () => {
  expect(hindranceOf(start, domainOf('a'), connectionOf(), true)).toEqual({ kind: 'state', states: ['shutoff'] })
})

test.each([
  ['a connection under way', off, connectionOf({ state: 'connecting' })],
  ['a connection that went away', off, undefined],
])('%s hinders everything', (_, domain, connection) => {
  expect(hindranceOf(start, domain, connection, true)).toEqual({ kind: 'stale' })
})

test('a lost connection is named, also for machines not yet marked as last known', () => {
  const lost = connectionOf({ state: 'lost' })
  for (const domain of [off, { ...off, stale: true }])
    expect(hindranceOf(start, domain, lost, true)).toEqual({ kind: 'lost', uri: off.connection })
})

test('a server that is gone hinders everything, whatever was known last', () => {
  const read = entryOf('openViewer', { effect: 'read' })
  for (const entry of [start, read]) expect(hindranceOf(entry, off, connectionOf(), false)).toEqual({ kind: 'offline' })
})

test('looking only hinders changes, not reading', () => {
  const locked = connectionOf({ readOnly: true })
  expect(hindranceOf(start, off, locked, true)).toEqual({ kind: 'locked' })
  expect(hindranceOf(entryOf('openViewer', { effect: 'read' }), off, locked, true)).toBeNull()
})

test('what the hypervisor cannot is said in its words', () => {
  const connection = connectionOf({ features: { 'managed-save': 'The test driver saves nothing.' } })
  const save = entryOf('save', { when: ['running'] })
  expect(hindranceOf(save, domainOf('a'), connection, true)).toEqual({
    kind: 'feature',
    reason: 'The test driver saves nothing.',
  })
})

test('menus hold titled entries of machines only', () => {
  const untitled = {
    room: 'domain',
    name: 'stats',
    kind: 'call',
    summary: '',
    effect: 'read',
    target: 'domain',
  } as const
  expect(domainEntries([start, untitled, entryOf('add', { target: 'connection' })])).toEqual([start])
})
