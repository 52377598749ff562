/** The host's side of the Vireo dialect against the real agent: on a terminal, and through the channel of a machine. */
import { createHash } from 'node:crypto'
import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { duplexPair } from 'node:stream'
import { afterEach, expect, test } from 'vitest'
import { ExecSpec, RemoteError, type ConnectionUri } from '../../app-main/src/contract/index.ts'
import type { HypervisorConnection } from '../../app-main/src/hypervisor/driver.ts'
import { KvmDriver } from '../../app-main/src/hypervisor/kvm/driver.ts'
import { discoverOnce, vireoDialect, type GuestAgent, type GuestLink } from '../../guest-agent-bridge/src/host/index.ts'
import { ptyLine, startAgent, type AgentOptions } from '../fixture/agent.ts'
import { testDomain, type TestDomain } from '../fixture/domain.ts'
import { until } from '../fixture/wait.ts'

const asking = { signal: new AbortController().signal }
const MEBIBYTE = 1024 * 1024

const onTerminal = async (options: AgentOptions = {}) => {
  const pty = await ptyLine()
  const program = await startAgent({ ...options, device: pty.device })
  // What the host destroys is its own end, not the terminal.
  const [near, far] = duplexPair()
  far.on('error', () => undefined)
  far.pipe(pty.duplex, { end: false })
  pty.duplex.on('data', (bytes: Buffer) => {
    if (!far.destroyed && !far.write(bytes)) {
      pty.duplex.pause()
      far.once('drain', () => pty.duplex.resume())
    }
  })
  const link: GuestLink = {
    channels: async () => [{ name: vireoDialect.channel, connected: null }],
    open: async () => near,
    agentCommand: async () => Promise.reject(new Error('there is no qemu-ga here')),
  }
  const agent = await vireoDialect.connect(link, asking)
  const dispose = async () => {
    agent.close()
    await program[Symbol.asyncDispose]()
    await pty[Symbol.asyncDispose]()
  }
  return { agent, program, folder: program.folder, [Symbol.asyncDispose]: dispose }
}

const kindOf = async (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'nothing failed',
    (error: unknown) => (error instanceof RemoteError ? error.detail.kind : error),
  )

async function* contentOf(...parts: Uint8Array[]) {
  yield* parts
}

const run = async (agent: GuestAgent, spec: object, stdin?: AsyncIterable<Uint8Array>) => {
  const output = { stdout: '', stderr: '' }
  const input = {
    onOutput: (stream: 'stdout' | 'stderr', bytes: Uint8Array) =>
      void (output[stream] += Buffer.from(bytes).toString()),
  }
  return { ...(await agent.exec(ExecSpec.parse(spec), stdin ? { ...input, stdin } : input, asking)), ...output }
}

const download = async (agent: GuestAgent, path: string): Promise<Buffer> => {
  const parts: Uint8Array[] = []
  for (let offset = 0, eof = false; !eof;) {
    const chunk = await agent.readFile(path, offset, MEBIBYTE, asking)
    parts.push(chunk.bytes)
    offset += chunk.bytes.length
    eof = chunk.eof
  }
  return Buffer.concat(parts)
}

const patterned = (size: number): Buffer =>
  Buffer.from(Uint8Array.from({ length: size }, (_, index) => (index * 31) % 251))

test('the agent tells what it runs on', async () => {
  await using session = await onTerminal()
  const { agent } = session
  expect(await agent.system(asking)).toMatchObject({ architecture: 'x86_64', osId: 'debian' })
  expect((await agent.interfaces(asking)).map(one => one.name)).toContain('virbr0')
  expect((await agent.filesystems(asking)).map(one => one.mountPoint)).toContain('/')
  const own = (await agent.processes(asking)).find(one => one.pid === session.program.pid)
  expect(own?.command).toContain('vireo-agent')
  const controller = new AbortController()
  const samples: number[] = []
  await agent.watchTelemetry(
    0.2,
    sample => {
      samples.push(sample.memoryTotalBytes ?? 0)
      if (samples.length === 3) controller.abort()
    },
    controller.signal,
  )
  expect(new Set(samples).size).toBe(1)
})

test('a command streams, reads its input, and takes environment and folder', async () => {
  await using session = await onTerminal()
  const { agent, folder } = session
  const spec = { shell: 'read a; echo "$a $GREETING"; pwd; cat >&2; exit 7', env: { GREETING: 'hello' }, cwd: folder }
  const end = await run(agent, spec, contentOf(Buffer.from('one\nrest'), Buffer.alloc(200_000, 'x')))
  expect(end).toMatchObject({ exitCode: 7, signal: null, timedOut: false, truncated: false })
  expect(end.stdout).toBe(`one hello\n${folder}\n`)
  expect(end.stderr).toBe(`rest${'x'.repeat(200_000)}`)
  expect(await run(agent, { args: ['printf', '%s|', '$HOME', "it's"] })).toMatchObject({ stdout: "$HOME|it's|" })
  expect(await kindOf(run(agent, { args: ['/no/such/program'] }))).toBe('not-found')
})

