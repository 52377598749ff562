import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  addressOf,
  compare,
  freeSubnet,
  holds,
  isEdge,
  isReserved,
  nth,
  overlaps,
  parseSubnet,
  subnetText,
  type Subnet,
} from './subnet.ts'

const subnet = (text: string): Subnet => {
  const found = parseSubnet(text)
  if (found === null) throw new Error(`${text} is none`)
  return found
}

describe('subnets', () => {
  it.each([
    ['10.20.30.0/24', '10.20.30.0/24', true],
    ['10.20.30.7/24', '10.20.30.0/24', false],
    ['10.20.30.129/25', '10.20.30.128/25', false],
    ['172.16.0.0/12', '172.16.0.0/12', true],
    ['FD00:1::/64', 'fd00:1::/64', true],
    ['fd00:1::5/64', 'fd00:1::/64', false],
    ['fd00:1:2:3:8000::/65', 'fd00:1:2:3:8000::/65', true],
  ])('reads %s', (text, network, exact) => {
    expect(subnetText(subnet(text))).toBe(network)
    expect(parseSubnet(text)?.exact).toBe(exact)
  })

  it.each([
    ...['', '10.0.0.0', '10.0.0.0/33', '10.0.0/24', '010.0.0.0/24', '0x0a.0.0.0/8', '10.0.0.256/24', '167772160/24'],
    ...['fd00::/129', 'fe80::1%eth0/64', '10.0.0.0/24/8', '10.0.0.0/-1', "10.0.0.0/24'/>", '::ffff:10.0.0.0%0/96'],
  ])('takes %j for none', text => expect(parseSubnet(text)).toBeNull())

  it('knows what overlaps', () => {
    expect(overlaps(subnet('10.0.0.0/8'), subnet('10.20.30.0/24'))).toBe(true)
    expect(overlaps(subnet('10.20.30.0/24'), subnet('10.0.0.0/8'))).toBe(true)
    expect(overlaps(subnet('10.20.30.0/25'), subnet('10.20.30.128/25'))).toBe(false)
    expect(overlaps(subnet('fd00:1::/64'), subnet('fd00:1::/48'))).toBe(true)
    expect(overlaps(subnet('fd00:1:0:1::/64'), subnet('fd00:1::/64'))).toBe(false)
    expect(overlaps(subnet('0.0.0.0/0'), subnet('::/0'))).toBe(false)
  })

  it('counts addresses from both ends', () => {
    expect(nth(subnet('10.20.30.0/24'), 1)).toBe('10.20.30.1')
    expect(nth(subnet('10.20.30.0/24'), -1)).toBe('10.20.30.255')
    expect(nth(subnet('10.20.0.0/16'), 256)).toBe('10.20.1.0')
    expect(nth(subnet('10.20.0.0/16'), -257)).toBe('10.20.254.255')
    expect(nth(subnet('fd00:1::/64'), 1)).toBe('fd00:1::1')
    expect(isEdge(subnet('10.20.30.0/24'), '10.20.30.255')).toBe(true)
    expect(isEdge(subnet('10.20.30.0/24'), '10.20.30.254')).toBe(false)
    expect(compare('9.255.255.255', '10.0.0.0')).toBeLessThan(0)
    expect(compare('224.0.0.1', '10.0.0.0')).toBeGreaterThan(0)
  })

  it('keeps away from addresses that no machine can have', () => {
    for (const text of [
      '127.0.0.0/8',
      '0.0.0.0/8',
      '169.254.1.0/24',
      '224.0.0.0/24',
      '240.0.0.0/8',
      '255.255.255.0/24',
    ])
      expect(isReserved(subnet(text)), text).toBe(true)
    for (const text of ['::/64', 'fe80::/64', 'ff02::/64', '::ffff:0:0/96'])
      expect(isReserved(subnet(text)), text).toBe(true)
    for (const text of ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/24', '8.8.8.0/24', 'fd00::/64'])
      expect(isReserved(subnet(text)), text).toBe(false)
    expect(isReserved(subnet('126.0.0.0/7'))).toBe(true)
  })

  it('finds a free one, and says so when there is none', () => {
    const first = freeSubnet([])
    expect(first).not.toBeNull()
    const second = freeSubnet(first === null ? [] : [first])
    expect(second).not.toEqual(first)
    expect(freeSubnet(['10.0.0.0/8', '172.16.0.0/12'].map(subnet))?.network).toMatch(/^192\.168\./)
    expect(freeSubnet(['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'].map(subnet))).toBeNull()
  })

  it('holds exactly what lies between its first and its last address', () => {
    const ip = fc.ipV4().map(text => addressOf(text, 'ipv4') ?? '')
    fc.assert(
      fc.property(ip, ip, fc.integer({ min: 1, max: 31 }), (base, other, prefix) => {
        const one = subnet(`${base}/${prefix}`)
        const inside = compare(nth(one, 0), other) <= 0 && compare(other, nth(one, -1)) <= 0
        expect(holds(one, other)).toBe(inside)
      }),
    )
  })
})
