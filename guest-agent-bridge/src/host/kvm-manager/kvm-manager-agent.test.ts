import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ExecSpec, RemoteError } from '@vireo/app-main/contract'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { GuestAgent } from '../guest-agent.ts'
import { FakeKvmManager, type FakeKvmManagerOptions } from '../testing/fake-kvm-manager.ts'
import { linkTo } from '../testing/scripted-link.ts'
import { kvmManagerDialect } from './dialect.ts'

const asking = { signal: new AbortController().signal }
let folder = ''

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'vireo-kvm-manager-'))
})
afterAll(() => rmSync(folder, { recursive: true, maxRetries: 5 }))

const connect = async (options?: FakeKvmManagerOptions): Promise<{ fake: FakeKvmManager; agent: GuestAgent }> => {
  const fake = new FakeKvmManager(options)
  const link = linkTo({ [kvmManagerDialect.channel]: { open: () => fake.host } })
  return { fake, agent: await kvmManagerDialect.connect(link, asking) }
}

const kindOf = async (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'nothing failed',
    (error: unknown) => (error instanceof RemoteError ? error.detail.kind : error),
  )

async function* contentOf(...parts: (string | Buffer)[]) {
  for (const part of parts) yield Buffer.from(part)
}

const run = async (agent: GuestAgent, spec: object, stdin?: AsyncIterable<Uint8Array>) => {
  let [stdout, stderr] = ['', '']
  const end = await agent.exec(
    ExecSpec.parse(spec),
    {
      ...(stdin ? { stdin } : {}),
      onOutput: (stream, bytes) => {
        if (stream === 'stdout') stdout += Buffer.from(bytes).toString()
        else stderr += Buffer.from(bytes).toString()
      },
    },
    asking,
  )
  return { ...end, stdout, stderr }
}

test('facts are what the agent means, not what it says', async () => {
  const { agent } = await connect()
  expect(agent.version).toBe('0.1.0')
  expect(await agent.system(asking)).toMatchObject({
    memoryBytes: 25_276_502_016,
    osName: 'Debian GNU/Linux',
    cpuCount: 4,
  })
  expect((await agent.interfaces(asking))[1]).toEqual({
    ...{ name: 'eth0', mac: '52:54:00:ab:00:01', addresses: ['192.168.122.5/24'] },
    ...{ up: null, mtu: null, receivedBytes: null, sentBytes: null },
  })
  expect(await agent.filesystems(asking)).toEqual([
    { mountPoint: '/', device: '/dev/vda1', type: 'ext4', totalBytes: 1000, usedBytes: 400, availableBytes: 600 },
  ])
})

test('a command has arguments, environment, folder, input and exit code', async () => {
  const { agent } = await connect()
  const end = await run(
    agent,
    { shell: 'cat; echo "$GREETING" >&2; pwd; exit 7', env: { GREETING: 'a b' }, cwd: folder },
    contentOf('in', 'put\n'),
  )
  expect(end).toMatchObject({ exitCode: 7, timedOut: false, stdout: `input\n${folder}\n`, stderr: 'a b\n' })
  expect((await run(agent, { args: ['printf', '%s|', '$HOME', "it's"] })).stdout).toBe("$HOME|it's|")
})

test('a program that does not exist is told, and the next command runs', async () => {
  const { agent } = await connect({ whitelist: ['/no/such/program', 'true'] })
  expect(await kindOf(run(agent, { args: ['/no/such/program'] }))).toBe('refused')
  expect((await run(agent, { args: ['true'] })).exitCode).toBe(0)
})

test("a command beyond its time is killed by the guest's own means, with its children", async () => {
  const { agent } = await connect()
  const mark = join(folder, 'survived')
  const end = await run(agent, { shell: `(sleep 2; touch ${mark}) & wait`, timeoutSeconds: 1 })
  expect(end).toMatchObject({ timedOut: true, exitCode: null })
  await run(agent, { args: ['sleep', '1.5'] })
  expect(() => statSync(mark)).toThrow('ENOENT')
})

