import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { hostname, networkInterfaces, release, totalmem } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import * as vireo from '../../guest-agent-bridge/src/protocol/vireo/index.ts'
import { startAgent, type AgentLine } from '../fixture/agent.ts'
import { run } from '../fixture/run.ts'
import { testUser } from '../fixture/test-user.ts'

interface Listed {
  readonly pid: number
  readonly started_at_ms: number
}

const isListed = (value: unknown): value is Listed =>
  typeof value === 'object' && value !== null && 'pid' in value && 'started_at_ms' in value

const processes = async (line: AgentLine, limit: number): Promise<Listed[]> => {
  const all: Listed[] = []
  for (let after: unknown = undefined; ;) {
    const page = await line.call('process.list', after === undefined ? { limit } : { limit, after })
    if (!Array.isArray(page.processes)) throw new Error('no processes')
    all.push(...page.processes.filter(isListed))
    if (page.next === null) return all
    after = page.next
  }
}

test('the agent says who it is, what it can do and what holds it back', async () => {
  const security = { allowed_write_paths: ['/tmp/a'], max_file_size_mb: 3, max_command_timeout_seconds: 7 }
  await using agent = await startAgent({ config: { max_message_size_kb: 64, max_concurrent_requests: 5, security } })
  const hello = await agent.line.call('agent.hello')
  expect(hello).toMatchObject({ agent: 'vireo', protocol: 1, platform: 'linux', user: 'root', privileged: true })
  expect(hello).toMatchObject({ pid: agent.pid, restrictions: ['Writes only /tmp/a'] })
  expect(hello.methods).toEqual(expect.arrayContaining(['ping', 'file.read', 'quiesce.freeze', 'exec.start']))
  expect(hello.limits).toMatchObject({
    max_message_bytes: 65_536,
    max_concurrent_requests: 5,
    max_command_timeout_seconds: 7,
    max_file_bytes: 3 * 1024 * 1024,
  })
  expect(await agent.line.call('get_agent_info')).toMatchObject({
    protocol_version: '1.0.0',
    platform: 'linux',
    capabilities: hello.methods,
  })
})

test('without root it can do less, says what, and refuses that', async () => {
  await using agent = await startAgent({ uid: 65_534 })
  const hello = await agent.line.call('agent.capabilities')
  expect(hello).toMatchObject({ user: 'nobody', privileged: false })
  const reason = 'The agent does not run as root'
  for (const method of ['quiesce.freeze', 'password.set', 'time.set', 'system.shutdown', 'shutdown']) {
    expect(hello.unavailable).toContainEqual({ method, reason })
    expect(hello.methods).not.toContain(method)
  }
  expect((await agent.line.ask('time.set', { time_ms: 0 })).error?.code).toBe(-32001)
  expect((await agent.line.ask('file.read', { path: '/etc/shadow' })).error?.code).toBe(-32001)
  expect((await agent.line.ask('process.kill', { pid: process.pid })).error?.code).toBe(-32001)
})

/** Whatever the protocol declares to have an answer. */
const declared = (): string[] => {
  const all: readonly unknown[] = Object.values(vireo)
  return all.flatMap(one =>
    typeof one === 'object' && one !== null && 'result' in one && 'name' in one ? [String(one.name)] : [],
  )
}

test('every method that the protocol declares is there, or said to be unavailable', async () => {
  await using agent = await startAgent()
  const { methods, unavailable } = await agent.line.call('agent.capabilities')
  const names = JSON.stringify([methods, unavailable])
  expect(declared()).toContain('get_disk_usage')
  expect(declared().filter(name => !names.includes(`"${name}"`))).toEqual([])
})

test('addresses and disks have KVM Manager’s names and shapes, and are true', async () => {
  await using agent = await startAgent()
  const { interfaces } = await agent.line.call('get_network_info')
  const { lo = [] } = networkInterfaces()
  const ours = lo.flatMap(({ cidr, family }) => (cidr !== null && family === 'IPv4' ? [cidr] : []))
  expect(interfaces).toContainEqual(
    expect.objectContaining({ name: 'lo', mac_address: '00:00:00:00:00:00', ipv4_addresses: ours, state: 'up' }),
  )
  const { filesystems } = await agent.line.call('get_disk_usage')
  const sample = await agent.line.call('telemetry.get')
  const places = (list: unknown): unknown[] =>
    Array.isArray(list) ? list.map((one: object) => ('mount_point' in one ? one.mount_point : null)) : []
  expect(places(filesystems)).not.toEqual([])
  expect(places(filesystems)).toEqual(places(sample.filesystems))
  const [first] = Array.isArray(filesystems) ? filesystems : []
  const numbers = { total_bytes: expect.any(Number), used_bytes: expect.any(Number), used_percent: expect.any(Number) }
  expect(first).toMatchObject({ device: expect.any(String), fs_type: expect.any(String), ...numbers })
})

test('the facts of the system are true', async () => {
  await using agent = await startAgent()
  const info = await agent.line.call('get_system_info')
  const seconds = Number((await readFile('/proc/uptime', 'utf8')).split(' ')[0])
  expect(info).toMatchObject({
    os_type: 'linux',
    hostname: hostname(),
    kernel_version: release(),
    architecture: (await run('uname', ['-m'])).trim(),
    cpu_count: Number(await run('getconf', ['_NPROCESSORS_ONLN'])),
    total_memory_kb: totalmem(),
    total_memory_bytes: totalmem(),
  })
  expect(Math.abs(Number(info.uptime_seconds) - seconds)).toBeLessThan(60)
  const { time_ms, utc_offset_seconds } = await agent.line.call('time.get')
  expect(Math.abs(Number(time_ms) - Date.now())).toBeLessThan(60_000)
  expect(utc_offset_seconds).toBe(60 * (0 - new Date().getTimezoneOffset()))
})

