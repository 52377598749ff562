import { randomBytes } from 'node:crypto'
import type { Duplex } from 'node:stream'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { HypervisorConnection } from '../../app-main/src/hypervisor/driver.ts'
import { qemuGaDialect, type GuestAgent } from '../../guest-agent-bridge/src/host/index.ts'
import { testDomain, type TestDomain } from '../fixture/domain.ts'
import { asking, execText, guestLink, openConnection } from '../fixture/guest-link.ts'
import { until } from '../fixture/wait.ts'

let domain: TestDomain
let connection: HypervisorConnection
let agent: GuestAgent
const stack = new AsyncDisposableStack()

beforeAll(async () => {
  domain = stack.use(await testDomain({ kind: 'debian', prefix: 't-qga', network: 'default' }))
  connection = await openConnection()
  stack.defer(() => connection.dispose())
  // On a busy computer an emulated Debian takes more than one wait.
  await domain.ready().catch(() => domain.ready())
  agent = await qemuGaDialect.connect(guestLink(connection, domain.uuid), asking)
}, 600_000)

afterAll(() => stack.disposeAsync())

const pieces = async function* (...parts: (string | Uint8Array)[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) yield Buffer.from(part)
}

/** The whole file, read in pieces of that many bytes. */
const readAll = async (path: string, length: number): Promise<Buffer> => {
  const parts: Uint8Array[] = []
  for (let offset = 0; ;) {
    const { bytes, eof } = await agent.readFile(path, offset, length, asking)
    parts.push(bytes)
    offset += bytes.length
    if (eof) return Buffer.concat(parts)
  }
}

/** Types a line into root's shell on the serial port, whatever the agent does, until the shell says `wanted`. */
const type = async (line: Duplex, text: string, wanted: string): Promise<void> => {
  let heard = ''
  line.on('data', (bytes: Buffer) => (heard += bytes.toString()))
  line.write(`${text}\r`)
  await until(wanted, () => heard.includes(wanted), 60_000)
}

test('a guest tells what it is, who is there, and what it is doing', async () => {
  expect(agent.version).toMatch(/^\d+\.\d+/)
  expect(Object.keys(agent.features).sort()).toEqual(['exec-stream', 'resume-upload', 'service-control', 'services'])
  const system = await agent.system(asking)
  expect(system).toMatchObject({ hostname: 'vireo-debian', osId: 'debian', architecture: 'x86_64', cpuCount: 1 })
  expect(system.memoryBytes).toBeGreaterThan(400 * 1024 ** 2)
  expect(Math.abs(system.clockOffsetSeconds ?? NaN)).toBeLessThan(3600)
  // DHCP may take longer than the agent's start.
  const ethernet = await until(
    'an address',
    async () =>
      (await agent.interfaces(asking)).find(({ addresses }) =>
        addresses.some(one => /^192\.168\.\d+\.\d+\/24$/.test(one)),
      ),
    90_000,
  )
  expect(ethernet.mac).toMatch(/^52:54:00:/)
  const [root] = await agent.filesystems(asking)
  expect(root).toMatchObject({ mountPoint: '/', device: '/dev/vda', type: 'ext4' })
  expect(root?.usedBytes).toBeGreaterThan(100 * 1024 ** 2)
  // Its root was read from there, and what it wrote since may still be in its memory.
  const disk = (await agent.disks(asking)).find(({ name }) => name === '/dev/vda')
  expect(disk).toMatchObject({ partition: false, writtenBytes: expect.any(Number) as number })
  expect(disk?.readBytes).toBeGreaterThan(1024 ** 2)
  // The serial port's login may be slower too.
  await until(
    'root to be logged in',
    async () => (await agent.users(asking)).some(({ name }) => name === 'root'),
    90_000,
  )
  const processes = await agent.processes(asking)
  expect(processes).toContainEqual(expect.objectContaining({ pid: 1, name: 'systemd', user: 'root' }))
})

