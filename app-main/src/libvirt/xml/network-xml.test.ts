import { describe, expect, it } from 'vitest'
import { dhcpHostXml, networkXml, parseNetworkXml, type NewNetworkXml } from './network-xml.ts'

const DEFAULT = `<network connections='1'>
  <name>default</name>
  <uuid>542ca1b9-b4bb-4973-b051-fbfa4500ee0e</uuid>
  <forward dev='eth0' mode='nat'>
    <nat><port start='1024' end='65535'/></nat>
    <interface dev='eth0'/>
  </forward>
  <bridge name='virbr0' stp='on' delay='0'/>
  <mac address='52:54:00:ac:8f:94'/>
  <ip family='ipv6' address='fd00:1::1' prefix='64'/>
  <ip address='192.168.122.1' netmask='255.255.255.0'>
    <dhcp>
      <range start='192.168.122.2' end='192.168.122.254'><lease expiry='1' unit='hours'/></range>
      <host mac='52:54:00:AA:BB:CC' name='web' ip='192.168.122.10'/>
      <host id='0:3:0' ip='192.168.122.11'/>
      <host mac='52:54:00:00:00:01' name='no-address'/>
    </dhcp>
  </ip>
</network>`

const NAT: NewNetworkXml = {
  name: 'lab',
  kind: 'nat',
  subnets: [{ family: 'ipv4', address: '10.1.2.1', prefix: 24, dhcp: [{ start: '10.1.2.2', end: '10.1.2.254' }] }],
  bridge: null,
  device: null,
}

describe('definitions of networks', () => {
  it('are read', () => {
    expect(parseNetworkXml(DEFAULT)).toEqual({
      name: 'default',
      uuid: '542ca1b9-b4bb-4973-b051-fbfa4500ee0e',
      forward: 'nat',
      bridge: 'virbr0',
      device: 'eth0',
      subnets: [
        { family: 'ipv6', address: 'fd00:1::1', prefix: 64, dhcp: [] },
        {
          family: 'ipv4',
          address: '192.168.122.1',
          prefix: 24,
          dhcp: [{ start: '192.168.122.2', end: '192.168.122.254' }],
        },
      ],
      fixed: [
        { mac: '52:54:00:aa:bb:cc', ip: '192.168.122.10', name: 'web' },
        { mac: null, ip: '192.168.122.11', name: null },
      ],
      dhcpIndex: 1,
    })
  })

  it('are read although much is missing', () => {
    expect(parseNetworkXml('<network/>')).toMatchObject({ name: '', forward: null, bridge: null, dhcpIndex: -1 })
    expect(parseNetworkXml('<network><forward/></network>').forward).toBe('nat')
    const classes = ['10.0.0.1', '172.16.0.1', '192.168.0.1'].map(
      address => parseNetworkXml(`<network><ip address='${address}'/></network>`).subnets[0]?.prefix,
    )
    expect(classes).toEqual([8, 16, 24])
    expect(() => parseNetworkXml('<network>')).toThrow(/cannot be used/)
  })

  it('are made, and read back as they were meant', () => {
    expect(networkXml(NAT)).toBe(`<network>
  <name>lab</name>
  <forward mode='nat'/>
  <bridge stp='on' delay='0'/>
  <ip family='ipv4' address='10.1.2.1' prefix='24'>
    <dhcp>
      <range start='10.1.2.2' end='10.1.2.254'/>
    </dhcp>
  </ip>
</network>
`)
    expect(parseNetworkXml(networkXml(NAT))).toMatchObject({ name: 'lab', forward: 'nat', subnets: NAT.subnets })
    const six = { family: 'ipv6', address: 'fd00::1', prefix: 64, dhcp: [] } as const
    expect(networkXml({ ...NAT, subnets: [six], device: 'eth0' })).toContain(
      `<forward mode='nat' dev='eth0'>\n    <nat ipv6='yes'/>`,
    )
    const isolated = parseNetworkXml(networkXml({ ...NAT, kind: 'isolated', bridge: 'br-lab' }))
    expect(isolated).toMatchObject({ forward: null, bridge: 'br-lab' })
    const routed = parseNetworkXml(networkXml({ ...NAT, kind: 'routed', device: 'eth0' }))
    expect(routed).toMatchObject({ forward: 'route', device: 'eth0' })
    const bridge = parseNetworkXml(networkXml({ ...NAT, kind: 'bridge', bridge: 'br0', subnets: [] }))
    expect(bridge).toMatchObject({ forward: 'bridge', bridge: 'br0', device: null, subnets: [] })
    const macvtap = parseNetworkXml(networkXml({ ...NAT, kind: 'macvtap', device: 'eth0', subnets: [] }))
    expect(macvtap).toMatchObject({ forward: 'bridge', bridge: null, device: 'eth0' })
  })

  it('hold what was given as text, whatever it is', () => {
    const name = `a'/><ip address="1.2.3.4"/><x y='`
    const read = parseNetworkXml(networkXml({ ...NAT, name, bridge: name, kind: 'bridge', subnets: [] }))
    expect(read).toMatchObject({ name, bridge: name, subnets: [] })
    expect(dhcpHostXml({ mac: `'/>`, ip: '<', name: null })).toBe(`<host mac='&apos;/&gt;' ip='&lt;'/>`)
    expect(dhcpHostXml({ mac: 'm', ip: 'i', name: `a'b` })).toBe(`<host mac='m' name='a&apos;b' ip='i'/>`)
  })
})
