import { expect, test } from 'vitest'
import { domainOf } from '../../store/testing.ts'
import { TABS, tabsOf } from './detail-tabs.ts'

test('machines of LXD have neither screen nor libvirt XML, all others every view', () => {
  expect(tabsOf(domainOf('box', { kind: 'lxd' }))).toEqual([
    'overview',
    'serial',
    'terminal',
    'guest',
    'files',
    'commands',
  ])
  expect(tabsOf(domainOf('vm'))).toEqual(TABS)
  expect(tabsOf(domainOf('pretend', { kind: 'test' }))).toEqual(TABS)
})
