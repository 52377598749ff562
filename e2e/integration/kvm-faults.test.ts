import type { Duplex } from 'node:stream'
import { afterEach, expect, test } from 'vitest'
import type { ConnectionUri } from '../../app-main/src/contract/index.ts'
import type { DomainsChange, HypervisorConnection, Status } from '../../app-main/src/hypervisor/driver.ts'
import { KvmDriver } from '../../app-main/src/hypervisor/kvm/driver.ts'
import { unattended } from '../../app-main/src/hypervisor/waiting.ts'
import { testDomain } from '../fixture/domain.ts'
import { privateDaemon, type PrivateDaemon } from '../fixture/private-daemon.ts'
import { run } from '../fixture/run.ts'
import { until } from '../fixture/wait.ts'

const open: HypervisorConnection[] = []

const connect = async (uri: string): Promise<HypervisorConnection> => {
  const connection = new KvmDriver().create(uri as ConnectionUri)
  open.push(connection)
  connection.open()
  await connection.settled()
  return connection
}

afterEach(() => {
  for (const connection of open.splice(0)) connection.dispose()
})

/** Resolves when a stream is over, well or not. */
const closed = (stream: Duplex): Promise<void> =>
  new Promise(resolve =>
    stream
      .on('error', () => undefined)
      .once('close', resolve)
      .resume(),
  )

const definition = (name: string): string =>
  `<domain type='qemu'><name>${name}</name><memory unit='MiB'>16</memory><os><type machine='q35'>hvm</type></os>` +
  `<devices><serial type='pty'/></devices></domain>`

const defined = (connection: HypervisorConnection, name: string): Promise<string> =>
  connection.definition.define(definition(name))

const virsh = (daemon: PrivateDaemon, ...args: string[]): Promise<string> =>
  run('virsh', ['-q', '-c', daemon.uri, ...args])

test('a killed daemon is noticed, its machines are shown as old, and everything is read anew when it is back', async () => {
  await using daemon = await privateDaemon()
  const connection = await connect(daemon.uri)
  const [stays, goes] = [await defined(connection, 't-driver-stays'), await defined(connection, 't-driver-goes')]
  await connection.lifecycle.start(stays, { paused: false }, unattended())
  const line = await connection.console.serial(stays, { takeOver: false })
  const ended = closed(line)
  const states: Status['state'][] = []
  const changes: DomainsChange[] = []
  connection.onStatus(status => states.push(status.state))
  connection.onDomains(change => changes.push(change))
  const asked = connection.inspect.stats([stays]).catch((error: unknown) => error)

  await daemon.kill9()
  await until('the loss to be noticed', () => connection.status.state === 'lost')
  await asked
  await ended
  expect(connection.domains.size).toBe(2)
  await until('the machines to be marked', () => [...connection.domains.values()].every(({ stale }) => stale))
  await expect(connection.inspect.detail(stays)).rejects.toMatchObject({ detail: { kind: 'connection' } })

  await daemon.restart()
  await virsh(daemon, 'undefine', goes)
  await until('the connection to come back', () => connection.status.state === 'ready')
  await until('the ghost to go', () => !connection.domains.has(goes))
  expect(connection.domains.get(stays)).toMatchObject({ state: 'running', stale: false })
  expect(states).toContain('lost')
  expect(changes.some(change => change.full)).toBe(true)
  // Events flow again on the new connection.
  await virsh(daemon, 'destroy', stays)
  await until('the event', () => connection.domains.get(stays)?.state === 'shutoff')
})

test('a daemon that is not there is tried again until it is', async () => {
  await using daemon = await privateDaemon()
  await daemon.kill9()
  const connection = await connect(daemon.uri)
  expect(connection.status).toMatchObject({ state: 'unavailable', error: { kind: 'connection' } })
  expect(connection.status.retryAt).toBeGreaterThan(0)
  await daemon.restart()
  connection.retry()
  await until('it to be ready', () => connection.status.state === 'ready')
})

test('one lost daemon does not touch another', async () => {
  await using sick = await privateDaemon()
  const [lost, well] = [await connect(sick.uri), await connect('qemu:///system')]
  await sick.kill9()
  await until('the loss', () => lost.status.state === 'lost')
  expect(well.status.state).toBe('ready')
  await expect(well.inspect.stats([...well.domains.keys()])).resolves.toBeInstanceOf(Array)
})

test('a machine that vanishes ends its streams and leaves the list', async () => {
  await using domain = await testDomain({ kind: 'blank', prefix: 't-driver' })
  const connection = await connect('qemu:///system')
  const [line, screen] = await Promise.all([
    connection.console.serial(domain.uuid, { takeOver: false }),
    connection.console.screen(domain.uuid),
  ])
  const ends = [line, screen].map(closed)
  await domain.dispose()
  await Promise.all(ends)
  await until('it to be gone', () => !connection.domains.has(domain.uuid))
  await expect(connection.console.serial(domain.uuid, { takeOver: false })).rejects.toMatchObject({
    detail: { kind: 'not-found' },
  })
})

test('a serial line that virsh holds is busy, and can be taken over', async () => {
  await using domain = await testDomain({ kind: 'blank', prefix: 't-driver' })
  const connection = await connect('qemu:///system')
  const other = await connect('qemu:///system')
  const held = await import('../../app-main/src/libvirt/index.ts').then(({ Connection }) =>
    Connection.open('qemu:///system'),
  )
  const stranger = await held.domain.openConsole({ name: domain.name, uuid: domain.uuid, id: -1 })
  stranger.on('error', () => undefined).resume()
  await expect(connection.console.serial(domain.uuid, { takeOver: false })).rejects.toMatchObject({
    detail: { kind: 'busy', holder: 'another program' },
  })
  const mine = await connection.console.serial(domain.uuid, { takeOver: true })
  const shared = await other.console.serial(domain.uuid, { takeOver: false })
  for (const line of [mine, shared]) expect(line.destroyed).toBe(false)
  for (const line of [mine, shared]) line.destroy()
  await held.close()
})
