import { describe, expect, it } from 'vitest'
import { domainId, type ConnectionUri, type DhcpLease, type Network } from '../../contract/index.ts'
import { addressFor, cardOf, type Card } from './fixed-address.ts'

const connection = 'qemu:///system' as ConnectionUri
const [web, db] = [domainId('web', connection), domainId('db', connection)]
const LAB: Network = {
  ...{ connection, name: 'lab', uuid: 'u', kind: 'nat', active: true, autostart: true, persistent: true },
  ...{ bridge: 'virbr7', device: null },
  subnets: [
    { family: 'ipv4', address: '10.20.30.1', prefix: 24, dhcp: [{ start: '10.20.30.2', end: '10.20.30.254' }] },
  ],
  fixed: [{ mac: '52:54:00:00:00:02', ip: '10.20.30.20', name: null }],
  users: [
    { id: web, name: 'web', macs: ['52:54:00:00:00:01'], running: true },
    { id: db, name: 'db', macs: ['52:54:00:00:00:02', '52:54:00:00:00:03'], running: false },
  ],
}
const BRIDGED: Network = { ...LAB, name: 'office', kind: 'bridge', subnets: [], fixed: [] }
const code = (result: object | string) => (typeof result === 'object' && 'code' in result ? result.code : result)

describe('the card that is meant', () => {
  it('is the only one, or the one that is named', () => {
    const named = (mac: string) => cardOf([BRIDGED, LAB], { id: db, machine: 'db', mac })
    expect(cardOf([BRIDGED, LAB], { id: web, machine: 'web', mac: null })).toEqual({
      network: LAB,
      mac: '52:54:00:00:00:01',
    })
    expect(named('52-54-00-00-00-03')).toEqual({ network: LAB, mac: '52:54:00:00:00:03' })
    expect(code(named('52:54:00:00:00:01'))).toBe('mac.unknown')
  })

  it('must be clear, and on a network that gives out addresses', () => {
    expect(code(cardOf([LAB], { id: db, machine: 'db', mac: null }))).toBe('mac.which')
    expect(code(cardOf([BRIDGED], { id: web, machine: 'web', mac: null }))).toBe('mac.none')
  })
})

describe('an address for a card', () => {
  const card: Card = { network: LAB, mac: '52:54:00:00:00:01' }
  const lease = (ip: string, mac: string, expiresAt: number | null = 2000): DhcpLease => {
    return { ip, mac, expiresAt, hostname: null, machine: null }
  }
  const given = (ip: string, leases: readonly DhcpLease[] = []) => code(addressFor(card, ip, leases, 1000))

  it('is one of its network that nobody has', () => {
    expect(given('10.20.30.40')).toBe('10.20.30.40')
    expect(given(' 10.20.30.40 ')).toBe('10.20.30.40')
  })

  it.each([
    ['nonsense', 'ip.invalid'],
    ['010.20.30.40', 'ip.invalid'],
    ['fd00::1', 'ip.invalid'],
    ['10.20.31.40', 'ip.outside'],
    ['10.20.30.0', 'ip.edge'],
    ['10.20.30.255', 'ip.edge'],
    ['10.20.30.1', 'ip.own'],
    ['10.20.30.20', 'ip.taken'],
  ])('%s is refused', (ip, why) => expect(given(ip)).toBe(why))

  it('is not taken from a machine that uses it', () => {
    expect(given('10.20.30.40', [lease('10.20.30.40', '52:54:00:00:00:09')])).toBe('ip.leased')
    expect(given('10.20.30.40', [lease('10.20.30.40', '52:54:00:00:00:09', null)])).toBe('ip.leased')
    expect(given('10.20.30.40', [lease('10.20.30.40', '52:54:00:00:00:09', 900)])).toBe('10.20.30.40')
    expect(given('10.20.30.40', [lease('10.20.30.40', card.mac)])).toBe('10.20.30.40')
  })
})