test("the agent's own time-out is one", async () => {
  const { agent } = await connect({ whitelist: ['sleep'], maxCommandSeconds: 1 })
  expect(await run(agent, { args: ['sleep', '5'] })).toMatchObject({ timedOut: true, exitCode: null })
})

test('output beyond what was asked for is cut and marked', async () => {
  const { agent } = await connect()
  expect(await run(agent, { shell: 'echo 12345', maxOutputBytes: 3 })).toMatchObject({ stdout: '123', truncated: true })
})

test('bytes of any kind go through the shell, in pieces, and the old file keeps its mode', async () => {
  const { agent } = await connect()
  const path = join(folder, "it's a $file")
  writeFileSync(path, 'old', { mode: 0o640 })
  const bytes = Buffer.from(Array.from({ length: 150_000 }, (_, index) => (index * 7) % 256))
  expect(
    await agent.writeFile({ path, content: contentOf(bytes.subarray(0, 100_000), bytes.subarray(100_000)) }, asking),
  ).toBe(150_000)
  expect(readFileSync(path).equals(bytes)).toBe(true)
  expect(statSync(path).mode & 0o777).toBe(0o640)
  const read: Uint8Array[] = []
  for (let offset = 0, eof = false; !eof;) {
    const chunk = await agent.readFile(path, offset, 64_000, asking)
    read.push(chunk.bytes)
    offset += chunk.bytes.length
    eof = chunk.eof
  }
  expect(Buffer.concat(read).equals(bytes)).toBe(true)
})

test('a write that fails leaves the old file and nothing else', async () => {
  const { agent } = await connect()
  const path = join(folder, 'kept')
  writeFileSync(path, 'old')
  const failing = (async function* () {
    yield Buffer.from('new')
    throw new Error('no more')
  })()
  await expect(agent.writeFile({ path, content: failing }, asking)).rejects.toThrow('no more')
  await run(agent, { args: ['true'] })
  expect(readFileSync(path, 'utf8')).toBe('old')
  expect((await agent.list(folder, asking)).filter(entry => entry.name.startsWith('kept'))).toHaveLength(1)
})

test('files that are none are told apart', async () => {
  const { agent } = await connect()
  expect(await kindOf(agent.readFile(join(folder, 'nothing'), 0, 10, asking))).toBe('not-found')
  expect(await kindOf(agent.readFile(folder, 0, 10, asking))).toBe('precondition')
})

test('an agent that lets no shell run still moves text, and says what it cannot do', async () => {
  const { agent } = await connect({ whitelist: ['ls'] })
  expect(agent.features.processes).toContain('no shell')
  expect(agent.features.directory).toContain('no shell')
  const path = join(folder, 'deep/er/text')
  expect(await agent.writeFile({ path, content: contentOf('grüße\n'), createParents: true, mode: 0o600 }, asking)).toBe(
    8,
  )
  expect(readFileSync(path, 'utf8')).toBe('grüße\n')
  expect(statSync(path).mode & 0o777).toBe(0o600)
  expect(await agent.readFile(path, 2, 4, asking)).toEqual({ bytes: Buffer.from('grüße\n').subarray(2, 6), eof: false })
  expect(await agent.readFile(path, 6, 100, asking)).toMatchObject({ eof: true })
  expect(await kindOf(agent.writeFile({ path, content: contentOf(Buffer.from([0xff, 0xfe])) }, asking))).toBe(
    'unsupported',
  )
  writeFileSync(path, Buffer.from([0xff, 0xfe]))
  expect(await kindOf(agent.readFile(path, 0, 10, asking))).toBe('refused')
  expect(await kindOf(agent.processes(asking))).toBe('unsupported')
  expect(await kindOf(agent.writeFile({ path: '/etc/vireo-never', content: contentOf('x') }, asking))).toBe(
    'permission',
  )
})

