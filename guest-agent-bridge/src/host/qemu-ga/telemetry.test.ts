import { RemoteError, type GuestTelemetry } from '@vireo/app-main/contract'
import { expect, test } from 'vitest'
import { endWith, ScriptedQemuGa } from '../testing/scripted-qemu-ga.ts'

const asking = { signal: new AbortController().signal }

const counters = (busy: number, idle: number): string => `processes 42
0.50 0.25 0.10 1/99 1234
100.50 90.00
MemTotal:        1000 kB
MemFree:          100 kB
MemAvailable:     400 kB
SwapTotal:        200 kB
SwapFree:         150 kB
Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo:       7       1    0    0    0     0          0         0        7       1    0    0    0     0       0          0
cpu  ${busy} 0 0 ${idle} 0 0 0 0 0 0
cpu0 1 2 3 4 5 6 7 8 9 10
`

const interfaces = [
  { name: 'lo', 'ip-addresses': [] },
  {
    name: 'eth0',
    'hardware-address': '52:54:00:00:00:01',
    'ip-addresses': [{ 'ip-address': '10.0.0.2', prefix: 24 }],
    statistics: { 'rx-bytes': 10, 'tx-bytes': 20, 'rx-packets': -1 },
  },
]
const filesystems = [
  {
    name: 'vda1',
    mountpoint: '/\u001b',
    type: 'ext4',
    'used-bytes': 60,
    'total-bytes': 90,
    'total-bytes-privileged': 100,
  },
]

const guest = (blocked: readonly string[] = []) =>
  new ScriptedQemuGa(blocked)
    .on('guest-network-get-interfaces', () => interfaces)
    .on('guest-get-fsinfo', () => filesystems)

test('one small script and qemu-ga’s own counters make a measurement, the CPU from the difference of two', async () => {
  const texts = [counters(100, 900), counters(175, 925)]
  const agent = await guest()
    .runs(() => endWith(texts.shift() ?? ''))
    .connect()
  expect((await agent.telemetry(asking)).cpuPercent).toBeNull()
  expect(await agent.telemetry(asking)).toMatchObject({
    ...{ cpuPercent: 75, memoryTotalBytes: 1_024_000, memoryAvailableBytes: 409_600 },
    ...{
      swapTotalBytes: 204_800,
      swapUsedBytes: 51_200,
      load: [0.5, 0.25, 0.1],
      processCount: 42,
      uptimeSeconds: 100.5,
    },
    interfaces: [{ name: 'eth0', addresses: ['10.0.0.2/24'], receivedBytes: 10, sentBytes: 20 }],
    filesystems: [{ mountPoint: '/\ufffd', device: 'vda1', totalBytes: 100, usedBytes: 60, availableBytes: 30 }],
  })
})

test('where no script may run there is what qemu-ga counts itself', async () => {
  const stats = [
    [{ user: 100, system: 0, idle: 900, type: 'linux' }],
    [{ user: 150, system: 25, idle: 925, type: 'linux' }],
  ]
  const scripted = guest(['guest-exec']).on('guest-get-cpustats', () => stats.shift())
  const agent = await scripted.connect()
  await agent.telemetry(asking)
  expect(await agent.telemetry(asking)).toMatchObject({ cpuPercent: 75, memoryTotalBytes: null, load: null })
  expect(scripted.count('guest-exec')).toBe(0)
})

test('measurements go on over a look that was missed, and end with a guest that misses several, or with the listener', async () => {
  let looks = 0
  const scripted = guest(['guest-exec']).on('guest-get-cpustats', () => {
    looks++
    if (looks === 2 || looks > 4) throw new RemoteError({ kind: 'timeout', message: 'late' })
    return [{ user: looks * 10, system: 0, idle: 0 }]
  })
  const agent = await scripted.connect()
  const samples: GuestTelemetry[] = []
  const watching = agent.watchTelemetry(0.001, sample => samples.push(sample), asking.signal)
  await expect(watching).rejects.toMatchObject({ detail: { kind: 'timeout' } })
  expect({ looks, samples: samples.length }).toEqual({ looks: 7, samples: 3 })
  looks = 0
  const stop = new AbortController()
  await agent.watchTelemetry(0.001, () => stop.abort(), stop.signal)
  expect(looks).toBe(1)
})
