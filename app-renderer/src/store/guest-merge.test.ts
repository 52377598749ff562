import { expect, test } from 'vitest'
import { addressesOf, fullestOf, guestMemoryOf, osOf, wholeOsOf } from './guest-merge.ts'
import { type GuestRecord, learn, silence } from './guest-series.ts'
import { domainOf, sampleOf } from './testing.ts'

const record = (osName: string | null): GuestRecord =>
  learn(
    undefined,
    {
      ...{ dialect: 'vireo', osName },
      samples: [
        sampleOf(1000, {
          ...{ memoryTotalBytes: 100, memoryAvailableBytes: 25 },
          filesystems: [
            { mountPoint: '/', device: '/dev/a', type: 'ext4', totalBytes: 10, usedBytes: 9, availableBytes: 1 },
          ],
          interfaces: [
            {
              name: 'eth0',
              mac: null,
              addresses: ['10.0.0.9/24'],
              up: true,
              mtu: null,
              receivedBytes: 0,
              sentBytes: 0,
            },
          ],
        }),
      ],
    },
    { deep: false, whole: false },
  )

test('the guest names its own system, and what it does not know the definition tells', () => {
  const domain = domainOf('a', { guestOs: 'Debian 11' })
  expect(osOf(domain, record('Debian GNU/Linux 12 (bookworm)'))).toBe('Debian 12')
  expect(osOf(domain, record(null))).toBe('Debian 11')
  expect(osOf(domain, undefined)).toBe('Debian 11')
})

test('of what the guest and the definition say the more exact is shown', () => {
  const fedora = domainOf('a', { guestOs: 'Fedora 42' })
  const shown = (told: string) => [osOf(fedora, record(told)), wholeOsOf(fedora, record(told))]
  for (const vague of ['Linux', 'GNU/Linux', 'Fedora']) expect(shown(vague)).toEqual(['Fedora 42', 'Fedora 42'])
  expect(shown('Fedora Linux 43 (Server)')).toEqual(['Fedora Linux 43', 'Fedora Linux 43 (Server)'])
  // It has become another one since it was defined.
  expect(shown('Alpine Linux')).toEqual(['Alpine Linux', 'Alpine Linux'])
  expect(osOf(domainOf('a', { guestOs: null }), record('Linux'))).toBe('Linux')
})

test('what was told before counts only while somebody answers and the machine runs', () => {
  const told = record('Alpine Linux v3.20')
  const measures = (domain: ReturnType<typeof domainOf>, known: GuestRecord) => [
    ...[osOf(domain, known), guestMemoryOf(domain, known)?.used ?? null],
    ...[fullestOf(domain, known)?.share ?? null, addressesOf(domain, known)],
  ]
  expect(measures(domainOf('a'), told)).toEqual(['Alpine Linux v3.20', 75, 0.9, ['10.0.0.9']])
  const nothing = [null, null, null, []]
  expect(measures(domainOf('a'), silence(told))).toEqual(nothing)
  expect(measures(domainOf('a', { state: 'shutoff' }), told)).toEqual(nothing)
  expect(measures(domainOf('a', { stale: true }), told)).toEqual(nothing)
})

test('addresses that the hypervisor knows come first', () => {
  const addresses = [{ ip: '192.168.122.5', prefix: null, mac: null, source: 'lease' as const }]
  expect(addressesOf(domainOf('a', { addresses }), record(null))).toEqual(['192.168.122.5'])
})
