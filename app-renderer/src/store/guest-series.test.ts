import type { GuestInterface, GuestTelemetry } from '@vireo/app-main/contract'
import { describe, expect, test } from 'vitest'
import { type GuestRecord, learn, SPAN, silence, volumesOf } from './guest-series.ts'
import { sampleOf } from './testing.ts'

const GIB = 2 ** 30
const DEEP = { deep: true, whole: false }

const card = (name: string, receivedBytes: number | null, sentBytes = receivedBytes): GuestInterface => ({
  ...{ name, mac: null, addresses: [], up: true, mtu: 1500, receivedBytes, sentBytes },
})
const told = (...samples: GuestTelemetry[]) => ({ dialect: 'vireo' as const, osName: 'Debian', samples })
const after = (...samples: GuestTelemetry[]): GuestRecord => learn(undefined, told(...samples), DEEP)
const filesystem = (mountPoint: string, usedBytes: number, totalBytes: number, type = 'ext4', device = mountPoint) => ({
  ...{ mountPoint, device: `/dev${device}`, type, totalBytes, usedBytes, availableBytes: null },
})

describe('what a guest tells', () => {
  test('becomes shares, used bytes and rates', () => {
    const memory = { memoryTotalBytes: 4 * GIB, memoryAvailableBytes: GIB, swapTotalBytes: GIB, swapUsedBytes: 0 }
    const record = after(
      sampleOf(1000, { ...memory, cpuPercent: 25, interfaces: [card('eth0', 0)] }),
      sampleOf(3000, { ...memory, cpuPercent: 50, interfaces: [card('eth0', 4000, 200)] }),
    )
    expect(record.points).toEqual([
      ...[
        {
          at: 1000,
          cpu: 0.25,
          memoryUsed: 3 * GIB,
          memoryTotal: 4 * GIB,
          swapUsed: 0,
          netReceive: null,
          netTransmit: null,
        },
      ],
      ...[
        {
          at: 3000,
          cpu: 0.5,
          memoryUsed: 3 * GIB,
          memoryTotal: 4 * GIB,
          swapUsed: 0,
          netReceive: 2000,
          netTransmit: 100,
        },
      ],
    ])
  })

  test('counts what passes a card once, and not what stays inside', () => {
    const inner = ['lo', 'docker0', 'br-12', 'veth7@if3', 'virbr0', 'eth0.100', 'bond0', 'tun0']
    const at = (bytes: number) => ['eth0', ...inner].map(name => card(name, bytes))
    const record = after(sampleOf(0, { interfaces: at(0) }), sampleOf(1000, { interfaces: at(500) }))
    expect(record.points.at(-1)?.netReceive).toBe(500)
  })

  test('a counter that began anew and a card that came give no rate', () => {
    const record = after(
      sampleOf(0, { interfaces: [card('eth0', 9000), card('eth1', 10)] }),
      sampleOf(1000, { interfaces: [card('eth0', 5), card('eth1', 30), card('eth2', 4e9)] }),
    )
    expect(record.points.at(-1)).toMatchObject({ netReceive: 20, netTransmit: 20 })
    expect(
      after(sampleOf(0, { interfaces: [card('eth0', 9)] }), sampleOf(1000, { interfaces: [card('eth0', 5)] }))
        .points[1],
    ).toMatchObject({ netReceive: null })
  })

  test.each([-1, -1e308, 1e300, Number.NaN, Infinity, -Infinity, Number.MAX_SAFE_INTEGER * 1e6])(
    '%s is no figure',
    value => {
      const interfaces = [card('eth0', value)]
      const hostile = {
        ...{
          cpuPercent: value,
          memoryTotalBytes: value,
          memoryAvailableBytes: value,
          swapTotalBytes: value,
          swapUsedBytes: value,
        },
        ...{ load: [value, 0, 0] as [number, number, number], processCount: value, uptimeSeconds: value, interfaces },
        filesystems: [filesystem('/', value, value), filesystem('/b', value, GIB), filesystem('/c', 1, value)],
      }
      const { points, now } = after(sampleOf(0, { interfaces: [card('eth0', 0)] }), sampleOf(1000, hostile))
      expect(points[1]).toEqual({
        ...{
          at: 1000,
          cpu: null,
          memoryUsed: null,
          memoryTotal: null,
          swapUsed: null,
          netReceive: null,
          netTransmit: null,
        },
      })
      expect(now).toMatchObject({ volumes: [], load: null, processes: null, uptimeSeconds: null, swapTotal: null })
    },
  )

  test('more used than there is, is not believed', () => {
    const record = after(
      sampleOf(0, { memoryTotalBytes: 10, memoryAvailableBytes: 11, swapTotalBytes: 1, swapUsedBytes: 2 }),
    )
    expect(record.points[0]).toMatchObject({ memoryUsed: null, memoryTotal: 10, swapUsed: null })
  })

  test('addresses are those that others can reach, without their prefix', () => {
    const addresses = ['fe80::1/64', '2001:db8::5/64', '127.0.0.1/8', '10.0.0.5/24', '10.0.0.5/32']
    const { now } = after(
      sampleOf(0, {
        interfaces: [
          { ...card('eth0', 0), addresses },
          { ...card('docker0', 0), addresses: ['172.17.0.1/16'] },
        ],
      }),
    )
    expect(now?.addresses).toEqual(['10.0.0.5', '2001:db8::5'])
  })
})

