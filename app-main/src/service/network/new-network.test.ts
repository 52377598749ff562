import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  NETWORK_WORDS,
  networkEnglish,
  type ConnectionUri,
  type HostInterface,
  type Network,
  type NewNetwork,
} from '../../contract/index.ts'
import { parseNetworkXml, networkXml } from '../../libvirt/xml/network-xml.ts'
import { checkNewNetwork, type Surroundings } from './new-network.ts'

const connection = 'qemu:///system' as ConnectionUri
const WANTED: NewNetwork = {
  ...{ connection, name: 'lab', kind: 'nat', subnet: '10.20.30.0/24', dhcp: true, dhcpStart: null, dhcpEnd: null },
  ...{ subnet6: null, bridge: null, device: null },
}
const DEFAULT: Network = {
  ...{ connection, name: 'default', uuid: 'u', kind: 'nat', active: true, autostart: true, persistent: true },
  ...{ bridge: 'virbr0', device: null, fixed: [], users: [] },
  subnets: [
    { family: 'ipv4', address: '192.168.122.1', prefix: 24, dhcp: [] },
    { family: 'ipv6', address: 'fd00:122::1', prefix: 64, dhcp: [] },
  ],
}
const ONTO: Network = { ...DEFAULT, name: 'office', kind: 'bridge', bridge: 'br0', subnets: [] }
const link = (name: string, more: Partial<HostInterface> = {}) => ({
  ...{ name, up: true, bridge: false, wireless: false, physical: true, master: null, ...more },
})
const AROUND: Surroundings = {
  networks: [DEFAULT, ONTO],
  host: {
    interfaces: [
      link('eth0'),
      link('wlan0', { wireless: true }),
      link('br0', { bridge: true }),
      link('virbr0', { bridge: true }),
      link('odd+name'),
    ],
    routes: [
      { subnet: '192.168.1.0/24', device: 'eth0' },
      { subnet: '172.16.0.0/12', device: 'tun0' },
      { subnet: 'fd00:0001:0000:0000:0000:0000:0000:0000/64', device: 'eth0' },
    ],
  },
}
const codes = (change: Partial<NewNetwork>, around = AROUND): string[] =>
  checkNewNetwork({ ...WANTED, ...change }, around).issues.map(({ field, code }) => `${field}: ${code}`)