test('measurements come as asked for, with the CPU from their difference', async () => {
  const stop = new AbortController()
  const samples: Parameters<Parameters<GuestAgent['watchTelemetry']>[1]>[0][] = []
  await agent.watchTelemetry(
    0.2,
    sample => {
      samples.push(sample)
      if (samples.length === 3) stop.abort()
    },
    stop.signal,
  )
  const last = samples.at(-1)
  expect(samples).toHaveLength(3)
  expect(last?.cpuPercent).toBeGreaterThan(0)
  expect(last?.memoryAvailableBytes).toBeLessThan(last?.memoryTotalBytes ?? 0)
  expect(last?.load).toHaveLength(3)
  expect(last?.processCount).toBeGreaterThan(20)
  expect(last?.uptimeSeconds).toBeGreaterThan(1)
  expect(last?.filesystems).toContainEqual(expect.objectContaining({ mountPoint: '/' }))
  expect(last?.interfaces[0]?.addresses).not.toEqual([])
})

test('a command gets its arguments, input, environment, folder and user as they are, and its output comes back', async () => {
  const odd = ['-x', 'a b', "'", '$(id)', '', '\n', 'ü😀']
  expect(await execText(agent, { args: ['printf', '[%s]', ...odd] })).toMatchObject({
    exitCode: 0,
    stdout: odd.map(one => `[${one}]`).join(''),
  })
  const shell = await execText(
    agent,
    { shell: 'cat; pwd; echo "$GREETING"; echo wrong >&2; exit 3', cwd: '/usr/share', env: { GREETING: `a'b $HOME` } },
    pieces('in\n', 'put\n'),
  )
  expect(shell).toMatchObject({
    ...{ exitCode: 3, signal: null, timedOut: false, truncated: false },
    ...{ stdout: `in\nput\n/usr/share\na'b $HOME\n`, stderr: 'wrong\n' },
  })
  expect(await execText(agent, { shell: 'id -un; echo "$HOME"', user: 'nobody' })).toMatchObject({
    stdout: 'nobody\n/nonexistent\n',
  })
  const input = randomBytes(300_000).toString('base64')
  const counted = await execText(agent, { shell: 'wc -c; ls -A /tmp | grep -c "^.vireo"' }, pieces(input))
  expect(counted.stdout).toBe(`${input.length}\n0\n`)
})

test('a command that cannot be run is refused before, by what is missing', async () => {
  await expect(execText(agent, { args: ['true'], user: 'nix' })).rejects.toMatchObject({
    detail: { kind: 'not-found' },
  })
  await expect(execText(agent, { args: ['true'], cwd: '/nix' })).rejects.toMatchObject({
    detail: { kind: 'not-found' },
  })
  for (const user of ['-x', 'a b', 'a;b'])
    await expect(execText(agent, { args: ['true'], user })).rejects.toMatchObject({ detail: { kind: 'invalid-input' } })
  await expect(execText(agent, { args: ['true', 'x'.repeat(200_000)] })).rejects.toMatchObject({
    detail: { kind: 'invalid-input' },
  })
  expect(await execText(agent, { args: ['nix'] })).toMatchObject({ exitCode: 127 })
  expect(await execText(agent, { shell: 'kill -9 $$' })).toMatchObject({ exitCode: null, signal: 'SIGKILL' })
})

test('output beyond the limit is dropped and marked, and nothing else is', async () => {
  const flood = await execText(agent, { shell: 'head -c 5000000 /dev/zero; echo done >&2', maxOutputBytes: 100 })
  expect(flood).toMatchObject({ exitCode: 0, truncated: true, stderr: 'done\n' })
  expect(flood.stdout).toHaveLength(100)
  const large = await execText(agent, { shell: 'head -c 1000000 /dev/zero', maxOutputBytes: 1_000_000 })
  expect(large).toMatchObject({ truncated: false })
  expect(large.stdout).toHaveLength(1_000_000)
})

test('a command whose time is over is killed with everything it started, and what it said is not lost', async () => {
  const end = await execText(agent, { shell: 'echo begun; sleep 4711 & sleep 4712; :', timeoutSeconds: 2 })
  expect(end).toMatchObject({ timedOut: true, exitCode: null, stdout: 'begun\n' })
  const stubborn = await execText(agent, { shell: `trap '' TERM; sleep 4713; sleep 4714`, timeoutSeconds: 1 })
  expect(stubborn).toMatchObject({ timedOut: true, signal: 'SIGKILL' })
  const left = (await agent.processes(asking)).filter(({ command }) => command?.startsWith('sleep 471'))
  expect(left).toEqual([])
  const gaveUp = new AbortController()
  const running = agent.exec(
    { shell: 'sleep 4715', env: {}, timeoutSeconds: 60, maxOutputBytes: 100 },
    { onOutput: () => undefined },
    { signal: gaveUp.signal },
  )
  const sleeps = async () => (await agent.processes(asking)).some(({ command }) => command === 'sleep 4715')
  await until('the command to run', sleeps, 30_000)
  gaveUp.abort()
  await expect(running).rejects.toMatchObject({ detail: { kind: 'cancelled' } })
  await until('the command to be killed', async () => !(await sleeps()), 30_000)
})

