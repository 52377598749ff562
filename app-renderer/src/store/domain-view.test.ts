import { expect, test } from 'vitest'
import {
  countByFilter,
  type Filter,
  filterDomains,
  matches,
  type Measures,
  type Sort,
  sortDomains,
} from './domain-view.ts'
import { domainOf, mapOf, SESSION } from './testing.ts'

const address = (ip: string) => [{ ip, prefix: null, mac: null, source: 'lease' as const }]
const web10 = domainOf('web-10', { guestOs: 'Debian 12', addresses: address('192.168.122.10') })
const web2 = domainOf('web-2', { state: 'shutoff', title: 'Shop front' })
const lab = domainOf('Lab', { state: 'crashed', connection: SESSION })
const held = domainOf('held', { state: 'paused', reason: 'I/O error' })
const all = mapOf(web10, web2, lab, held)
const unmeasured: Measures = {
  ...{ cpu: () => null, memory: () => null, disk: () => null },
  os: domain => domain.guestOs,
  address: domain => domain.addresses[0]?.ip ?? null,
}

const BY_NAME: Sort = { key: 'name', descending: false }

const names = (view: Partial<{ filter: Filter; query: string; sort: Sort }>, measures = unmeasured) =>
  filterDomains(sortDomains(all, view.sort ?? BY_NAME, measures), view.filter ?? 'all', view.query ?? '').map(
    domain => domain.name,
  )

test('names sort as people count, without regard to case', () => {
  expect(names({})).toEqual(['held', 'Lab', 'web-2', 'web-10'])
  expect(names({ sort: { key: 'name', descending: true } })).toEqual(['web-10', 'web-2', 'Lab', 'held'])
})

test('every word of the query must occur, in name, title, system or address', () => {
  expect(names({ query: 'WEB' })).toEqual(['web-2', 'web-10'])
  expect(names({ query: 'web debian' })).toEqual(['web-10'])
  expect(names({ query: '122.10' })).toEqual(['web-10'])
  expect(names({ query: 'shop' })).toEqual(['web-2'])
  expect(names({ query: 'web arch' })).toEqual([])
  expect(matches(lab, '   ')).toBe(true)
})

test('what only the guest tells is found too', () => {
  const inside = (domain: typeof lab) => (domain === lab ? ['Alpine Linux', '10.0.0.9'] : [])
  expect(filterDomains([...all.values()], 'all', 'alpine 10.0', inside)).toEqual([lab])
})

test('a query is text, never a pattern', () => {
  expect(names({ query: '.*' })).toEqual([])
  expect(matches(domainOf('a.*b'), '.*')).toBe(true)
})

test('filters count what they show; a pause with a reason needs attention', () => {
  expect(countByFilter(all)).toEqual({ all: 4, running: 2, off: 1, attention: 2 })
  expect(names({ filter: 'attention' })).toEqual(['held', 'Lab'])
  expect(names({ filter: 'off' })).toEqual(['web-2'])
})

test('what is not known stands last in both directions', () => {
  const cpu = new Map([
    [web10.id, 0.5],
    [held.id, 0.1],
  ])
  const measures: Measures = { ...unmeasured, cpu: id => cpu.get(id) ?? null }
  const view = (descending: boolean) => names({ sort: { key: 'cpu', descending } }, measures)
  expect(view(true)).toEqual(['web-10', 'held', 'Lab', 'web-2'])
  expect(view(false)).toEqual(['held', 'web-10', 'Lab', 'web-2'])
})

test('a thousand machines keep one order whatever order they came in', () => {
  const many = Array.from({ length: 1000 }, (_, at) => domainOf(`vm-${at % 10}`, { id: `${at}@x` as typeof web10.id }))
  const there = sortDomains(mapOf(...many), BY_NAME, unmeasured)
  expect(sortDomains(mapOf(...many.toReversed()), BY_NAME, unmeasured)).toEqual(there)
})
