import { copyFile, mkdtemp, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { expect, test } from 'vitest'
import { AgentLine } from '../fixture/agent.ts'
import { agentPackage } from '../fixture/agent-package.ts'
import { testDomain, type TestDomain } from '../fixture/domain.ts'
import { run } from '../fixture/run.ts'
import { until } from '../fixture/wait.ts'

/** A disk with the package on it. */
const packageDisk = async (): Promise<{ readonly path: string; readonly file: string } & AsyncDisposable> => {
  const [deb, folder] = [await agentPackage(), await mkdtemp(join(tmpdir(), 'vireo-agent-disk-'))]
  const [content, raw, path] = [join(folder, 'content'), join(folder, 'disk.raw'), join(folder, 'disk.qcow2')]
  await run('mkdir', [content])
  await copyFile(deb, join(content, basename(deb)))
  await run('mke2fs', ['-q', '-t', 'ext4', '-d', content, raw, '16M'])
  await run('qemu-img', ['convert', '-f', 'raw', '-O', 'qcow2', raw, path])
  await run('chmod', ['a+rwX', folder, path])
  return {
    path,
    file: basename(deb),
    [Symbol.asyncDispose]: async () => rm(folder, { recursive: true, maxRetries: 5 }),
  }
}

/** The host's end of the agent's channel. */
const openChannel = async (domain: TestDomain): Promise<AgentLine & Disposable> => {
  const xml = await domain.virsh('dumpxml')
  const path = /<source mode='bind' path='([^']+org\.vireo\.agent\.0)'/.exec(xml)?.[1]
  if (path === undefined) throw new Error('the domain has no channel for the agent')
  const socket = connect(path)
  const line = new AgentLine(socket)
  return Object.assign(line, { [Symbol.dispose]: () => void socket.destroy() })
}

const service = async (line: AgentLine, name: string): Promise<unknown> => {
  for (let after: unknown = undefined; ;) {
    const page = await line.call('service.list', after === undefined ? {} : { after })
    if (!Array.isArray(page.services)) throw new Error('no services')
    const found: unknown = page.services.find((item: unknown) => JSON.stringify(item).startsWith(`{"name":"${name}",`))
    if (found !== undefined || page.next === null) return found
    after = page.next
  }
}

const control = async (line: AgentLine, name: string, action: string): Promise<unknown> =>
  (await line.call('service.control', { name, action })).service

/** Its number, once the one that was there before is gone. */
const agentAfter = async (line: AgentLine, before: unknown): Promise<unknown> =>
  until(
    'the agent to come back',
    async () => {
      const answer = await Promise.race([
        line.call('agent.hello'),
        new Promise<null>(resolve => setTimeout(resolve, 2000, null)),
      ])
      return answer !== null && answer.pid !== before ? answer.pid : undefined
    },
    240_000,
  )

const checkServices = async (line: AgentLine): Promise<void> => {
  expect(await service(line, 'vireo-agent')).toMatchObject({
    description: 'Vireo guest agent',
    state: 'running',
    enabled: true,
  })
  expect(await service(line, 'no-such')).toBeUndefined()
  expect(await control(line, 'ssh', 'stop')).toMatchObject({ name: 'ssh', state: 'stopped', enabled: true })
  expect(await control(line, 'ssh', 'start')).toMatchObject({ state: 'running' })
  expect(await control(line, 'ssh', 'disable')).toMatchObject({ enabled: false })
  expect(await control(line, 'ssh', 'enable')).toMatchObject({ enabled: true })
  const unknown = await line.ask('service.control', { name: 'no-such', action: 'start' })
  expect(unknown.error).toMatchObject({ code: -32002 })
}

const checkClock = async (line: AgentLine): Promise<void> => {
  const { time_ms } = await line.call('time.get')
  const [now, day] = [Number(time_ms), 86_400_000]
  const set = await line.call('time.set', { time_ms: now + day })
  expect(Math.abs(Number(set.offset_ms) - day)).toBeLessThan(60_000)
  const later = await line.call('time.get')
  expect(Number(later.time_ms) - now).toBeGreaterThan(day - 60_000)
  await line.call('time.set', { time_ms: now })
}