describe('a new network', () => {
  it('is planned in full', () => {
    expect(checkNewNetwork(WANTED, AROUND)).toEqual({
      issues: [],
      plan: {
        ...{ name: 'lab', kind: 'nat', bridge: null, device: null },
        subnets: [
          { family: 'ipv4', address: '10.20.30.1', prefix: 24, dhcp: [{ start: '10.20.30.2', end: '10.20.30.254' }] },
        ],
      },
    })
  })

  it('gets a free subnet when none is asked for', () => {
    const [first] = checkNewNetwork({ ...WANTED, subnet: null }, AROUND).plan.subnets
    expect(first?.prefix).toBe(24)
    const taken: Surroundings = {
      ...AROUND,
      networks: [{ ...DEFAULT, subnets: [{ family: 'ipv4', address: '10.0.0.1', prefix: 8, dhcp: [] }] }],
    }
    expect(checkNewNetwork({ ...WANTED, subnet: null }, taken).plan.subnets[0]?.address).toMatch(/^192\.168\./)
    const full = {
      ...taken,
      host: {
        interfaces: [],
        routes: [
          { subnet: '192.168.0.0/16', device: 'x' },
          { subnet: '172.16.0.0/12', device: 'x' },
        ],
      },
    }
    expect(codes({ subnet: null }, full)).toEqual(['subnet: subnet.none-free'])
  })

  it.each([
    ...['', '-x', '.', '..', '../etc', 'a/b', 'a b', 'a\nb', "a'/><x", '$(reboot)', 'a\0', 'ä', 'x'.repeat(51), '%s'],
  ])('is refused the name %j', name => expect(codes({ name })).toEqual(['name: name.invalid']))

  it.each(['a', '0', 'lab-1.test_2', 'x'.repeat(50)])('may be called %s', name => expect(codes({ name })).toEqual([]))

  it('is refused a name that is taken', () => expect(codes({ name: 'default' })).toEqual(['name: name.taken']))

  it.each([
    ['nonsense', 'subnet.invalid'],
    ['', 'subnet.invalid'],
    ['fd00:2::/64', 'subnet.invalid'],
    ['10.0.0.0/7', 'subnet.size'],
    ['10.20.30.0/30', 'subnet.size'],
    ['10.20.30.1/24', 'subnet.host-bits'],
    ['127.0.0.0/24', 'subnet.reserved'],
    ['224.0.0.0/24', 'subnet.reserved'],
    ['192.168.122.0/24', 'subnet.network'],
    ['192.168.0.0/16', 'subnet.network'],
    ['192.168.122.128/25', 'subnet.network'],
    ['192.168.1.0/24', 'subnet.route'],
    ['192.168.1.64/26', 'subnet.route'],
    ['172.20.0.0/16', 'subnet.route'],
  ])('is refused the subnet %s', (subnet, code) => expect(codes({ subnet })).toEqual([`subnet: ${code}`]))

  it.each([
    ['10.20.30.0/24', 'subnet6.invalid'],
    ['fd00:2::/48', 'subnet6.size'],
    ['fd00:2::5/64', 'subnet.host-bits'],
    ['fe80::/64', 'subnet.reserved'],
    ['fd00:122::/64', 'subnet.network'],
    ['fd00:1::/64', 'subnet.route'],
  ])('is refused the IPv6 subnet %s', (subnet6, code) => expect(codes({ subnet6 })).toEqual([`subnet6: ${code}`]))

  it('may have both families', () => {
    const { issues, plan } = checkNewNetwork({ ...WANTED, subnet6: 'fd00:2::/64' }, AROUND)
    expect(issues).toEqual([])
    expect(plan.subnets[1]).toEqual({ family: 'ipv6', address: 'fd00:2::1', prefix: 64, dhcp: [] })
  })

  it.each([
    ['10.20.30.10', null, 'dhcpEnd: dhcp.both'],
    [null, '10.20.30.10', 'dhcpStart: dhcp.both'],
    ['10.20.30', '10.20.30.9', 'dhcpStart: dhcp.invalid'],
    ['10.20.30.9', '10.20.31.9', 'dhcpEnd: dhcp.outside'],
    ['10.20.30.0', '10.20.30.9', 'dhcpStart: dhcp.edge'],
    ['10.20.30.9', '10.20.30.255', 'dhcpEnd: dhcp.edge'],
    ['10.20.30.9', '10.20.30.8', 'dhcpEnd: dhcp.order'],
    ['10.20.30.1', '10.20.30.8', 'dhcpStart: dhcp.own'],
  ])('is refused to give out %s to %s', (dhcpStart, dhcpEnd, issue) =>
    expect(codes({ dhcpStart, dhcpEnd })).toEqual([issue]),
  )

  it('may give out one address, or none', () => {
    expect(codes({ dhcpStart: '10.20.30.9', dhcpEnd: '10.20.30.9' })).toEqual([])
    expect(checkNewNetwork({ ...WANTED, dhcp: false }, AROUND).plan.subnets[0]?.dhcp).toEqual([])
    expect(codes({ dhcp: false, dhcpStart: '10.20.30.9' })).toEqual(['dhcpStart: dhcp.unused'])
  })

  it.each(['br0', 'eth0', 'virbr0'])('is refused %s as its own new bridge', bridge =>
    expect(codes({ bridge })).toEqual(['bridge: bridge.taken']),
  )

  it.each([
    ...['', '.', '..', '-x', 'a b', 'a/b', 'x'.repeat(16), 'virbr%d', "x'/><a", '$(id)', 'a:b', 'lo', 'all', 'default'],
    ...['a\n', 'ö'],
  ])('is refused a bridge called %j', bridge => {
    expect(codes({ bridge })).toEqual(['bridge: bridge.invalid'])
    expect(codes({ kind: 'bridge', subnet: null, bridge })).toEqual(['bridge: bridge.invalid'])
    expect(codes({ kind: 'macvtap', subnet: null, device: bridge })).toEqual(['device: device.invalid'])
  })

  it('leads to what the computer has', () => {
    const onto = { kind: 'bridge', subnet: null } as const
    expect(codes({ ...onto, bridge: 'br0' })).toEqual([])
    expect(codes(onto)).toEqual(['bridge: bridge.missing'])
    expect(codes({ ...onto, bridge: 'br7' })).toEqual(['bridge: bridge.unknown'])
    expect(codes({ ...onto, bridge: 'eth0' })).toEqual(['bridge: bridge.not-bridge'])
    expect(codes({ ...onto, bridge: 'virbr0' })).toEqual(['bridge: bridge.network'])
    expect(codes({ ...onto, bridge: 'br0', device: 'eth0' })).toEqual(['device: device.unused'])
    const tap = { kind: 'macvtap', subnet: null } as const
    expect(codes({ ...tap, device: 'eth0' })).toEqual([])
    expect(codes({ ...tap, device: 'odd+name' })).toEqual([])
    expect(codes(tap)).toEqual(['device: device.missing'])
    expect(codes({ ...tap, device: 'eth7' })).toEqual(['device: device.unknown'])
    expect(codes({ ...tap, device: 'br0' })).toEqual(['device: device.bridge'])
    expect(codes({ ...tap, device: 'wlan0' })).toEqual(['device: device.wireless'])
    expect(codes({ ...tap, device: 'eth0', bridge: 'br0' })).toEqual(['bridge: bridge.unused'])
    expect(codes({ device: 'eth7' })).toEqual(['device: device.unknown'])
    expect(codes({ kind: 'isolated', device: 'eth0' })).toEqual(['device: device.unused'])
  })

  it('has no subnet of its own where addresses come from outside', () => {
    const outside = { kind: 'bridge', bridge: 'br0', subnet6: 'fd00:2::/64', dhcpStart: '10.20.30.9' } as const
    expect(codes(outside)).toEqual(['subnet: subnet.unused', 'subnet6: subnet.unused', 'dhcpStart: subnet.unused'])
  })

  it('of another computer is held against its networks only', () => {
    const far = { networks: [DEFAULT], host: null }
    expect(codes({ subnet: '192.168.1.0/24' }, far)).toEqual([])
    expect(codes({ subnet: '192.168.122.0/24' }, far)).toEqual(['subnet: subnet.network'])
    expect(codes({ kind: 'bridge', subnet: null, bridge: 'br7' }, far)).toEqual([])
    expect(codes({ kind: 'bridge', subnet: null, bridge: 'br 7' }, far)).toEqual(['bridge: bridge.invalid'])
  })

  it('is told in English for every word, with all values in place', () => {
    for (const code of Object.keys(NETWORK_WORDS)) expect(networkEnglish({ code, values: {} })).not.toContain('{{')
    const { issues } = checkNewNetwork({ ...WANTED, subnet: '192.168.1.0/24' }, AROUND)
    expect(issues.map(networkEnglish)).toEqual([
      '192.168.1.0/24 overlaps 192.168.1.0/24, which this computer reaches through eth0',
    ])
  })

  it('that passes, whatever was asked for, is a definition that says exactly the plan', () => {
    const odd = fc.oneof(fc.string(), fc.constantFrom('lab', '10.9.0.0/16', '10.9.0.5', 'br0', 'eth0', 'fd00:9::/64'))
    const maybe = fc.option(odd, { nil: null })
    const wanted = fc.record({
      ...{
        connection: fc.constant(connection),
        name: odd,
        kind: fc.constantFrom('nat', 'routed', 'isolated', 'bridge', 'macvtap'),
      },
      ...{
        subnet: maybe,
        subnet6: maybe,
        dhcp: fc.boolean(),
        dhcpStart: maybe,
        dhcpEnd: maybe,
        bridge: maybe,
        device: maybe,
      },
    })
    fc.assert(
      fc.property(wanted, asked => {
        const { issues, plan } = checkNewNetwork(asked, AROUND)
        if (issues.length > 0) return
        const { name, subnets, bridge } = parseNetworkXml(networkXml(plan))
        expect({ name, subnets, bridge }).toEqual({ name: plan.name, subnets: plan.subnets, bridge: plan.bridge })
      }),
    )
  })
})
