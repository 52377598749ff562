import { mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import { ExecSpec } from '@vireo/app-main/contract'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { QuantixFraming } from '../../protocol/quantix/index.ts'
import type { GuestAgent, GuestLink } from '../guest-agent.ts'
import { FakeQuantix } from '../testing/fake-quantix.ts'
import { quantixDialect } from './dialect.ts'

const signal = new AbortController().signal
const asking = { signal }

const linkTo = (host: Duplex): GuestLink => ({
  channels: async () => [{ name: quantixDialect.channel, connected: true }],
  open: async () => host,
  agentCommand: async () => Promise.reject(new Error('not this way')),
})

const connected = async (framing: QuantixFraming = 'magic') => {
  const fake = new FakeQuantix(framing)
  return { fake, agent: await quantixDialect.connect(linkTo(fake.host), asking) }
}

async function* parts(...chunks: (string | Uint8Array)[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield Buffer.from(chunk)
}

const runOn = async (agent: GuestAgent, spec: Parameters<typeof ExecSpec.parse>[0]) => {
  const out = { stdout: '', stderr: '' }
  const onOutput = (stream: 'stdout' | 'stderr', bytes: Uint8Array) =>
    void (out[stream] += Buffer.from(bytes).toString())
  const end = await agent.exec(ExecSpec.parse(spec), { onOutput }, asking)
  return { ...end, ...out }
}

describe.each<QuantixFraming>(['magic', 'bare'])('an agent that frames with %s', framing => {
  test('is met, introduces itself and measures', async () => {
    const { fake, agent } = await connected(framing)
    expect(agent.version).toBe('0.1.27')
    expect(agent.features).toMatchObject({ password: expect.stringContaining('Quantix') })
    expect(agent.features.exec).toBeUndefined()
    expect(await agent.system(asking)).toMatchObject({ hostname: 'guest-1', cpuCount: 4, uptimeSeconds: 100 })
    const sample = agent.telemetry(asking)
    fake.telemetry()
    expect(await sample).toMatchObject({
      cpuPercent: 12.5,
      load: [0.1, 0.2, 0.3],
      filesystems: [{ mountPoint: '/', availableBytes: 6e9 }],
      // Named once, when the agent started: with one interface they can only be its.
      interfaces: [{ name: 'ens3', mac: '52:54:00:aa:bb:cc', addresses: ['192.168.122.7/32'], up: true }],
    })
    agent.close()
    await agent.closed
  })
})

test('an agent that was met before is greeted', async () => {
  const fake = new FakeQuantix('magic', { speaksFirst: false })
  const agent = await quantixDialect.connect(linkTo(fake.host), asking)
  expect(fake.heard).toEqual(['ping', 'get_capabilities'])
  agent.close()
})

test('commands: arguments, shell, environment, folder, exit code, failure to start', async () => {
  const { agent } = await connected()
  expect(await runOn(agent, { args: ['printf', '%s|', 'a b', '$HOME'] })).toMatchObject({
    exitCode: 0,
    stdout: 'a b|$HOME|',
  })
  // A single word is a program, never a line for a shell.
  expect(await runOn(agent, { args: ['true; echo bad'] })).toMatchObject({ exitCode: 127, stdout: '' })
  const shell = { shell: 'echo $A; pwd; echo no >&2; exit 3', env: { A: 'x' }, cwd: '/tmp' }
  expect(await runOn(agent, shell)).toMatchObject({ exitCode: 3, stdout: 'x\n/tmp\n', stderr: 'no\n' })
  expect(await runOn(agent, { shell: 'kill -9 $$' })).toMatchObject({ exitCode: null, timedOut: false })
  await expect(runOn(agent, { args: ['/no/such', 'x'] })).rejects.toThrow('Failed to spawn')
  expect(await runOn(agent, { shell: 'sleep 20', timeoutSeconds: 1 })).toMatchObject({ timedOut: true, stderr: '' })
  await expect(
    agent.exec(ExecSpec.parse({ shell: 'cat' }), { stdin: parts('x'), onOutput: () => undefined }, asking),
  ).rejects.toMatchObject({ detail: { kind: 'unsupported' } })
  agent.close()
})

describe('files', () => {
  let folder = ''
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vireo-quantix-'))
  })
  afterEach(async () => rm(folder, { recursive: true, maxRetries: 5 }))

  test('are written whole under their name and read back in pieces', async () => {
    const { agent } = await connected()
    const path = join(folder, "it's a 'file'\n;x")
    const bytes = Buffer.alloc(200_000, 'vireo')
    expect(await agent.writeFile({ path, content: parts(bytes), mode: 0o640 }, asking)).toBe(bytes.length)
    expect(await readFile(path)).toEqual(bytes)
    expect((await stat(path)).mode & 0o777).toBe(0o640)
    const got: Uint8Array[] = []
    for (let offset = 0, eof = false; !eof;) {
      const chunk = await agent.readFile(path, offset, 1_000_000, asking)
      got.push(chunk.bytes)
      offset += chunk.bytes.length
      eof = chunk.eof
    }
    expect(Buffer.concat(got)).toEqual(bytes)
    expect(await agent.list(folder, asking)).toMatchObject([{ name: "it's a 'file'\n;x", type: 'file', mode: 0o640 }])
    agent.close()
  })

  test('an empty file is a file too, and an old one keeps its permissions', async () => {
    const { agent } = await connected()
    const path = join(folder, 'empty')
    await writeFile(path, 'old', { mode: 0o600 })
    expect(await agent.writeFile({ path, content: parts() }, asking)).toBe(0)
    expect([(await stat(path)).size, (await stat(path)).mode & 0o777]).toEqual([0, 0o600])
    agent.close()
  })

  test('a write that fails half-way leaves the old file and no part of the new', async () => {
    const { agent } = await connected()
    const path = join(folder, 'kept')
    await writeFile(path, 'old')
    const broken = (async function* () {
      yield Buffer.from('new')
      throw new Error('the source broke')
    })()
    await expect(agent.writeFile({ path, content: broken }, asking)).rejects.toThrow('the source broke')
    await expect.poll(() => readdir(folder)).toEqual(['kept'])
    expect(await readFile(path, 'utf8')).toBe('old')
    await expect(agent.writeFile({ path: folder, content: parts('x') }, asking)).rejects.toThrow('is a directory')
    agent.close()
  })

  test('what is not there is not found', async () => {
    const { agent } = await connected()
    const missing = { detail: { kind: 'not-found' } }
    await expect(agent.readFile(join(folder, 'no'), 0, 10, asking)).rejects.toMatchObject(missing)
    await expect(agent.stat(join(folder, 'no'), asking)).rejects.toMatchObject(missing)
    agent.close()
  })

  test('names that are none never reach the caller', async () => {
    const { fake, agent } = await connected()
    const entry = { is_directory: false, mode: 0o644 }
    fake.answers.list_directory = () => ({
      success: true,
      entries: ['../../etc/passwd', '..', '.', '', 'a\0b', 'good'].map(name => ({ ...entry, name })),
    })
    expect((await agent.list('/', asking)).map(({ name }) => name)).toEqual(['good'])
    agent.close()
  })
})

test('freezing gives the token that thaws; shutting down needs no answer', async () => {
  const { fake, agent } = await connected()
  const frozen = await agent.freeze({ timeoutSeconds: 5 }, asking)
  expect(frozen).toMatchObject({ count: 1, token: expect.stringMatching(/^[\da-f-]{36}$/) })
  expect(await agent.thaw(frozen.token, asking)).toBe(1)
  fake.answers.shutdown = () => {
    fake.guest.destroy()
    return {}
  }
  await agent.shutdown('poweroff', asking)
  await agent.closed
})