test('files travel both ways, replace the old ones whole, and keep their rights', async () => {
  const content = randomBytes(1_500_000)
  const path = `/tmp/folder a/new 'file'\n1`
  expect(await agent.writeFile({ path, content: pieces(content), createParents: true }, asking)).toBe(content.length)
  expect((await readAll(path, 512 * 1024)).equals(content)).toBe(true)
  expect(await agent.stat(path, asking)).toMatchObject({ type: 'file', mode: 0o644, owner: 'root' })
  await execText(agent, { args: ['chmod', '600', path] })
  await execText(agent, { args: ['chown', 'nobody', path] })
  await agent.writeFile({ path, content: pieces('short') }, asking)
  expect(await agent.stat(path, asking)).toMatchObject({ mode: 0o600, owner: 'nobody', sizeBytes: 5 })
  const broken = async function* (): AsyncGenerator<Uint8Array> {
    yield Buffer.from('half')
    throw new Error('the source broke')
  }
  await expect(agent.writeFile({ path, content: broken() }, asking)).rejects.toThrow('the source broke')
  expect((await readAll(path, 100)).toString()).toBe('short')
  await until('no half file to be left', async () => (await agent.list('/tmp/folder a', asking)).length === 1, 30_000)
  await expect(
    agent.writeFile({ path: '/run/lock/big', content: pieces('x'), size: 2 ** 45 }, asking),
  ).rejects.toMatchObject({ detail: { kind: 'precondition' } })
})

test('folders are listed whatever their files are called, made and removed', async () => {
  const names = ['a\nb', "'$(id)'", '-rf', '.hidden', '..odd', 'ü', '\u001b[31m']
  await agent.makeDirectory('/tmp/odd/deep', { parents: true, mode: 0o750 }, asking)
  for (const name of names) await agent.writeFile({ path: `/tmp/odd/deep/${name}`, content: pieces('1') }, asking)
  await execText(agent, { args: ['ln', '-s', '/nowhere', '/tmp/odd/deep/link'] })
  const entries = await agent.list('/tmp/odd/deep', asking)
  expect(entries.map(({ name }) => name).sort()).toEqual([...names, 'link'].sort())
  expect(entries).toContainEqual(expect.objectContaining({ name: 'link', type: 'link', linkTarget: '/nowhere' }))
  expect(await agent.stat('/tmp/odd/deep', asking)).toMatchObject({ type: 'directory', mode: 0o750, name: 'deep' })
  await expect(agent.remove('/tmp/odd/deep', { recursive: false }, asking)).rejects.toMatchObject({
    detail: { kind: 'precondition' },
  })
  await agent.remove('/tmp/odd', { recursive: true }, asking)
  const missing = { detail: { kind: 'not-found' } }
  await expect(agent.stat('/tmp/odd', asking)).rejects.toMatchObject(missing)
  await expect(agent.list('/tmp/odd', asking)).rejects.toMatchObject(missing)
  await expect(agent.readFile('/tmp/odd', 0, 10, asking)).rejects.toMatchObject(missing)
  await expect(agent.remove('/tmp/odd', { recursive: true }, asking)).rejects.toMatchObject(missing)
  await expect(agent.readFile('/tmp', 0, 10, asking)).rejects.toMatchObject({ detail: { kind: 'precondition' } })
  for (const path of ['relative', '/a\0b', '/', '/..'])
    await expect(agent.remove(path, { recursive: true }, asking)).rejects.toMatchObject({
      detail: { kind: 'invalid-input' },
    })
})

