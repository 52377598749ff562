import { expect, test } from 'vitest'
import { applyChanges, replaceAll, sameDomain } from './domain-change.ts'
import { domainOf, mapOf, SESSION, SYSTEM } from './testing.ts'

const [a, b, other] = [domainOf('a'), domainOf('b'), domainOf('a', { connection: SESSION })]

test('a batch changes, adds and removes in its order', () => {
  const off = { ...a, state: 'shutoff' as const }
  const next = applyChanges(mapOf(a, b), [
    { connection: SYSTEM, full: false, changed: [off], removed: [] },
    { connection: SYSTEM, full: false, changed: [other], removed: [b.id] },
  ])
  expect([...next.values()]).toEqual([off, other])
})

test('a machine that was removed and came back in one batch is there', () => {
  const next = applyChanges(mapOf(a), [
    { connection: SYSTEM, full: false, changed: [], removed: [a.id] },
    { connection: SYSTEM, full: false, changed: [a], removed: [] },
  ])
  expect(next.has(a.id)).toBe(true)
})

test('a full resync forgets what it does not name, on its own connection only', () => {
  const next = applyChanges(mapOf(a, b, other), [{ connection: SYSTEM, full: true, changed: [b], removed: [] }])
  expect([...next.keys()]).toEqual([b.id, other.id])
})

test('what says nothing new keeps the map and its records, so that nothing paints', () => {
  const known = mapOf(a, b)
  const same = { ...a, addresses: [...a.addresses] }
  expect(applyChanges(known, [{ connection: SYSTEM, full: true, changed: [same, { ...b }], removed: [] }])).toBe(known)
  expect(replaceAll(known, [same]).get(a.id)).toBe(a)
})

test('removing an unknown machine changes nothing', () => {
  const known = mapOf(a)
  expect(applyChanges(known, [{ connection: SYSTEM, full: false, changed: [], removed: [b.id] }])).toBe(known)
})

test('records differ by any field and by each address', () => {
  const address = { ip: '10.0.0.1', prefix: 24, mac: null, source: 'lease' as const }
  expect(sameDomain(a, { ...a, reason: 'Crashed' })).toBe(false)
  expect(sameDomain(a, { ...a, addresses: [address] })).toBe(false)
  expect(sameDomain({ ...a, addresses: [address] }, { ...a, addresses: [{ ...address, ip: '10.0.0.2' }] })).toBe(false)
  expect(sameDomain({ ...a, addresses: [address] }, { ...a, addresses: [{ ...address }] })).toBe(true)
})
