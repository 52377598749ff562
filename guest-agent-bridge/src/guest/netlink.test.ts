import fc from 'fast-check'
import { expect, test } from 'vitest'
import { addressesFrom, endsDump, formatIpv6 } from './netlink.ts'

const ipv6 = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'))

test.each([
  ['0000 0000 0000 0000 0000 0000 0000 0001', '::1'],
  ['0000 0000 0000 0000 0000 0000 0000 0000', '::'],
  ['fe80 0000 0000 0000 00fc 00ff fe00 0001', 'fe80::fc:ff:fe00:1'],
  ['2001 0db8 0000 0001 0001 0001 0001 0001', '2001:db8:0:1:1:1:1:1'],
  ['2001 0000 0000 0001 0000 0000 0000 0001', '2001:0:0:1::1'],
])('%s is written %s', (bytes, text) => {
  expect(formatIpv6(ipv6(bytes))).toBe(text)
})

const attribute = (type: number, value: Uint8Array): Buffer => {
  const bytes = Buffer.alloc((4 + value.length + 3) & ~3)
  bytes.writeUInt16LE(4 + value.length, 0)
  bytes.writeUInt16LE(type, 2)
  bytes.set(value, 4)
  return bytes
}

const message = (type: number, body: Uint8Array): Buffer => {
  const head = Buffer.alloc(16)
  head.writeUInt32LE(16 + body.length, 0)
  head.writeUInt16LE(type, 4)
  return Buffer.concat([head, body])
}

const address = (family: number, prefix: number, index: number, ...attributes: Buffer[]): Buffer =>
  message(20, Buffer.concat([Buffer.from([family, prefix, 0, 0, index, 0, 0, 0]), ...attributes]))

test('the local end of a link counts', () => {
  const part = Buffer.concat([
    address(2, 24, 3, attribute(1, Uint8Array.of(10, 0, 0, 1)), attribute(2, Uint8Array.of(10, 0, 0, 2))),
    address(10, 64, 4, attribute(1, ipv6('fe80 0000 0000 0000 0000 0000 0000 0009'))),
    message(16, Buffer.alloc(8)),
  ])
  expect(addressesFrom(() => [part])).toEqual([
    { interfaceIndex: 3, prefix: 24, family: 4, address: '10.0.0.2' },
    { interfaceIndex: 4, prefix: 64, family: 6, address: 'fe80::9' },
  ])
  expect(endsDump(part)).toBe(false)
  expect(endsDump(message(3, Buffer.alloc(4)))).toBe(true)
})

test('no bytes make it stumble', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), bytes => {
      endsDump(bytes)
      addressesFrom(() => [bytes])
    }),
  )
})
