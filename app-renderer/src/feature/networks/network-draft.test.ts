import type { ConnectionUri, HostInterface, NetworkIssue } from '@vireo/app-main/contract'
import { expect, test } from 'vitest'
import { type Draft, emptyDraft, inputOf, issueAt, waysOut } from './network-draft.ts'

const SYSTEM = 'qemu:///system' as ConnectionUri
const FULL: Draft = {
  ...{ name: ' lab ', kind: 'nat', subnet: '10.1.2.0/24', dhcp: true, dhcpStart: '10.1.2.9', dhcpEnd: ' 10.1.2.99 ' },
  ...{ subnet6: 'fd00:1::/64', bridge: 'br0', device: 'eth0', autostart: true },
}
const link = (name: string, part: Partial<HostInterface> = {}): HostInterface => ({
  ...{ name, up: true, bridge: false, wireless: false, physical: false, master: null, network: null, ...part },
})

test('what is left open is left to the server', () => {
  expect(inputOf(SYSTEM, { ...emptyDraft(null), name: 'lab' })).toEqual({
    ...{ connection: SYSTEM, name: 'lab', kind: 'nat', subnet: null, dhcp: true, dhcpStart: null, dhcpEnd: null },
    ...{ subnet6: null, bridge: null, device: null },
  })
  expect(inputOf(SYSTEM, FULL)).toMatchObject({ name: 'lab', dhcpEnd: '10.1.2.99', bridge: 'br0', device: 'eth0' })
})

test('what was filled in for another kind stays out', () => {
  const none = { subnet: null, dhcpStart: null, dhcpEnd: null, subnet6: null }
  expect(inputOf(SYSTEM, { ...FULL, kind: 'bridge' })).toMatchObject({ ...none, bridge: 'br0', device: null })
  expect(inputOf(SYSTEM, { ...FULL, kind: 'macvtap' })).toMatchObject({ ...none, bridge: null, device: 'eth0' })
  expect(inputOf(SYSTEM, { ...FULL, kind: 'isolated' })).toMatchObject({ subnet: '10.1.2.0/24', device: null })
  expect(inputOf(SYSTEM, { ...FULL, dhcp: false })).toMatchObject({ dhcp: false, dhcpStart: null, dhcpEnd: null })
})

test('a kind is offered what it can lead to, hardware first', () => {
  const all = [
    link('virbr0', { bridge: true, network: 'default' }),
    link('br0', { bridge: true }),
    link('veth1'),
    link('eth0', { physical: true }),
    link('wlan0', { physical: true, wireless: true }),
  ]
  const names = (kind: Draft['kind']) => waysOut(kind, all)?.map(({ name }) => name) ?? null
  expect(names('bridge')).toEqual(['br0'])
  expect(names('macvtap')).toEqual(['eth0', 'veth1'])
  expect(names('nat')).toEqual(['eth0', 'wlan0', 'br0', 'veth1'])
  expect(names('isolated')).toBeNull()
})

test('nobody is told of mistakes in fields they have not been in', () => {
  const issues: NetworkIssue[] = [
    { field: 'name', code: 'name.invalid', values: {} },
    { field: 'subnet', code: 'subnet.route', values: {} },
    { field: 'subnet', code: 'subnet.size', values: {} },
  ]
  expect(issueAt(issues, 'name', new Set())).toBeNull()
  expect(issueAt(issues, 'subnet', new Set(['subnet']))?.code).toBe('subnet.route')
})
