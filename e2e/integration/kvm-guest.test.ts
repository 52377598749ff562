import { afterEach, expect, test } from 'vitest'
import { PNG } from 'pngjs'
import { buffer } from 'node:stream/consumers'
import type { Duplex } from 'node:stream'
import type { ConnectionUri } from '../../app-main/src/contract/index.ts'
import type { HypervisorConnection } from '../../app-main/src/hypervisor/driver.ts'
import { KvmDriver } from '../../app-main/src/hypervisor/kvm/driver.ts'
import { unattended } from '../../app-main/src/hypervisor/waiting.ts'
import { testDomain } from '../fixture/domain.ts'
import { until } from '../fixture/wait.ts'

const open: HypervisorConnection[] = []

const connect = async (): Promise<HypervisorConnection> => {
  const connection = new KvmDriver().create('qemu:///system' as ConnectionUri)
  open.push(connection)
  connection.open()
  await connection.settled()
  return connection
}

afterEach(() => {
  for (const connection of open.splice(0)) connection.dispose()
})

const hears = (line: Duplex, wanted: string): Promise<void> =>
  new Promise((resolve, reject) => {
    let text = ''
    line.on('error', reject)
    line.on('data', function hear(bytes: Buffer) {
      text += bytes.toString()
      if (!text.includes(wanted)) return
      line.off('data', hear)
      resolve()
    })
  })

test('a guest is used by two processes on one serial line, photographed, measured, and obeys its power button', async () => {
  await using domain = await testDomain({ prefix: 't-driver', network: 'default' })
  const [first, second] = [await connect(), await connect()]
  await domain.ready()
  const mine = await first.console.serial(domain.uuid, { takeOver: false })
  const theirs = await second.console.serial(domain.uuid, { alias: 'serial0', takeOver: false })
  const heard = [hears(mine, 'sum 42'), hears(theirs, 'sum 42')]
  theirs.write('echo sum $((40+2))\r')
  await Promise.all(heard)
  // The holder leaves, and the line goes on.
  first.dispose()
  mine.destroy()
  const again = hears(theirs, 'sum 43')
  const typing = setInterval(() => theirs.write('echo sum $((40+3))\r'), 500)
  await again.finally(() => clearInterval(typing))

  const picture = PNG.sync.read(await buffer(await second.inspect.screenshot(domain.uuid)))
  expect(picture.width).toBeGreaterThan(300)
  const [stats] = await second.inspect.stats([domain.uuid])
  expect(stats).toMatchObject({ vcpus: 1, memoryBytes: 128 * 1024 ** 2 })
  expect(stats?.cpuSeconds).toBeGreaterThan(0)
  expect(stats?.netReceiveBytes).not.toBeNull()

  const detail = await second.inspect.detail(domain.uuid)
  expect(detail.features).toEqual({})
  expect(detail.channels).toContainEqual({ name: 'org.qemu.guest_agent.0', connected: true })
  await until('an address', () => (second.domains.get(domain.uuid)?.addresses.length ?? 0) > 0, 30_000)
  expect(await second.inspect.addresses(domain.uuid)).toContainEqual(expect.objectContaining({ source: 'lease' }))

  await second.lifecycle.shutdown(domain.uuid, { mode: 'auto', timeoutSeconds: 60 }, unattended())
  expect(second.domains.get(domain.uuid)).toMatchObject({ state: 'shutoff', addresses: [] })
})

test('a guest that floods its serial line fills no memory: who does not read is dropped, who reads is echoed', async () => {
  await using domain = await testDomain({ prefix: 't-driver' })
  const connection = await connect()
  await domain.ready()
  const idle = await connection.console.serial(domain.uuid, { takeOver: false })
  const dropped = new Promise(resolve => idle.once('error', resolve))
  const line = await connection.console.serial(domain.uuid, { takeOver: false })
  line.resume()
  const before = process.memoryUsage().rss
  line.write('flood\r')
  expect(await dropped).toMatchObject({ detail: { kind: 'refused' } })
  expect(process.memoryUsage().rss - before).toBeLessThan(100 * 1024 ** 2)
  const typing = setInterval(() => line.write('\x03echo sum $((40+4))\r'), 1000)
  await hears(line, 'sum 44').finally(() => clearInterval(typing))
})

test('a guest that panics is shown as crashed, with the reason', async () => {
  await using domain = await testDomain({ prefix: 't-driver' })
  const connection = await connect()
  await domain.ready()
  await domain.spawnInGuest('/bin/sh', '-c', 'sleep 1; /bin/crash')
  await until('the crash', () => connection.domains.get(domain.uuid)?.state === 'crashed', 30_000)
  expect(connection.domains.get(domain.uuid)?.reason).toMatch(/panicked/)
})

test('the agent shuts a guest down', async () => {
  await using domain = await testDomain({ prefix: 't-driver' })
  const connection = await connect()
  await domain.ready()
  await connection.lifecycle.shutdown(domain.uuid, { mode: 'agent', timeoutSeconds: 60 }, unattended())
  expect(connection.domains.get(domain.uuid)?.state).toBe('shutoff')
})

test('a channel without a guest behind it opens, and its name is checked', async () => {
  await using domain = await testDomain({ kind: 'blank', prefix: 't-driver' })
  const connection = await connect()
  const channel = await connection.console.channel(domain.uuid, { name: 'org.vireo.agent.0', takeOver: false })
  expect(channel.destroyed).toBe(false)
  channel.destroy()
  await expect(
    connection.console.channel(domain.uuid, { name: 'org.nobody.0', takeOver: false }),
  ).rejects.toMatchObject({ detail: { kind: 'not-found' } })
})

test('giving up a save leaves the machine running', async () => {
  await using domain = await testDomain({ prefix: 't-driver', memoryMiB: 512 })
  const connection = await connect()
  await domain.ready()
  const abort = new AbortController()
  const saving = connection.lifecycle.save(domain.uuid, {
    signal: abort.signal,
    progress: () => setImmediate(() => abort.abort()),
  })
  await expect(saving).rejects.toMatchObject({ detail: { kind: 'cancelled' } })
  await until('it to run', () => connection.domains.get(domain.uuid)?.state === 'running')
})

test('a SPICE machine says what it lacks, is switched to VNC, and starts with it', async () => {
  await using domain = await testDomain({ kind: 'blank', prefix: 't-driver', graphics: 'spice', start: false })
  const connection = await connect()
  const { definition, lifecycle, console, inspect } = connection
  expect((await inspect.detail(domain.uuid)).features.screen).toMatch(/SPICE/)
  const preview = await definition.switchToVnc(domain.uuid, { preview: true })
  expect(preview.needsRestart).toBe(false)
  expect(await inspect.xml(domain.uuid, { inactive: true })).toBe(preview.before)
  await definition.switchToVnc(domain.uuid, { preview: false })
  await lifecycle.start(domain.uuid, { paused: false }, unattended())
  const screen = await console.screen(domain.uuid)
  await hears(screen, 'RFB 003.008')
  screen.destroy()
  const password = await console.screenPassword(domain.uuid)
  expect(password).toMatch(/^[a-zA-Z0-9]{8}$/)
  expect(JSON.stringify(preview)).not.toContain(password)
  await expect(definition.switchToVnc(domain.uuid, { preview: true })).rejects.toMatchObject({
    detail: { kind: 'precondition' },
  })
})