test('password, keys and clock are set, and processes are killed', async () => {
  await agent.setPassword('root', `new 'password' ü`, asking)
  await agent.setSshKeys('root', ['ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIE one@test'], asking)
  expect(await agent.sshKeys('root', asking)).toEqual(['ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIE one@test'])
  await agent.setSshKeys('root', [], asking)
  expect(await agent.sshKeys('root', asking)).toEqual([])
  await expect(agent.setPassword('nix', 'x', asking)).rejects.toMatchObject({ detail: { kind: 'refused' } })
  await expect(agent.setPassword('root', 'a\nroot:b', asking)).rejects.toMatchObject({
    detail: { kind: 'invalid-input' },
  })
  await execText(agent, { args: ['date', '-s', '2001-01-01'] })
  await agent.syncTime(asking)
  expect(Math.abs((await agent.system(asking)).clockOffsetSeconds ?? NaN)).toBeLessThan(60)
  await domain.spawnInGuest('/bin/sleep', '4716')
  const find = async () => (await agent.processes(asking)).find(({ command }) => command === '/bin/sleep 4716')
  const sleeper = await until('the process', find, 60_000)
  await agent.kill(sleeper.pid, 9, asking)
  await expect(agent.kill(sleeper.pid, 9, asking)).rejects.toMatchObject({ detail: { kind: 'not-found' } })
  expect(await agent.trim(asking)).toBeGreaterThan(0)
})

test('a frozen guest does nothing but thaw, and thaws by itself when the host is gone', async () => {
  const frozen = await agent.freeze({ timeoutSeconds: 120 }, asking)
  expect(frozen).toMatchObject({ count: 1, token: null })
  expect(frozen.autoThawAt).toBeGreaterThan(Date.now())
  await expect(execText(agent, { args: ['true'] })).rejects.toMatchObject({
    detail: { kind: 'precondition', hint: expect.stringContaining('thaw') as string },
  })
  const met = await qemuGaDialect.connect(guestLink(connection, domain.uuid), asking)
  expect(met.features.exec).toMatch(/frozen/)
  expect(await met.thaw(null, asking)).toBe(1)
  await agent.thaw(null, asking)
  expect(await execText(agent, { args: ['touch', '/root/after'] })).toMatchObject({ exitCode: 0 })
  // A host that is gone from the moment it froze the guest.
  const link = guestLink(connection, domain.uuid)
  let gone = false
  const leaving = await qemuGaDialect.connect(
    {
      ...link,
      agentCommand: (command, seconds) => {
        if (gone) return new Promise(() => undefined)
        gone = command.includes('guest-fsfreeze-freeze')
        return link.agentCommand(command, seconds)
      },
    },
    asking,
  )
  await leaving.freeze({ timeoutSeconds: 5 }, asking)
  const line = await connection.console.serial(domain.uuid, { takeOver: false })
  await type(line, 'touch /root/written; echo thawed-$((40+2))', 'thawed-42')
  line.destroy()
  await agent.thaw(null, asking)
  expect(await agent.stat('/root/written', asking)).toMatchObject({ type: 'file' })
})

