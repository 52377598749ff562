import { describe, expect, it } from 'vitest'
import type { ConnectionUri } from '../../contract/index.ts'
import { Instance, InstanceState } from '../../lxd/index.ts'
import { fakeInstance, uuidOf } from '../../lxd/testing/fake-lxd.ts'
import { addressesOf, detailOf, keyOf, summaryOf } from './instance.ts'
import { cpuLimit, memoryLimit } from './limits.ts'
import { stateWords } from './states.ts'
import { statsOf } from './stats.ts'

const URI = 'lxd:///' as ConnectionUri
const HOST = { cpus: 4, memoryBytes: 8 * 1024 ** 3 }
const instance = (facts: Record<string, unknown> = {}) => Instance.parse(fakeInstance('c1', facts))

describe('an instance', () => {
  it('is named by its UUID, and by its name where there is none or nonsense', () => {
    expect(keyOf(instance())).toBe(uuidOf('c1'))
    expect(keyOf(instance({ config: {} }))).toBe('c1')
    expect(keyOf(instance({ config: { 'volatile.uuid': 'a@b' } }))).toBe('c1')
  })

  it('may use what its host has, unless it is limited', () => {
    expect(summaryOf(URI, instance(), HOST)).toMatchObject({ vcpus: 4, memoryBytes: HOST.memoryBytes })
    const limited = instance({ expanded_config: { 'limits.cpu': '0-1', 'limits.memory': '512MiB' } })
    expect(summaryOf(URI, limited, HOST)).toMatchObject({ vcpus: 2, memoryBytes: 512 * 1024 ** 2 })
    const machine = instance({ type: 'virtual-machine', expanded_config: {} })
    expect(summaryOf(URI, machine, HOST)).toMatchObject({ vcpus: 1, memoryBytes: 1024 ** 3 })
  })

  it('tells its addresses, and none while it is off', () => {
    const { addresses, guestOs } = summaryOf(URI, instance(), HOST)
    expect(addresses).toEqual([{ ip: '10.0.0.2', prefix: 24, mac: '00:16:3e:00:00:01', source: 'agent' }])
    expect(guestOs).toBe('Debian bookworm')
    expect(summaryOf(URI, instance({ status_code: 102 }), HOST)).toMatchObject({ state: 'shutoff', addresses: [] })
  })

  it('shows its disks and cards', () => {
    const devices = {
      root: { path: '/', pool: 'default', type: 'disk', size: '10GiB' },
      data: { path: '/srv', source: '/srv/data', readonly: 'true', type: 'disk' },
      eth0: { name: 'eth0', network: 'br0', type: 'nic' },
    }
    const one = instance({ expanded_devices: devices, description: 'A <b>' })
    const detail = detailOf(summaryOf(URI, one, HOST), one, {})
    expect(detail.disks).toMatchObject([
      { target: '/', source: 'default', capacityBytes: 10 * 1024 ** 3, readOnly: false },
      { target: '/srv', source: '/srv/data', capacityBytes: null, readOnly: true },
    ])
    expect(detail.interfaces).toMatchObject([{ type: 'network', source: 'br0', target: 'veth0', linkUp: true }])
    expect(detail).toMatchObject({ virtType: 'lxc', description: 'A <b>', member: null })
    const elsewhere = Instance.parse({ ...one, location: 'node-2' })
    expect(detailOf(summaryOf(URI, elsewhere, HOST), elsewhere, {}).member).toBe('node-2')
  })

  it('may tell nonsense of its network, and very much of it', () => {
    const address = { family: 'inet', address: '<script>', netmask: 'x', scope: 'global' }
    const many = Array.from({ length: 5000 }, (_, at) => ({
      ...{ family: 'inet6', netmask: '999', scope: 'global', address: `2001:db8::${at.toString(16)}` },
    }))
    const state = InstanceState.parse({ network: { eth0: { addresses: [address, ...many], hwaddr: 'nonsense' } } })
    const found = addressesOf(state)
    expect(found).toHaveLength(32)
    expect(found[0]).toEqual({ ip: '2001:db8::0', prefix: null, mac: null, source: 'agent' })
  })
})

describe('a state', () => {
  it.each([
    [103, false, 'running'],
    [113, false, 'running'],
    [110, false, 'paused'],
    [102, false, 'shutoff'],
    [102, true, 'saved'],
    [103, true, 'running'],
    [107, false, 'shutting-down'],
    [112, false, 'unknown'],
    [0, false, 'unknown'],
    [999, true, 'unknown'],
  ])('%i is %s', (status_code, stateful, state) => {
    expect(stateWords({ status_code, stateful }).state).toBe(state)
  })
})

describe('limits', () => {
  it.each([
    ['2', 2],
    ['0-3', 4],
    ['0,2-3', 3],
    ['3-0', null],
    ['0', null],
    ['99999999999', null],
    ['x', null],
    ['', null],
    [undefined, null],
  ])('processors %j: %j', (text, count) => expect(cpuLimit(text)).toBe(count))

  it.each([
    ['512MiB', 512 * 1024 ** 2],
    ['2GB', 2e9],
    ['1024', 1024],
    ['50%', HOST.memoryBytes / 2],
    ['1YiB', null],
    ['-1', null],
    ['toString', null],
    [undefined, null],
  ])('memory %j: %j', (text, bytes) => expect(memoryLimit(text, HOST.memoryBytes)).toBe(bytes))
})

describe('counters', () => {
  const of = (state: unknown) => statsOf(URI, instance(), InstanceState.parse(state), HOST, 7)

  it('are those of the outside', () => {
    expect(of(fakeInstance('c1')['state'])).toMatchObject({
      ...{ at: 7, cpuSeconds: 1, vcpus: 4, memoryUsedBytes: 1024 ** 2, memoryBytes: HOST.memoryBytes },
      ...{ netReceiveBytes: 10, netTransmitBytes: 20, diskReadBytes: null },
    })
  })

  it('are null where nobody tells', () => {
    expect(of({ pid: 0 })).toMatchObject({ cpuSeconds: null, memoryUsedBytes: null, netReceiveBytes: null })
    expect(of({ pid: 1, cpu: { usage: -1 }, memory: { usage: -1 } })).toMatchObject({
      ...{ cpuSeconds: null, memoryUsedBytes: null, netReceiveBytes: null },
    })
  })
})
