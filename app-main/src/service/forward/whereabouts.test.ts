import { describe, expect, it } from 'vitest'
import { domainId, ForwardId, type Address, type ConnectionUri, type ForwardRule } from '../../contract/index.ts'
import { parseSubnet } from '../network/subnet.ts'
import { MemoryDriver } from '../../hypervisor/memory/driver.ts'
import { DriverRegistry } from '../../hypervisor/registry.ts'
import { ConnectionSet } from '../connection/connection-set.ts'
import { checkGuestAddress, finder, reachable } from './whereabouts.ts'

const bridges = [parseSubnet('192.168.122.1/24')!]
const own = new Set(['192.168.122.1', '10.0.0.2'])
const from = (source: Address['source'], ...ips: string[]): Address[] =>
  ips.map(ip => ({ ip, prefix: null, mac: null, source }))

describe('where a machine may be reached', () => {
  it('is what this computer saw, IPv4 first, a lease before the ARP table', () => {
    const seen = [...from('arp', '192.168.122.9'), ...from('lease', 'fd00::5', '192.168.122.5')]
    expect(reachable(seen, bridges, own)).toEqual(['192.168.122.5', '192.168.122.9', 'fd00::5'])
  })

  it('is what the guest says only where it could be anyway', () => {
    const said = from('agent', '192.168.122.7', '10.0.0.9', '8.8.8.8')
    expect(reachable(said, bridges, own)).toEqual(['192.168.122.7'])
    expect(reachable(from('agent', '192.168.122.7'), [], own)).toEqual([])
  })

  it.each(['127.0.0.1', '::1', '0.0.0.0', '169.254.1.1', '224.0.0.1', 'fe80::1', '::ffff:127.0.0.1', '192.168.122.1'])(
    'is never this computer or nobody: %s',
    ip => {
      for (const source of ['lease', 'arp', 'agent'] as const)
        expect(reachable(from(source, ip), bridges, own)).toEqual([])
    },
  )

  it('is no text that is no address', () => {
    expect(reachable(from('lease', '192.168.122.5; rm', 'host.example', '....', ''), bridges, own)).toEqual([])
  })

  it('may be said by a person, but not this computer', () => {
    expect(() => checkGuestAddress('198.51.100.7')).not.toThrow()
    expect(() => checkGuestAddress('127.0.0.1')).toThrow(/own/)
  })
})

describe('where the machine of a forward is', () => {
  it('is what a person says of one that runs, unless that leads back here', async () => {
    const uri = 'memory:///where?domains=1' as ConnectionUri
    const driver = new MemoryDriver()
    const connections = new ConnectionSet(new DriverRegistry([driver]), () => undefined)
    connections.add(uri)
    const machine = driver.host(uri).machines.values().next().value!
    const rule: ForwardRule = {
      ...{ id: ForwardId.parse('00000000'), domain: domainId(machine.key, uri), name: machine.name, protocol: 'tcp' },
      ...{ address: '127.0.0.1', port: 1, guestPort: 1, guestAddress: '198.51.100.7' },
    }
    const { signal } = new AbortController()
    const where = (guestAddress: string | null) => finder(connections).where({ ...rule, guestAddress }, signal)
    try {
      expect(await where('198.51.100.7')).toMatchObject({ kind: 'off' })
      driver.host(uri).enter(machine, 'running')
      expect(await where('198.51.100.7')).toEqual({ kind: 'at', ips: ['198.51.100.7'] })
      expect(await where('127.0.0.1')).toMatchObject({ kind: 'no-address' })
      expect(await where(null)).toMatchObject({ kind: 'no-address', reason: expect.stringContaining(machine.name) })
      driver.host(uri).setReachable(false)
      expect(await where(null)).toMatchObject({ kind: 'unreachable' })
    } finally {
      connections.dispose()
    }
  })
})