test('a guest with nothing but a busybox is served as well', async () => {
  await using micro = await testDomain({ prefix: 't-qga', vcpus: 2 })
  await micro.ready()
  const small = await qemuGaDialect.connect(guestLink(connection, micro.uuid), asking)
  expect(await execText(small, { args: ['printf', '[%s]', '-x', "a'b", '\n'], cwd: '/bin' })).toMatchObject({
    ...{ exitCode: 0, stdout: "[-x][a'b][\n]" },
  })
  const late = await execText(small, { shell: 'echo begun; sleep 4717 & sleep 4718', timeoutSeconds: 1 })
  expect(late).toMatchObject({ timedOut: true, stdout: 'begun\n' })
  // Its shell is gone by now; the other has been told to go.
  const sleeps = async () => (await small.processes(asking)).filter(({ name }) => name === 'sleep')
  await until('all of it to end', async () => (await sleeps()).length === 0, 10_000)
  const content = randomBytes(200_000)
  await small.writeFile({ path: "/tmp/a'\nb", content: pieces(content), mode: 0o640, size: content.length }, asking)
  expect((await small.readFile("/tmp/a'\nb", 0, content.length, asking)).bytes).toEqual(content)
  await execText(small, { args: ['ln', '-s', '/nowhere', '/tmp/.link'] })
  const entries = await small.list('/tmp', asking)
  expect(entries).toContainEqual(expect.objectContaining({ name: "a'\nb", type: 'file', mode: 0o640 }))
  expect(entries).toContainEqual(expect.objectContaining({ name: '.link', linkTarget: '/nowhere' }))
  await small.remove("/tmp/a'\nb", { recursive: false }, asking)
  await expect(small.stat("/tmp/a'\nb", asking)).rejects.toMatchObject({ detail: { kind: 'not-found' } })
  const { memoryTotalBytes, processCount } = await small.telemetry(asking)
  expect(memoryTotalBytes).toBeGreaterThan(50 * 1024 ** 2)
  expect(processCount).toBeGreaterThan(10)
  // Its kernel does it, and says so itself.
  const second = { id: 1, online: true, canOffline: true }
  expect(await small.cpus(asking)).toEqual([expect.objectContaining({ id: 0, online: true }), second])
  await small.setCpus([{ id: 1, online: false }], asking)
  expect(await small.cpus(asking)).toContainEqual({ ...second, online: false })
  expect(await execText(small, { shell: 'grep -c ^processor /proc/cpuinfo' })).toMatchObject({ stdout: '1\n' })
  await expect(
    small.setCpus(
      [
        { id: 1, online: true },
        { id: 7, online: true },
      ],
      asking,
    ),
  ).rejects.toMatchObject({ detail: { kind: 'not-found' } })
  expect(await small.cpus(asking)).toContainEqual({ ...second, online: false })
  await small.setCpus([{ id: 1, online: true }], asking)
  expect((await small.system(asking)).cpuCount).toBe(2)
  small.close()
}, 90_000)

test('an agent that hangs is told from one that answers, holds up no other machine, and is there again afterwards', async () => {
  await using other = await testDomain({ prefix: 't-qga' })
  await other.ready()
  const link = guestLink(connection, domain.uuid)
  const line = await connection.console.serial(domain.uuid, { takeOver: false })
  await type(line, 'kill -STOP $(pidof qemu-ga); echo stopped-$((40+2))', 'stopped-42')
  const settled: string[] = []
  const hanging = Array.from({ length: 12 }, () =>
    link.agentCommand('{"execute":"guest-ping"}', 3).catch((error: unknown) => {
      settled.push('hanging')
      return error
    }),
  )
  const fine = guestLink(connection, other.uuid)
  for (let round = 0; round < 10; round++) await fine.agentCommand('{"execute":"guest-ping"}', 10)
  settled.push('other')
  expect((await connection.inspect.detail(domain.uuid)).state).toBe('running')
  const [first] = await Promise.all(hanging)
  expect(first).toMatchObject({ detail: { kind: 'timeout' } })
  expect(settled[0]).toBe('other')
  await expect(qemuGaDialect.connect(link, asking)).rejects.toMatchObject({ detail: { kind: 'timeout' } })
  await type(line, 'kill -CONT $(pidof qemu-ga); echo going-$((40+2))', 'going-42')
  line.destroy()
  await until(
    'the agent to answer again',
    () =>
      link.agentCommand('{"execute":"guest-ping"}', 5).then(
        () => true,
        () => false,
      ),
    60_000,
  )
})

test('an agent that leaves is told by its event, and so is one that comes back', async () => {
  const told: boolean[] = []
  const look = async (): Promise<void> => {
    const channels = await connection.guest.channels(domain.uuid)
    const connected = channels.find(({ name }) => name === qemuGaDialect.channel)?.connected
    if (typeof connected === 'boolean') told.push(connected)
  }
  const listening = connection.guest.onGuestAgent(key => {
    if (key === domain.uuid) void look()
  })
  await domain.spawnInGuest(
    '/usr/bin/systemd-run',
    '/bin/sh',
    '-c',
    'systemctl stop qemu-guest-agent; sleep 3; systemctl start qemu-guest-agent',
  )
  await until('both', () => told.includes(false) && told.at(-1) === true, 60_000)
  listening.dispose()
  agent = await qemuGaDialect.connect(guestLink(connection, domain.uuid), asking)
})

test('a guest shuts down when its agent is asked to, although that is never answered', async () => {
  await agent.shutdown('poweroff', asking)
  await until('it to be off', () => connection.domains.get(domain.uuid)?.state === 'shutoff', 90_000)
  await expect(agent.system(asking)).rejects.toMatchObject({ detail: { kind: 'precondition' } })
  await agent.closed
})
