import { expect, test } from 'vitest'
import { fuzzy } from './fuzzy.ts'
import { findItems, type PaletteItem } from './palette-item.ts'

const item = (
  id: string,
  group: PaletteItem['group'],
  label: string,
  part: Partial<PaletteItem> = {},
): PaletteItem => ({
  id,
  group,
  label,
  run: () => {},
  ...part,
})
const items = [
  item('a1', 'actions', 'Start', { object: 'windows-11' }),
  item('a2', 'actions', 'Force off', { object: 'web-1' }),
  item('m1', 'machines', 'rhel-test', { note: 'Rocky Linux 9, off' }),
  item('m2', 'machines', 'web-1'),
  item('v1', 'views', 'Settings'),
]
const found = (query: string, recent: string[] = []) => findItems(items, query, recent).map(each => each.item.id)

test('scattered letters match in their order within one field, and only when asked for', () => {
  expect(fuzzy(['Take snapshot'], 'tsn', 'scattered')?.at).toEqual([0, 5, 6])
  expect(fuzzy(['Take snapshot'], 'tsx', 'scattered')).toBeNull()
  expect(fuzzy(['abc bd'], 'bcd', 'scattered')).not.toBeNull()
  expect(fuzzy(['Take snapshot'], 'tsn')).toBeNull()
  expect(fuzzy(['Start', 'web-1'], 'stweb', 'scattered')).toBeNull()
  expect(fuzzy(['anything'], '')?.at).toEqual([])
})

test('among equals what takes something away stands below', () => {
  const offered = [
    item('a1', 'actions', 'Reset', { object: 'web-1', risky: true }),
    item('a2', 'actions', 'Open screen', { object: 'web-1' }),
    item('a3', 'actions', 'Start', { object: 'web-1' }),
  ]
  const order = (query: string) => findItems(offered, query, []).map(each => each.item.id)
  expect(order('web')).toEqual(['a3', 'a2', 'a1'])
  expect(order('reset web')[0]).toBe('a1')
})

test('matched letters are told, so that they can be shown', () => {
  expect(fuzzy(['rhel-test'], 'test')?.at).toEqual([5, 6, 7, 8])
  expect(fuzzy(['Force off'], 'of')?.at).toEqual([6, 7])
  expect(fuzzy(['Start', 'web-1'], 'web')?.at).toEqual([6, 7, 8])
})

const machines = ['web-1', 'web-10', 'db-west', 'test-web', 'cobweb']
const all = [
  ...machines.flatMap(name =>
    ['Restart', 'Shut down', 'Start', 'Pause', 'Take snapshot…'].map(label =>
      item(`${label} ${name}`, 'actions', label, { object: name }),
    ),
  ),
  ...machines.map(name => item(name, 'machines', name, { note: 'Debian 12, off' })),
  item('Show all machines', 'views', 'Show all machines'),
]

test.each([
  ['st web', ['Start web-1', 'Start web-10', 'Start test-web']],
  ['web st', ['Start web-1', 'Start web-10', 'Start test-web']],
  ['shut web', ['Shut down web-1', 'Shut down web-10']],
  ['down web-10', ['Shut down web-10']],
  ['start web-1', ['Start web-1', 'Start web-10']],
  ['rest web-1', ['Restart web-1', 'Restart web-10']],
  ['web-1', ['web-1', 'web-10']],
  ['west', ['db-west']],
  ['cob', ['cobweb']],
  ['machines', ['Show all machines']],
  ['debian', ['web-1', 'web-10']],
  ['sd web-10', ['Shut down web-10']],
  ['ts cobweb', ['Take snapshot… cobweb']],
])('%s finds first what reads so', (query, first) => {
  const ids = findItems(all, query, []).map(each => each.item.id)
  expect(ids.slice(0, first.length)).toEqual(first)
})

test('what was run lately does not come before a better match', () => {
  const recent = ['Restart web-1', ...machines]
  expect(findItems(all, 'st web', recent)[0]?.item.id).toBe('Start web-1')
})

test('scattered letters find nothing beside what reads as typed', () => {
  const ids = findItems(all, 'st web-10', []).map(each => each.item.id)
  expect(ids).toContain('Restart web-10')
  expect(ids).not.toContain('Shut down web-10')
})

test('words may come in any order, each must be found', () => {
  expect(found('windows start')).toEqual(['a1'])
  expect(found('windows pause')).toEqual([])
})

test('the group of the best hit leads', () => {
  expect(found('web-1')[0]).toBe('m2')
  expect(found('start')[0]).toBe('a1')
})

test('notes are searched, but what is named so comes first', () => {
  expect(found('rocky')).toEqual(['m1'])
})

test('without a query the recent ones lead and nothing shows twice', () => {
  const ids = found('', ['v1', 'gone', 'a2'])
  expect(ids.slice(0, 2)).toEqual(['v1', 'a2'])
  expect(new Set(ids).size).toBe(ids.length)
})
