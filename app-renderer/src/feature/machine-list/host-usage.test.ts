import { expect, test } from 'vitest'
import { connectionOf, domainOf, SESSION } from '../../store/testing.ts'
import { hostUsage } from './host-usage.ts'

const host = {
  hostname: 'desk',
  cpus: 8,
  memoryBytes: 64,
  cpuModel: '',
  daemonVersion: '9.0.0',
  hypervisorVersion: null,
}

test('two connections to one host count it once, and only machines that hold something count', () => {
  const connections = [connectionOf({ host }), connectionOf({ uri: SESSION, host })]
  const domains = [
    domainOf('a', { vcpus: 2, memoryBytes: 4 }),
    domainOf('b', { vcpus: 1, memoryBytes: 2, state: 'paused', connection: SESSION }),
    domainOf('c', { vcpus: 4, memoryBytes: 8, state: 'shutoff' }),
  ]
  expect(hostUsage(connections, domains)).toEqual({ vcpus: 3, cpus: 8, memoryBytes: 6, hostMemoryBytes: 64 })
})

test('without a known host there is nothing to say; pretend hosts do not count', () => {
  expect(hostUsage([connectionOf()], [domainOf('a')])).toBeNull()
  expect(hostUsage([connectionOf({ kind: 'test', host })], [domainOf('a')])).toBeNull()
})