test.each([{ whitelist: null }, { whitelist: ['ls'] }])('telemetry is derived, with %j', async options => {
  const { agent } = await connect(options)
  const sample = await agent.telemetry(asking)
  expect(sample.memoryTotalBytes).toBeGreaterThan(1e8)
  expect(sample.memoryAvailableBytes).toBeLessThan(sample.memoryTotalBytes ?? 0)
  expect(sample.cpuPercent).toBeGreaterThanOrEqual(0)
  expect(sample.load).toHaveLength(3)
  expect(sample.uptimeSeconds).toBeGreaterThan(0)
  expect(sample.filesystems).toHaveLength(1)
  if (options.whitelist === null) expect(sample.processCount).toBeGreaterThan(1)
})

test('where the rules forbid /proc, telemetry is what is left', async () => {
  const { agent } = await connect({ whitelist: [], readPaths: ['/tmp'] })
  expect(await agent.telemetry(asking)).toMatchObject({
    cpuPercent: null,
    memoryTotalBytes: null,
    filesystems: [{ mountPoint: '/' }],
  })
})

test('measurements come at an interval until nobody wants them', async () => {
  const { agent, fake } = await connect()
  const controller = new AbortController()
  let seen = 0
  await agent.watchTelemetry(0.1, () => ++seen === 3 && controller.abort(), controller.signal)
  expect(seen).toBe(3)
  expect(fake.methods.filter(method => method === 'get_disk_usage')).toHaveLength(3)
})

test('processes, directories and their entries come from the guest itself', async () => {
  const { agent } = await connect()
  const own = (await agent.processes(asking)).find(one => one.pid === process.pid)
  expect(own?.memoryBytes).toBeGreaterThan(1e6)
  expect(own?.parentPid).toBe(process.ppid)
  const path = join(folder, 'a\nb')
  await agent.makeDirectory(path, { parents: false, mode: 0o700 }, asking)
  expect((await agent.list(folder, asking)).map(entry => entry.name)).toContain('a\nb')
  expect(await agent.stat(path, asking)).toMatchObject({ name: 'a\nb', type: 'directory', mode: 0o700 })
  expect(await kindOf(agent.makeDirectory(path, { parents: false }, asking))).toBe('precondition')
  await agent.remove(path, { recursive: false }, asking)
  expect(await kindOf(agent.stat(path, asking))).toBe('not-found')
  expect(await kindOf(agent.kill(4_000_000, 15, asking))).toBe('not-found')
})

test('power off means now', async () => {
  const { agent, fake } = await connect()
  await agent.shutdown('poweroff', asking)
  await agent.shutdown('reboot', asking)
  expect(fake.power).toEqual(['shutdown now', 'reboot now'])
  expect(await kindOf(agent.shutdown('halt', asking))).toBe('unsupported')
})

test('what it cannot do safely it says it cannot', async () => {
  const { agent } = await connect()
  expect(await kindOf(agent.freeze({ timeoutSeconds: 1 }, asking))).toBe('unsupported')
  expect(await kindOf(agent.setPassword('a', 'b', asking))).toBe('unsupported')
  expect(agent.features['exec-stream']).toContain('after its end')
})

test('an agent that sleeps over bad input is waited for, and never given any', async () => {
  const fake = new FakeKvmManager({ sleepMs: 4000 })
  fake.host.write('{"jsonrpc":"2.0","method":"somebody else\'s notification"}\n')
  const link = linkTo({ [kvmManagerDialect.channel]: { open: () => fake.host } })
  const agent = await kvmManagerDialect.connect(link, asking)
  expect(fake.naps).toBe(1)
  await Promise.all([agent.system(asking), agent.interfaces(asking), agent.telemetry(asking), agent.processes(asking)])
  expect(fake.naps).toBe(1)
})