test('a command ends with its time, with its output limit, and with who asked for it', async () => {
  await using session = await onTerminal()
  const { agent, folder } = session
  expect(await run(agent, { shell: '(sleep 30; true) & wait', timeoutSeconds: 1 })).toMatchObject({
    timedOut: true,
    exitCode: null,
  })
  const many = await run(agent, { shell: 'yes | head -c 3000000', maxOutputBytes: 1_000_000 })
  expect(many).toMatchObject({ exitCode: 0, truncated: true })
  expect(many.stdout).toHaveLength(1_000_000)
  const controller = new AbortController()
  const mark = join(folder, 'pid')
  const running = agent.exec(
    ExecSpec.parse({ shell: `echo $$ >${mark}; sleep 60` }),
    { onOutput: () => undefined },
    controller,
  )
  const pid = Number(await until('the command', () => readFile(mark, 'utf8').catch(() => '')))
  controller.abort()
  expect(await kindOf(running)).toBe('cancelled')
  await until('the command to be gone', async () => !(await agent.processes(asking)).some(one => one.pid === pid))
})

test('a slow reader holds up its own command and nothing else', async () => {
  await using session = await onTerminal()
  const { agent } = session
  let open: () => void = () => undefined
  const gate = new Promise<void>(resolve => (open = resolve))
  let received = 0
  const running = agent.exec(
    ExecSpec.parse({ shell: 'head -c 4000000 /dev/zero', maxOutputBytes: 4_000_000 }),
    {
      onOutput: async (_, bytes) => {
        received += bytes.length
        await gate
      },
    },
    asking,
  )
  await until('output', () => received > 0)
  expect((await agent.system(asking)).architecture).toBe('x86_64')
  expect(received).toBeLessThan(MEBIBYTE)
  open()
  expect(await running).toMatchObject({ exitCode: 0, truncated: false })
  expect(received).toBe(4_000_000)
})

test('files of any bytes go both ways, replace as a whole, and keep what they had', async () => {
  await using session = await onTerminal()
  const { agent, folder } = session
  const path = join(folder, 'some file')
  await writeFile(path, 'old', { mode: 0o640 })
  const bytes = patterned(300_000)
  expect(
    await agent.writeFile({ path, content: contentOf(bytes.subarray(0, 99_999), bytes.subarray(99_999)) }, asking),
  ).toBe(300_000)
  expect((await readFile(path)).equals(bytes)).toBe(true)
  expect((await stat(path)).mode & 0o777).toBe(0o640)
  expect((await download(agent, path)).equals(bytes)).toBe(true)
  const broken = (async function* () {
    yield Buffer.from('half')
    throw new Error('the source broke')
  })()
  await expect(agent.writeFile({ path, content: broken }, asking)).rejects.toThrow('the source broke')
  expect((await readFile(path)).equals(bytes)).toBe(true)
  await until(
    'the half file to be gone',
    async () => (await agent.list(folder, asking)).filter(one => one.name.includes('some file')).length === 1,
  )
})

test('an upload that broke off is resumed where it was', async () => {
  await using session = await onTerminal()
  const { agent, folder } = session
  const path = join(folder, 'resumed')
  const bytes = patterned(400_000)
  const controller = new AbortController()
  let token: string | null = null
  const breaking = (async function* () {
    yield bytes.subarray(0, 300_000)
    controller.abort(new RemoteError({ kind: 'connection', trouble: 'lost', message: 'gone' }))
    yield bytes.subarray(300_000)
  })()
  const onBegin = (key: string | null) => (token = key)
  expect(await kindOf(agent.writeFile({ path, content: breaking, onBegin }, controller))).toBe('connection')
  expect(await kindOf(agent.stat(path, asking))).toBe('not-found')
  let had = 0
  const again = {
    path,
    content: contentOf(bytes),
    key: token ?? '',
    onBegin: (_: string | null, offset: number) => void (had = offset),
  }
  expect(await agent.writeFile(again, asking)).toBe(400_000)
  // All but the few pieces that were on their way.
  expect(had).toBeGreaterThanOrEqual(4 * 45 * 1024)
  expect((await readFile(path)).equals(bytes)).toBe(true)
})