const write = async (line: AgentLine, path: string): ReturnType<AgentLine['ask']> =>
  line.ask('file_write', { path, content: 'x' })

const checkFreeze = async (line: AgentLine): Promise<void> => {
  const frozen = await line.call('quiesce.freeze', { timeout_seconds: 60 })
  expect(frozen.filesystems).toContainEqual(expect.objectContaining({ mount_point: '/', fs_type: 'ext4' }))
  await line.call('ping')
  await line.call('telemetry.get')
  expect(await line.call('file_read', { path: '/etc/hostname' })).toMatchObject({ content: 'vireo-debian\n' })
  expect((await write(line, '/root/frozen')).error?.data).toEqual({ reason: 'frozen' })
  expect(await line.call('quiesce.thaw', { token: frozen.token })).toMatchObject({ hooks: [] })
  expect((await write(line, '/root/thawed')).result).toMatchObject({ bytes_written: 1 })
}

const checkKilledInFreeze = async (line: AgentLine): Promise<void> => {
  const { pid } = await line.call('agent.capabilities')
  const frozen = await line.call('quiesce.freeze', { timeout_seconds: 300 })
  void line.ask('exec_command', { command: 'kill', args: ['-KILL', String(pid)] })
  await agentAfter(line, pid)
  expect((await write(line, '/root/after')).result).toMatchObject({ bytes_written: 1 })
  const late = await line.ask('quiesce.thaw', { token: frozen.token })
  expect(late.error).toMatchObject({ code: -32005, data: { reason: 'not-frozen' } })
}

/** Whether the guest has neither the agent's program nor its configuration any more. */
const purged = async (domain: TestDomain): Promise<boolean> => {
  const opens = async (path: string): Promise<boolean> => {
    const question = { execute: 'guest-file-open', arguments: { path, mode: 'r' } }
    return domain.virsh('qemu-agent-command', JSON.stringify(question)).then(
      () => true,
      () => false,
    )
  }
  return (await opens('/run/purged')) && !(await opens('/usr/sbin/vireo-agent')) && !(await opens('/etc/vireo-agent'))
}

/** Emulated and on a busy computer. */
const booted = async (domain: TestDomain): Promise<void> => {
  const ready = async (): Promise<boolean> => {
    expect(await domain.state()).toBe('running')
    return domain.ready().then(
      () => true,
      () => false,
    )
  }
  await until('Debian to boot', ready, 480_000)
}

test('in Debian the package installs, the agent serves, freezes the root, survives being killed, goes, comes and turns off', async () => {
  await using disk = await packageDisk()
  await using domain = await testDomain({ kind: 'debian', prefix: 't-agentmethods', disks: [disk.path] })
  await booted(domain)
  const inGuest = async (script: string): Promise<void> => domain.spawnInGuest('/bin/sh', '-c', script)
  await inGuest(`mount -o ro /dev/vdb /mnt && dpkg --install /mnt/${disk.file}`)
  using line = await openChannel(domain)
  const first = await agentAfter(line, undefined)

  const info = await line.call('get_system_info')
  expect(info).toMatchObject({ os_id: 'debian', hostname: 'vireo-debian', init: 'systemd' })
  expect(await line.call('agent.capabilities')).toMatchObject({ privileged: true, unavailable: [] })
  const { sessions } = await line.call('users.list')
  const login_at_ms: unknown = expect.any(Number)
  expect(sessions).toContainEqual({ name: 'root', terminal: 'ttyS0', host: '', login_at_ms })
  await checkServices(line)
  await checkClock(line)
  await checkFreeze(line)
  await checkKilledInFreeze(line)
  const trimmed = await line.call('filesystem.trim')
  expect(trimmed.filesystems).toContainEqual(expect.objectContaining({ mount_point: '/' }))

  await inGuest('dpkg --purge vireo-agent && touch /run/purged')
  await until('the package to go', async () => purged(domain), 120_000)
  await inGuest(`dpkg --install /mnt/${disk.file}`)
  await agentAfter(line, first)
  expect(await line.call('system.shutdown', { mode: 'poweroff' })).toMatchObject({ initiated: true })
  await until('the guest to power off', async () => (await domain.state()) === 'shut off', 120_000)
}, 900_000)
