import { expect, test } from 'vitest'
import { emptyNic, type Nic } from './draft.ts'
import { exampleAddress, forwardsBy, isInside, networkOf, subnetOf, subnetText } from './nic-place.ts'
import { optionsOf } from './testing-create.ts'

const subnet = (part: object = {}) => ({
  ...{ family: 'ipv4' as const, address: '192.168.122.1', prefix: 24, dhcp: [] },
  ...part,
})
const networks = [
  { name: 'default', active: true, subnets: [subnet()] },
  { name: 'lab', active: false, subnets: [{ family: 'ipv6' as const, address: 'fd00::1', prefix: 64, dhcp: [] }] },
]
const nic = (part: Partial<Nic> = {}): Nic => ({ ...emptyNic(1), ...part })
const options = optionsOf({ networks })

test('the usual network is “default” while it runs, and while libvirt does not lead ports in', () => {
  expect(networkOf(nic(), options)?.name).toBe('default')
  expect(networkOf(nic({ forwards: '1:1' }), options)?.name).toBe('default')
  expect(networkOf(nic({ forwards: '1:1' }), { ...options, portForwards: true })).toBeNull()
  expect(networkOf(nic(), optionsOf({ networks: [{ name: 'default', active: false, subnets: [] }] }))).toBeNull()
  expect(networkOf(nic({ type: 'network', source: 'lab' }), options)?.name).toBe('lab')
  expect(networkOf(nic({ type: 'bridge', source: 'default' }), options)).toBeNull()
  expect(subnetOf(networkOf(nic({ type: 'network', source: 'lab' }), options))).toBeNull()
})

test.each<[Partial<Nic>, object, ReturnType<typeof forwardsBy>]>([
  [{}, {}, 'vireo'],
  [{}, { portForwards: true }, 'libvirt'],
  [{}, { local: false }, 'nobody'],
  [{}, { networks: [] }, 'nobody'],
  [{ type: 'user' }, {}, 'nobody'],
  [{ type: 'user' }, { portForwards: true, local: false }, 'libvirt'],
  [{ type: 'network', source: 'default' }, { portForwards: true }, 'vireo'],
  [{ type: 'bridge' }, { portForwards: true }, 'nobody'],
])('into %o on a host with %o ports are led by: %s', (card, host, way) => {
  expect(forwardsBy(nic(card), { ...options, ...host })).toBe(way)
})

test.each([
  ['192.168.122.5/24', true],
  ['192.168.122.254', true],
  ['192.168.122.1/24', false],
  ['192.168.122.0/24', false],
  ['192.168.122.255/24', false],
  ['192.168.123.5/24', false],
  ['10.0.0.5/24', false],
])('%s is an address for a machine there: %s', (address, is) => {
  expect(isInside(subnet(), address)).toBe(is)
})

test('proposes an address that is given to nobody', () => {
  expect(subnetText(subnet({ address: '10.3.7.1', prefix: 16 }))).toBe('10.3.0.0/16')
  expect(exampleAddress(subnet())).toBe('192.168.122.2/24')
  expect(exampleAddress(subnet({ dhcp: [{ start: '192.168.122.2', end: '192.168.122.99' }] }))).toBe(
    '192.168.122.100/24',
  )
  expect(exampleAddress(subnet({ dhcp: [{ start: '192.168.122.2', end: '192.168.122.254' }] }))).toBe(
    '192.168.122.2/24',
  )
  expect(exampleAddress(subnet({ prefix: 32 }))).toBeNull()
})