test('directories and the failures of files are told as they are', async () => {
  await using session = await onTerminal()
  const { agent, folder } = session
  const path = join(folder, 'a/b\nc')
  expect(await kindOf(agent.makeDirectory(path, { parents: false }, asking))).toBe('not-found')
  await agent.makeDirectory(path, { parents: true, mode: 0o700 }, asking)
  expect(await agent.stat(path, asking)).toMatchObject({ name: 'b\nc', type: 'directory', mode: 0o700 })
  expect((await agent.list(join(folder, 'a'), asking)).map(one => one.name)).toEqual(['b\nc'])
  expect(await kindOf(agent.remove(join(folder, 'a'), { recursive: false }, asking))).not.toBe('nothing failed')
  await agent.remove(join(folder, 'a'), { recursive: true }, asking)
  expect(await kindOf(agent.list(join(folder, 'a'), asking))).toBe('not-found')
  expect(await kindOf(agent.readFile('/dev/zero', 0, 10, asking))).not.toBe('nothing failed')
  expect(await kindOf(agent.kill(1, 15, asking))).toBe('precondition')
})

test("rules of the agent's configuration come as refusals of permission", async () => {
  await using session = await onTerminal({
    config: { security: { allowed_read_paths: ['/tmp'], command_whitelist: ['true'] } },
  })
  expect(await kindOf(session.agent.readFile('/etc/hostname', 0, 10, asking))).toBe('permission')
  expect(await kindOf(run(session.agent, { args: ['false'] }))).toBe('permission')
  expect((await run(session.agent, { args: ['true'] })).exitCode).toBe(0)
})

test('a hundred questions at once are all answered', async () => {
  await using session = await onTerminal({ config: { max_concurrent_requests: 2 } })
  const all = await Promise.all(Array.from({ length: 100 }, () => session.agent.stat('/tmp', asking)))
  expect(all.map(one => one.name)).toEqual(new Array(100).fill('tmp'))
})

const open: HypervisorConnection[] = []

afterEach(() => {
  for (const connection of open.splice(0)) connection.dispose()
})

const linkOf = async (domain: TestDomain): Promise<GuestLink> => {
  const connection = new KvmDriver().create('qemu:///system' as ConnectionUri)
  open.push(connection)
  connection.open()
  await connection.settled()
  return {
    channels: () => connection.guest.channels(domain.uuid),
    open: name => connection.guest.open(domain.uuid, name),
    agentCommand: (command, seconds) => connection.guest.agentCommand(domain.uuid, command, seconds),
  }
}

/** An emulated guest on a busy computer takes its time. */
const GUEST_MS = 120_000
const GUEST_TEST_MS = 300_000

test(
  'through a machine’s channel two Vireo processes use one agent, and neither takes what is the other’s',
  async () => {
    await using domain = await testDomain({ prefix: 't-hostrpc', kind: 'agent' })
    const [mine, theirs] = [await linkOf(domain), await linkOf(domain)]
    const connected = async () =>
      (await mine.channels()).some(one => one.name === vireoDialect.channel && one.connected === true)
    await until('the agent in the guest', connected, GUEST_MS)
    const [one, other] = (
      await Promise.all([mine, theirs].map(link => discoverOnce(link, { dialects: [vireoDialect], ...asking })))
    ).map(found => found.answering[0])
    if (!one || !other) throw new Error('one of them found no agent')
    expect(await one.system(asking)).toMatchObject({ hostname: 'vireo-micro' })

    const bytes = patterned(MEBIBYTE)
    const controller = new AbortController()
    const samples = { one: 0, other: 0 }
    const watching = [
      one.watchTelemetry(0.5, () => samples.one++, controller.signal),
      other.watchTelemetry(1, () => samples.other++, controller.signal),
    ]
    const [written, ran] = await Promise.all([
      one.writeFile({ path: '/tmp/big', content: contentOf(bytes) }, asking),
      run(other, {
        shell: 'i=0; while [ $i -lt 5000 ]; do echo line $i; i=$((i+1)); done',
        maxOutputBytes: 4 * MEBIBYTE,
      }),
    ])
    expect(written).toBe(bytes.length)
    expect(ran.stdout).toBe(Array.from({ length: 5000 }, (_, index) => `line ${index}\n`).join(''))
    expect((await run(other, { args: ['sha256sum', '/tmp/big'] })).stdout).toContain(
      createHash('sha256').update(bytes).digest('hex'),
    )
    expect((await download(other, '/tmp/big')).equals(bytes)).toBe(true)
    await until('samples for both', () => samples.one > 1 && samples.other > 1, GUEST_MS)
    controller.abort()
    await Promise.all(watching)

    // The holder of the channel leaves; who remains goes on.
    one.close()
    expect(await other.telemetry(asking)).toMatchObject({ swapTotalBytes: 0 })
    await domain.destroy()
    await other.closed
  },
  GUEST_TEST_MS,
)