test('processes are listed with their strange names, and killed when they are the ones meant', async () => {
  await using agent = await startAgent()
  const child = spawn('/bin/sh', ['-c', 'printf "a) R (b" > /proc/self/comm; read x'], {
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  const ended = once(child, 'exit')
  const pid = child.pid ?? 0
  const all = await processes(agent.line, 7)
  expect(all.map(process => process.pid)).toEqual(all.map(process => process.pid).toSorted((a, b) => a - b))
  const mine = all.find(process => process.pid === pid)
  expect(mine).toMatchObject({ parent_pid: process.pid, user: 'root', uid: 0, threads: 1 })
  expect(all.find(process => process.pid === 2)).toMatchObject({ command: null, name: 'kthreadd', memory_bytes: 0 })
  const started_at_ms = mine?.started_at_ms ?? 0
  const other = await agent.line.ask('process.kill', { pid, started_at_ms: started_at_ms - 60_000 })
  expect(other.error?.code).toBe(-32002)
  expect(await agent.line.call('process.kill', { pid, started_at_ms, signal: 9 })).toEqual({})
  expect(await ended).toEqual([null, 'SIGKILL'])
})

test.each([
  ['process 1', 1, -32005],
  ['a process group', -1, -32602],
  ['process 0', 0, -32602],
  ['nobody', 4_194_303, -32002],
])('%s is not killed', async (_, pid, code) => {
  await using agent = await startAgent()
  expect((await agent.line.ask('process.kill', { pid })).error?.code).toBe(code)
  expect((await agent.line.ask('process.kill', { pid: agent.pid })).error?.code).toBe(-32005)
})

test('what a process uses is counted since the last listing', async () => {
  await using agent = await startAgent()
  const child = spawn('/bin/sh', ['-c', 'while :; do :; done'], { stdio: 'ignore' })
  try {
    await processes(agent.line, 5000)
    await run('sleep', ['1'])
    const [busy] = (await processes(agent.line, 5000)).filter(({ pid }) => pid === child.pid)
    expect(busy).toMatchObject({ cpu_percent: expect.any(Number) })
    expect(busy && 'cpu_percent' in busy ? Number(busy.cpu_percent) : 0).toBeGreaterThan(3)
  } finally {
    child.kill('SIGKILL')
  }
})

test('a password is set, plain or as a hash, and never shows', async () => {
  await using user = await testUser()
  await using agent = await startAgent({
    config: { security: { audit_logging: true } },
    args: ['--log-level', 'trace'],
  })
  const shadow = async (): Promise<string> =>
    new RegExp(`^${user.name}:([^:]*):(\\d*)`, 'm')
      .exec(await readFile('/etc/shadow', 'utf8'))
      ?.slice(1)
      .join(' ') ?? ''
  const password = 'a:b "$x" ü'
  expect(await agent.line.call('password.set', { user: user.name, password })).toEqual({})
  const [hash = ''] = (await shadow()).split(' ')
  const script = 'import crypt,sys; h=sys.argv[2]; print(crypt.crypt(sys.argv[1], h) == h)'
  expect(await run('python3', ['-W', 'ignore', '-c', script, password, hash])).toBe('True\n')
  const given = '$6$abcdefgh$NotARealHash/But.AcceptedAsOne'
  await agent.line.call('password.set', { user: user.name, hash: given, expire: true })
  expect(await shadow()).toBe(`${given} 0`)
  expect(agent.log()).toContain('audit password.set')
  expect(agent.log()).not.toContain(password)
  expect(agent.log()).not.toContain('NotARealHash')
})

test.each([
  ['an account that is not there', { user: 'no-such-user', password: 'x' }, -32002],
  ['a line break', { user: 'root', password: 'x\nroot:y' }, -32602],
  ['neither password nor hash', { user: 'root' }, -32602],
  ['both', { user: 'root', password: 'x', hash: '$6$a$b' }, -32602],
  ['a hash that is none', { user: 'root', hash: 'x:y' }, -32602],
  ['a name with a colon', { user: 'root:x', password: 'x' }, -32602],
])('no password is set for %s', async (_, params, code) => {
  await using agent = await startAgent()
  const before = await readFile('/etc/shadow', 'utf8')
  expect((await agent.line.ask('password.set', params)).error?.code).toBe(code)
  expect(await readFile('/etc/shadow', 'utf8')).toBe(before)
})

test('people and their accounts are listed, services of the system are not people', async () => {
  await using user = await testUser()
  await using agent = await startAgent()
  const { accounts } = await agent.line.call('users.list')
  expect(accounts).toContainEqual({ name: 'root', uid: 0, home: '/root', shell: expect.any(String) })
  expect(accounts).toContainEqual(expect.objectContaining({ name: user.name, uid: user.uid, shell: '/bin/sh' }))
  expect(accounts).not.toContainEqual(expect.objectContaining({ name: 'daemon' }))
})

test('a shutdown that makes no sense is refused', async () => {
  await using agent = await startAgent()
  for (const params of [
    {},
    { mode: 'sleep' },
    { mode: 'halt', delay_seconds: -1 },
    { mode: 'halt', delay_seconds: 1e9 },
  ]) {
    expect((await agent.line.ask('system.shutdown', params)).error?.code).toBe(-32602)
  }
  expect((await agent.line.ask('shutdown', { timeout_seconds: 'now' })).error?.code).toBe(-32602)
  await writeFile(join(agent.folder, 'still-here'), '')
})
