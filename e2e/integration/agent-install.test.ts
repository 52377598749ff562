/** The Vireo agent goes into a real Debian guest through its real qemu-ga, answers there, and goes again. */
import { spawn } from 'node:child_process'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { builtAgent } from '../fixture/agent-package.ts'
import { vireo as program } from '../fixture/cli.ts'
import { cli, type Cli } from '../fixture/cli-user.ts'
import { testDomain, type TestDomain } from '../fixture/domain.ts'
import { cliProgram } from '../fixture/server.ts'
import { until } from '../fixture/wait.ts'

const URI = 'qemu:///system'
/** Copying and starting is done by software emulation. */
const SLOW = 300_000

let vireo: Cli
let machine: TestDomain

const run = (...args: string[]) => program([...args, '-c', URI], { env: vireo.env, deadline: SLOW })
/** Through whichever agent answers. */
const shell = (script: string) => vireo.run(['exec', machine.name, '-c', URI, '--json', '--', 'sh', '-c', script])
const primary = async (): Promise<unknown> => {
  const { code, out, err } = await run('guest', 'status', machine.name, '--json')
  expect(code, err).toBe(0)
  return (JSON.parse(out) as { primary: unknown }).primary
}

beforeAll(async () => {
  await builtAgent()
  vireo = await cli()
  // Its channel is plugged in while it runs.
  machine = await testDomain({
    ...{ kind: 'debian', prefix: 't-install', network: 'default', channels: ['org.qemu.guest_agent.0'] },
  })
  await machine.ready().catch(() => machine.ready())
}, 600_000)
afterAll(async () => {
  await machine?.dispose()
  await vireo?.[Symbol.asyncDispose]()
})

it('installs, answers, changes nothing the second time, and is removed', { timeout: 2 * SLOW }, async () => {
  expect(await primary()).toBe('qemu-ga')
  const installed = await run('agent', 'install', machine.name)
  expect(installed, installed.err).toMatchObject({ code: 0 })
  expect(installed.err).toMatch(/The Vireo agent \d+\.\d+\.\d+ answers/)
  expect(await primary()).toBe('vireo')
  const told = await shell('systemctl is-enabled vireo-agent; stat -c "%a %U" /usr/sbin/vireo-agent; echo $PPID')
  expect(told, told.err).toMatchObject({ code: 0 })
  const { stdout } = JSON.parse(told.out) as { stdout: string }
  expect(stdout).toMatch(/^enabled\n755 root\n\d+\n$/)

  const again = await run('agent', 'install', machine.name)
  expect(again, again.err).toMatchObject({ code: 0, err: expect.stringContaining('runs already: nothing was changed') })

  const removed = await run('agent', 'uninstall', machine.name, '--yes')
  expect(removed, removed.err).toMatchObject({ code: 0, err: expect.stringContaining('The Vireo agent is removed') })
  expect(await primary()).toBe('qemu-ga')
  const left = await shell(
    'ls -d /usr/sbin/vireo-agent /etc/vireo-agent /etc/systemd/system/vireo-agent* 2>/dev/null; pgrep vireo-agent',
  )
  expect((JSON.parse(left.out) as { stdout: string }).stdout).toBe('')
  expect(await machine.virsh('dumpxml', '--inactive')).not.toContain('org.vireo.agent.0')
})

/** `vireo ssh` on a terminal of its own, as a person uses it. */
const terminal = () => {
  const command = `"$NODE" "$VIREO" ssh ${machine.name} -c ${URI}; echo code=$?.`
  const child = spawn('script', ['-qfec', command, '/dev/null'], {
    env: { ...process.env, ...vireo.env, NODE: process.execPath, VIREO: cliProgram },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  let shown = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (shown += text))
  return {
    type: (text: string) => child.stdin.write(text),
    sees: (pattern: RegExp) => until(`${pattern.source} on the terminal`, () => pattern.test(shown), 60_000),
    [Symbol.dispose]: () => void child.kill('SIGKILL'),
  }
}

it('over SSH, a password that was typed once lets commands in and the agent too', { timeout: 2 * SLOW }, async () => {
  const access = await until('its address', async () => {
    const { out } = await run('guest', 'set-ssh-access', machine.name, '--user', 'root', '--json')
    return /"address": "[\d.]+"/.test(out)
  })
  expect(access).toBe(true)
  const overSsh = () =>
    vireo.run(['exec', machine.name, '-c', URI, '--method', 'ssh', '--json', '--', 'cat', '/etc/hostname'])
  expect(await overSsh()).toMatchObject({ code: 4, err: expect.stringContaining('vireo ssh NAME') })
  using tty = terminal()
  await tty.sees(/password:/)
  tty.type('vireo\r')
  await tty.sees(/vireo-debian:~#/)
  tty.type('echo in-$((40+2)); exit 5\r')
  await tty.sees(/in-42/)
  await tty.sees(/code=5\./)
  const told = await overSsh()
  expect(told, told.err).toMatchObject({ code: 0 })
  expect(JSON.parse(told.out)).toMatchObject({ method: 'ssh', exitCode: 0, stdout: 'vireo-debian\n' })
  const installed = await run('agent', 'install', machine.name, '--method', 'ssh')
  expect(installed, installed.err).toMatchObject({ code: 0 })
  expect(await primary()).toBe('vireo')
  const removed = await run('agent', 'uninstall', machine.name, '--method', 'ssh', '--yes')
  expect(removed, removed.err).toMatchObject({ code: 0 })
  expect(await run('guest', 'ssh-disconnect', machine.name)).toMatchObject({ code: 0 })
  expect(await overSsh()).toMatchObject({ code: 4 })
})
