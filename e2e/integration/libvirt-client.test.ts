import { expect, test } from 'vitest'
import {
  Connection,
  constants,
  isDenied,
  isNotFound,
  isUnsupported,
  procedures,
  toAppError,
  type DomainRef,
} from '../../app-main/src/libvirt/index.ts'
import { privateDaemon } from '../fixture/private-daemon.ts'
import { testNode } from '../fixture/test-node.ts'
import { until } from '../fixture/wait.ts'

const opened = async (uri: string, options = {}) => {
  const connection = await Connection.open(uri, options)
  return Object.assign(connection, { [Symbol.asyncDispose]: () => connection.close() })
}

test('a thousand domains: list, bulk statistics and XML agree with each other', async () => {
  await using node = await testNode({ domains: 1000, running: 300 })
  await using connection = await opened(node.uri)
  const domains = await connection.domain.listAll()
  expect(domains.map(({ name }) => name).sort()).toEqual([...node.names].sort())
  expect(await connection.domain.listAll(constants.VIR_CONNECT_LIST_DOMAINS_ACTIVE)).toHaveLength(300)

  const stats = await connection.domain.getAllStats({ stats: constants.VIR_DOMAIN_STATS_STATE })
  const running = stats.filter(({ params }) =>
    params.some(({ field, value }) => field === 'state.state' && value === constants.VIR_DOMAIN_RUNNING),
  )
  expect(running).toHaveLength(300)

  const documents = await Promise.all(domains.map(domain => connection.domain.getXmlDesc(domain)))
  for (const [index, xml] of documents.entries()) expect(xml).toContain(`<uuid>${domains[index]?.uuid}</uuid>`)
})

test('a domain goes through its life, and every step is told as an event', async () => {
  await using node = await testNode({ domains: 2, running: 1 })
  await using connection = await opened(node.uri)
  expect(await connection.events.subscribe()).toEqual({ refused: [] })
  const told: [number, number][] = []
  connection.events.onDomainLifecycle(({ event, detail }) => told.push([event, detail]))
  const xml = `<domain type='test'><name>life</name><memory>8192</memory><vcpu>2</vcpu><os><type>hvm</type></os></domain>`
  const defined = await connection.domain.defineXmlFlags(xml)
  const running = await connection.domain.create(defined)
  expect(running.id).toBeGreaterThan(0)
  expect(await connection.domain.getState(running)).toMatchObject({ state: constants.VIR_DOMAIN_RUNNING })
  expect(await connection.domain.getInfo(running)).toMatchObject({ memoryKiB: 8192, vcpus: 2 })
  await connection.domain.suspend(running)
  await connection.domain.resume(running)
  await connection.domain.setAutostart(running, true)
  expect(await connection.domain.getAutostart(running)).toBe(true)
  await connection.domain.managedSave(running)
  expect(await connection.domain.hasManagedSaveImage(defined)).toBe(true)
  await connection.domain.managedSaveRemove(defined)
  await connection.domain.undefineFlags(defined)
  const events = [
    constants.VIR_DOMAIN_EVENT_DEFINED,
    constants.VIR_DOMAIN_EVENT_STARTED,
    constants.VIR_DOMAIN_EVENT_SUSPENDED,
    constants.VIR_DOMAIN_EVENT_RESUMED,
    constants.VIR_DOMAIN_EVENT_STOPPED,
    constants.VIR_DOMAIN_EVENT_UNDEFINED,
  ]
  await until('the last event', () => told.length >= events.length)
  expect(told.map(([event]) => event)).toEqual(events)
  expect(isNotFound(await failure(connection.domain.lookupByUuid(defined.uuid)))).toBe(true)
})