describe('what is remembered', () => {
  test('is a quarter of an hour, and a thousand moments at most', () => {
    let record: GuestRecord | undefined
    for (let second = 0; second <= 2000; second += 5)
      record = learn(record, told(sampleOf(second * 1000, { cpuPercent: 1 })), DEEP)
    expect(record?.points[0]?.at).toBe(2_000_000 - SPAN)
    const flood = Array.from({ length: 5000 }, (_, at) => sampleOf(2_000_000 + at))
    expect(learn(record, told(...flood), DEEP).points).toHaveLength(1000)
  })

  test('is the newest moment of a machine in a list', () => {
    const record = learn(undefined, told(sampleOf(1), sampleOf(2)), { deep: false, whole: false })
    expect(record.points).toHaveLength(1)
    expect(record.now?.at).toBe(2)
  })

  test('holds every moment once, however often it is told', () => {
    const record = after(sampleOf(1000), sampleOf(2000))
    const again = learn(record, told(sampleOf(1000), sampleOf(2000), sampleOf(3000)), DEEP)
    expect(again.points.map(({ at }) => at)).toEqual([1000, 2000, 3000])
  })

  test('loses what lies in the future of a clock that was set back', () => {
    const record = after(sampleOf(10_000), sampleOf(20_000), sampleOf(30_000))
    expect(learn(record, told(sampleOf(15_000)), DEEP).points.map(({ at }) => at)).toEqual([10_000, 15_000])
  })

  test('is rebuilt when everything is told', () => {
    const listed = learn(undefined, told(sampleOf(3000)), { deep: false, whole: false })
    const whole = learn(listed, told(sampleOf(1000), sampleOf(2000), sampleOf(3000)), { deep: true, whole: true })
    expect(whole.points.map(({ at }) => at)).toEqual([1000, 2000, 3000])
  })

  test('stays when nobody answers any more', () => {
    const record = after(sampleOf(1000))
    expect(silence(record)).toEqual({ ...record, answering: false })
    expect(learn(silence(record), told(), DEEP).answering).toBe(true)
  })
})

test('filesystems are those on disks, each once, the fullest first', () => {
  const found = volumesOf([
    filesystem('/', 10, 100),
    filesystem('/home', 95, 100),
    filesystem('/mnt/again', 10, 100, 'ext4', '/'),
    filesystem('/snap/core', 100, 100, 'squashfs'),
    filesystem('/media/cdrom', 100, 100, 'iso9660'),
    filesystem('/run', 1, 100, 'tmpfs'),
    filesystem('/none', 0, 0),
  ])
  expect(found.map(({ mountPoint, share }) => [mountPoint, share])).toEqual([
    ['/home', 0.95],
    ['/', 0.1],
  ])
})
