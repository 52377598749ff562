import type { DomainId } from '@vireo/app-main/contract'
import { expect, test } from 'vitest'
import { formatRoute, HOME, parseRoute, stepFrom } from './route.ts'

test.each(['0b5@qemu:///system', 'x@qemu+ssh://dev@lab:22/system?keyfile=/a b&x=1#y', 'ü%@test:///default'])(
  'the address of %s leads back to it',
  id => {
    for (const wide of [true, false])
      for (const tab of [null, 'screen', 'a&b']) {
        const route = { room: 'machines' as const, machine: id as DomainId, wide, tab }
        expect(parseRoute(formatRoute(route))).toEqual(route)
      }
  },
)

test.each([
  '',
  '#',
  '#/machines',
  '#/machines/',
  '#/hosts/x',
  '#/machines/no-at-sign',
  '#/machines/%E0%A4%A',
  '#//a@b',
])('“%s” leads home', hash => {
  expect(parseRoute(hash)).toEqual(HOME)
})

test('other rooms have addresses too, with the tab that is open in them', () => {
  for (const tab of [null, 'doctor', 'a&b']) {
    const route = { ...HOME, room: 'hosts' as const, tab }
    expect(parseRoute(formatRoute(route))).toEqual(route)
  }
})

test.each(['images', 'networks'] as const)('the %s have an address', room => {
  expect(parseRoute(`#/${room}`)).toEqual({ ...HOME, room })
})

test('a step that names no room leads to the machines', () => {
  const hosts = { ...HOME, room: 'hosts' as const, tab: 'doctor' }
  const machine = 'x@test:///default' as DomainId
  expect(stepFrom(hosts, { wide: false })).toEqual(HOME)
  expect(stepFrom(hosts, { machine })).toMatchObject({ room: 'machines', machine })
  expect(stepFrom({ ...HOME, machine, wide: true }, { room: 'hosts' })).toEqual({ ...HOME, room: 'hosts' })
  expect(stepFrom({ ...HOME, machine }, { tab: 'screen' })).toEqual({ ...HOME, machine, tab: 'screen' })
})