test('networks and pools tell their life too', async () => {
  await using node = await testNode({ domains: 2, running: 1 })
  await using connection = await opened(node.uri)
  await connection.events.subscribe()
  const told: string[] = []
  connection.events.onNetworkLifecycle(({ network, event }) => told.push(`network ${network.name} ${event}`))
  connection.events.onStoragePoolLifecycle(({ pool, event }) => told.push(`pool ${pool.name} ${event}`))
  const [network] = await connection.network.listAll()
  const [pool] = await connection.storagePool.listAll()
  if (!network || !pool) throw new Error('the test driver has a network and a pool')
  await connection.network.destroy(network)
  await connection.storagePool.destroy(pool)
  await until('both events', () => told.length >= 2)
  expect(told).toEqual([
    `network ${network.name} ${constants.VIR_NETWORK_EVENT_STOPPED}`,
    `pool ${pool.name} ${constants.VIR_STORAGE_POOL_EVENT_STOPPED}`,
  ])
})

test.each([
  'no such machine',
  `it's "quoted"`,
  '🐦',
  'x'.repeat(200),
  '$(reboot); `id` | cat > /etc/passwd',
  '../../etc',
  '<name/>',
])('a name is looked for, never interpreted: %j', async name => {
  await using node = await testNode({ domains: 2, running: 1 })
  await using connection = await opened(node.uri)
  expect(isNotFound(await failure(connection.domain.lookupByName(name)))).toBe(true)
  const xml = `<domain type='test'><name></name><memory>1024</memory><os><type>hvm</type></os></domain>`
  const escaped = name.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
  const defined = await connection.domain
    .defineXmlFlags(xml.replace('<name></name>', () => `<name>${escaped}</name>`))
    .catch((error: unknown) => error)
  // libvirt itself refuses a slash.
  if (name.includes('/')) expect(toAppError(defined).kind).toMatch(/^(invalid-input|libvirt)$/)
  else expect((await connection.domain.lookupByName(name)).uuid).toBe((defined as DomainRef).uuid)
})

test('looking only cannot change anything', async () => {
  await using node = await testNode({ domains: 2, running: 1 })
  await using connection = await opened(node.uri, { readOnly: true })
  const [domain] = await connection.domain.listAll(constants.VIR_CONNECT_LIST_DOMAINS_ACTIVE)
  if (!domain) throw new Error('the test driver has a domain')
  const error = await failure(connection.domain.destroyFlags(domain))
  expect(isDenied(error)).toBe(true)
  expect(toAppError(error)).toMatchObject({ kind: 'permission' })
  expect(await connection.domain.getState(domain)).toMatchObject({ state: constants.VIR_DOMAIN_RUNNING })
})

test('a procedure that this daemon does not know is a typed error, and the connection lives on', async () => {
  await using node = await testNode({ domains: 2, running: 1 })
  await using connection = await opened(node.uri)
  const unknown = { ...procedures.connectGetHostname, name: 'from_the_future', number: 60_000 }
  const error = await failure(connection.call(unknown, undefined))
  expect(isUnsupported(error)).toBe(true)
  const elsewhere = { ...procedures.connectGetHostname, program: 0x2000_9999 }
  expect(isUnsupported(await failure(connection.call(elsewhere, undefined)))).toBe(true)
  expect(await connection.node.getHostname()).not.toBe('')
})

test('the host and its daemon introduce themselves', async () => {
  await using connection = await opened('qemu:///system')
  expect(await connection.node.getType()).toBe('QEMU')
  expect(await connection.node.getLibVersion()).toMatch(/^\d+\.\d+\.\d+$/)
  expect((await connection.node.getInfo()).cpus).toBeGreaterThan(0)
  expect(await connection.node.getCapabilities()).toContain('<capabilities>')
  expect(await connection.node.getDomainCapabilities({ virtType: 'qemu' })).toContain('<domainCapabilities>')
})

test('a daemon in session mode is reached by its socket', async () => {
  await using daemon = await privateDaemon()
  await using connection = await opened(daemon.uri)
  expect(await connection.node.getUri()).toBe('qemu:///session')
  expect(await connection.domain.listAll()).toEqual([])
})

const failure = async (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => {
      throw new Error('it should have failed')
    },
    (error: unknown) => error,
  )
