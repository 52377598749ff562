import { afterEach, expect, test, vi } from 'vitest'
import type { ConnectionUri } from '../../app-main/src/contract/index.ts'
import type { HypervisorConnection } from '../../app-main/src/hypervisor/driver.ts'
import { KvmDriver } from '../../app-main/src/hypervisor/kvm/driver.ts'
import { unattended } from '../../app-main/src/hypervisor/waiting.ts'
import { Connection } from '../../app-main/src/libvirt/index.ts'
import { testNode } from '../fixture/test-node.ts'
import { until } from '../fixture/wait.ts'

const open: HypervisorConnection[] = []

afterEach(() => {
  for (const connection of open.splice(0)) connection.dispose()
})

test('1,000 machines are listed in at most five requests, and their titles follow by themselves', async () => {
  await using node = await testNode({ domains: 1000, running: 300 })
  const calls: string[] = []
  const call = vi.spyOn(Connection.prototype, 'call')
  const connection = new KvmDriver().create(node.uri as ConnectionUri)
  open.push(connection)
  // At the moment the list can be shown.
  connection.onDomains(() => {
    if (calls.length === 0) calls.push(...call.mock.calls.map(([procedure]) => procedure.name))
  })
  connection.open()
  await connection.settled()
  await until('the list', () => calls.length > 0)
  call.mockRestore()
  const aboutDomains = calls.filter(name => /domain/.test(name) && !/event/.test(name) && !/get_xml/.test(name))
  expect(aboutDomains.length).toBeLessThanOrEqual(5)
  expect(connection.domains.size).toBe(1000)
  expect([...connection.domains.values()].filter(({ state }) => state === 'running')).toHaveLength(300)
  await until('all titles', () =>
    [...connection.domains.values()].every(({ title, vcpus }) => title !== null && vcpus !== null),
  )
})

test('what many machines do at once is asked about together', async () => {
  await using node = await testNode({ domains: 200 })
  const connection = new KvmDriver().create(node.uri as ConnectionUri)
  open.push(connection)
  connection.open()
  await connection.settled()
  let changes = 0
  connection.onDomains(() => changes++)
  const keys = [...connection.domains.keys()]
  await Promise.all(keys.map(key => connection.lifecycle.start(key, { paused: false }, unattended())))
  expect([...connection.domains.values()].every(({ state }) => state === 'running')).toBe(true)
  expect(changes).toBeLessThan(keys.length)
})
