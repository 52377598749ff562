import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import { endByPidFile } from '../fixture/daemons.ts'
import { testDomain } from '../fixture/domain.ts'
import { privateDaemon } from '../fixture/private-daemon.ts'
import { run } from '../fixture/run.ts'
import { testNode } from '../fixture/test-node.ts'
import { until } from '../fixture/wait.ts'

test('a micro guest boots to its shell and obeys the power button', async () => {
  await using domain = await testDomain({ prefix: 't-bench' })
  await domain.ready()
  await domain.virsh('shutdown', '--mode', 'acpi')
  await until('the guest to power off', async () => (await domain.state()) === 'shut off')
})

test('a guest gets an address, and its crash is told apart from its end', async () => {
  await using domain = await testDomain({ prefix: 't-bench', network: 'default' })
  await domain.ready()
  await until('an address', async () => /ipv4\s+\d/.test(await domain.virsh('domifaddr', '--source', 'lease')))
  await domain.spawnInGuest('/bin/crash')
  await until('the guest to crash', async () => (await domain.state()) === 'crashed')
})

test('a disposed domain leaves nothing behind', async () => {
  const domain = await testDomain({ prefix: 't-bench', kind: 'blank' })
  await domain.dispose()
  await domain.dispose()
  await expect(domain.state()).rejects.toThrow('failed to get domain')
})

test('a name with quotes, markup and shell metacharacters is only a name', async () => {
  const name = `t-bench it's <b>&"x" $(id) ;|`
  await using domain = await testDomain({ name, kind: 'blank', start: false })
  expect(await run('virsh', ['-c', domain.uri, 'domname', domain.uuid])).toContain(name)
})

test('the test driver reads a node of 1,000 domains, 300 of them running', async () => {
  await using node = await testNode({ domains: 1000, running: 300 })
  const uri = node.uri.replace('test:', 'test+unix:')
  const names = async (...which: string[]) =>
    (await run('virsh', ['-c', uri, 'list', '--name', ...which])).split('\n').filter(Boolean)
  expect(await names('--state-running')).toEqual(node.names.slice(0, 300))
  expect(new Set(await names('--all'))).toEqual(new Set(node.names))
})

test('a system bus that was killed starts again, though it left its pid file', async () => {
  // In a mount namespace of its own: other tests go on with the bus of this machine.
  const daemons = pathToFileURL(join(import.meta.dirname, '../fixture/daemons.ts')).href
  const program = `
    const { ensureBus } = await import(${JSON.stringify(daemons)})
    const { readFile } = await import('node:fs/promises')
    const pid = async () => Number(await readFile('/run/dbus/pid', 'utf8'))
    const first = [await ensureBus(), await ensureBus()]
    process.kill(await pid(), 'SIGKILL')
    await new Promise(resolve => setTimeout(resolve, 200))
    const again = await ensureBus()
    process.kill(await pid())
    console.log(JSON.stringify([...first, again]))`
  const inside = 'mount -t tmpfs none /run/dbus && exec "$0" --input-type=module -e "$1"'
  const said = await run('unshare', ['--mount', 'sh', '-c', inside, process.execPath, program])
  expect(JSON.parse(said)).toEqual([true, false, true])
})

test('a daemon is ended by its pid file, unless it has ended already or the file names another program', async () => {
  const folder = await mkdtemp(join(tmpdir(), 't-bench-'))
  const pidFile = join(folder, 'sleep.pid')
  await expect(endByPidFile({ name: 'sleep', pidFile })).resolves.toBeUndefined()
  const program = spawn('sleep', ['600'])
  const ended = new Promise(resolve => program.once('exit', resolve))
  await writeFile(pidFile, `${program.pid ?? ''}\n`)
  await endByPidFile({ name: 'libvirtd', pidFile })
  expect(program.exitCode ?? program.signalCode).toBeNull()
  await endByPidFile({ name: 'sleep', pidFile })
  await ended
  expect(program.signalCode).toBe('SIGTERM')
  await rm(folder, { recursive: true })
})

test('a guest of a private daemon lives through the daemon being killed', async () => {
  const daemon = await privateDaemon()
  const domain = await testDomain({ uri: daemon.uri, kind: 'blank', prefix: 't-bench' })
  await daemon.kill9()
  await expect(domain.state()).rejects.toThrow('Failed to connect socket')
  await daemon.restart()
  expect(await domain.state()).toBe('running')
  await daemon.stop()
  expect(existsSync(daemon.socket)).toBe(false)
})
