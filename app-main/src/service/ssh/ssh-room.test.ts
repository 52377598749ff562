import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import {
  encodeTerminalFrame,
  ExecSpec,
  RemoteError,
  terminalFrameReader,
  type Address,
  type DomainId,
  type TerminalFrameKind,
} from '../../contract/index.ts'
import { SshClient } from '../../ssh/ssh-client.ts'
import { testSshd, type TestSshd } from '../../ssh/testing/test-sshd.ts'
import type { Context } from '../context.ts'
import { openWay, type ExecWay } from '../guest/exec-methods.ts'
import { execAgent } from '../guest/setup/exec-agent.ts'
import { guestBench, type GuestBench } from '../guest/testing/guest-bench.ts'
import { sshHandlers } from './handlers.ts'
import { SshFile } from './ssh-file.ts'
import { placeOf, SshTargets } from './ssh-targets.ts'
import { sshWay } from './ssh-way.ts'

const context: Context = { principal: { surface: 'cli', name: 'ada' }, signal: new AbortController().signal }
const size = { columns: 80, rows: 24 }

let folder: string
let bench: GuestBench
let sshd: TestSshd
let id: DomainId

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vr-'))
  bench = await guestBench()
  sshd = await testSshd()
  id = bench.id(0)
})
afterEach(async () => {
  await room().handlers.disconnect({ id }, context)
  bench.dispose()
  await sshd[Symbol.asyncDispose]()
  await rm(folder, { recursive: true, force: true })
})

const room = () => {
  const file = new SshFile(join(folder, 'ssh.json'))
  const targets = new SshTargets(file, (one, signal) => bench.sessions.running(one, signal))
  const client = new SshClient({ runtimeFolder: async () => folder, keysFolder: join(folder, 'keys'), config: 'none' })
  const find = (one: DomainId) => bench.connections.domain(one)
  return { handlers: sshHandlers({ client, targets, file, find }), way: sshWay(client, targets), file }
}
const reachable = () => ({ id, host: sshd.host, port: sshd.port, user: sshd.user, keyFile: sshd.key })
const failure = async (work: Promise<unknown>): Promise<RemoteError['detail']> => {
  const error = await work.then(
    () => expect.fail('it should have failed'),
    (thrown: unknown) => thrown,
  )
  return error instanceof RemoteError ? error.detail : expect.fail(String(error))
}

/** A terminal's far end: what it showed, and how it ended. */
const follow = (stream: Duplex) => {
  const seen = { text: '', end: null as unknown }
  const read = terminalFrameReader((kind: TerminalFrameKind, bytes) => {
    if (kind === 'output') seen.text += Buffer.from(bytes).toString('utf8')
    else seen.end = JSON.parse(Buffer.from(bytes).toString('utf8'))
  })
  stream.on('data', (bytes: Buffer) => read(bytes)).on('error', () => undefined)
  return seen
}
const type = (stream: Duplex, text: string) => stream.write(encodeTerminalFrame('input', Buffer.from(text)))

test('settings are kept by machine, for this user alone, and other processes hear of them', async () => {
  const { handlers, file } = room()
  expect(await handlers.access({ id }, context)).toMatchObject({
    host: null,
    port: 22,
    user: null,
    keyFile: null,
    address: null,
    connected: false,
  })
  const heard = vi.fn<() => void>()
  const watching = await file.watch(heard)
  await handlers.setAccess({ id, host: 'web', user: 'ada', keyFile: '/home/ada/.ssh/id' }, context)
  await vi.waitFor(() => expect(heard).toHaveBeenCalled())
  watching.dispose()
  expect(await room().handlers.access({ id }, context)).toMatchObject({
    host: 'web',
    port: 22,
    user: 'ada',
    keyFile: '/home/ada/.ssh/id',
  })
  expect((await stat(join(folder, 'ssh.json'))).mode & 0o777).toBe(0o600)
  expect(await handlers.access({ id: bench.id(1) }, context)).toMatchObject({ host: null, user: null })
  await handlers.setAccess({ id, host: '', user: '', keyFile: '' }, context)
  expect(JSON.parse(await readFile(join(folder, 'ssh.json'), 'utf8'))).toEqual({ machines: {} })
})

test('what somebody wrote by hand and is wrong is no way in', async () => {
  const machines = { [id]: { host: '-oProxyCommand=x' }, [bench.id(1)]: { port: 2222 } }
  await writeFile(join(folder, 'ssh.json'), JSON.stringify({ machines }))
  const said = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  expect(await room().handlers.access({ id }, context)).toMatchObject({ host: null })
  expect(await room().handlers.access({ id: bench.id(1) }, context)).toMatchObject({ port: 2222 })
  expect(said).toHaveBeenCalledWith(expect.stringContaining('cannot be used'))
  said.mockRestore()
  await rm(join(folder, 'ssh.json'))
})

test('a machine without a known address says so, and one that does not run too', async () => {
  const { handlers, way } = room()
  expect(await failure(handlers.terminal({ id, ...size }, context))).toMatchObject({
    kind: 'unsupported',
    hint: expect.stringContaining('set-ssh-access'),
  })
  const spec = ExecSpec.parse({ args: ['true'] })
  const agent: ExecWay = { open: () => Promise.reject(new RemoteError({ kind: 'unsupported', message: 'no agent' })) }
  const ways = { agent, ssh: way, serial: agent }
  expect(await failure(openWay(ways, { method: 'auto', spec }, id, context))).toMatchObject({ message: 'no agent' })
  bench.host.enter(bench.machine(0), 'shutoff')
  expect(await failure(handlers.terminal({ id, ...size }, context))).toMatchObject({ kind: 'precondition' })
})

const address = (ip: string, source: Address['source']): Address => ({ ip, source, prefix: 24, mac: null })
test('an address is taken only from where this computer saw it, and never its own', () => {
  const own = new Set(['192.168.122.1'])
  expect(placeOf([address('10.0.0.9', 'agent')], own)).toEqual({ address: null, claimed: '10.0.0.9' })
  const many = [address('fd00::5', 'lease'), address('10.0.0.7', 'arp'), address('10.0.0.6', 'lease')]
  expect(placeOf(many, own).address).toBe('10.0.0.6')
  for (const ip of [
    '127.0.0.1',
    '::1',
    '0.0.0.0',
    '192.168.122.1',
    'fe80::1',
    '224.0.0.1',
    '-oProxyCommand=x',
    '::ffff:127.0.0.1',
  ])
    expect(placeOf([address(ip, 'lease')], own)).toEqual({ address: null, claimed: null })
})

test('a terminal shows and takes bytes, has its size, and tells its end; commands ride on its connection', async () => {
  const { handlers, way } = room()
  await handlers.setAccess(reachable(), context)
  const stream = await handlers.terminal({ id, columns: 91, rows: 33 }, context)
  const seen = follow(stream)
  type(stream, 'stty size; echo $((40+2))-ready\r')
  await vi.waitFor(() => expect(seen.text).toMatch(/33 91\s+42-ready/), { timeout: 20_000 })
  stream.write(encodeTerminalFrame('resize', Buffer.from('{"columns":50,"rows":20}')))
  await vi.waitFor(
    () => {
      type(stream, 'stty size\r')
      expect(seen.text).toContain('20 50')
    },
    { timeout: 20_000, interval: 300 },
  )
  expect(await handlers.access({ id }, context)).toMatchObject({ connected: true, hostKeyKnown: true })
  const spec = ExecSpec.parse({ args: ['echo', 'over ssh'] })
  const said: string[] = []
  const { run, release } = await way.open(id, spec, context, { automatic: false })
  await run(spec, { onOutput: (_, bytes) => void said.push(Buffer.from(bytes).toString()) }, context)
  release()
  expect(said.join('')).toBe('over ssh\n')
  type(stream, 'exit 7\r')
  await vi.waitFor(() => expect(seen.end).toEqual({ exitCode: 7, lost: false }), { timeout: 20_000 })
})

test('a flood is held back by a reader who stops, and closing ends it', async () => {
  const { handlers } = room()
  await handlers.setAccess(reachable(), context)
  const stream = await handlers.terminal({ id, ...size }, context)
  type(stream, 'yes; true\r')
  await vi.waitFor(() => expect(stream.readableLength).toBeGreaterThan(16_000), { timeout: 20_000 })
  stream.destroy()
  await new Promise(resolve => stream.once('close', resolve))
  expect(stream.readableLength).toBeLessThan(1024 * 1024)
})

test('a terminal whose connection ends says that it was lost', async () => {
  const { handlers } = room()
  await handlers.setAccess(reachable(), context)
  const seen = follow(await handlers.terminal({ id, ...size }, context))
  await vi.waitFor(() => expect(seen.text).not.toBe(''), { timeout: 20_000 })
  await handlers.disconnect({ id }, context)
  await vi.waitFor(() => expect(seen.end).toEqual({ exitCode: 255, lost: true }), { timeout: 20_000 })
})

test('frames that are none end the terminal', async () => {
  const { handlers } = room()
  await handlers.setAccess(reachable(), context)
  const stream = await handlers.terminal({ id, ...size }, context)
  const failed = new Promise(resolve => stream.once('error', resolve))
  stream.write(encodeTerminalFrame('resize', Buffer.from('{"columns":-1,"rows":1e9}')))
  expect(await failed).toMatchObject({ detail: { kind: 'refused' } })
})

test('another host key is told before there is a terminal, and can be forgotten', async () => {
  const { handlers } = room()
  await handlers.setAccess(reachable(), context)
  await handlers.command({ id }, context)
  await handlers.disconnect({ id }, context)
  await sshd.stop()
  await sshd.renewHostKey()
  await sshd.start()
  expect(await failure(handlers.terminal({ id, ...size }, context))).toMatchObject({ kind: 'host-key' })
  expect(await handlers.forgetHostKey({ id }, context)).toMatchObject({ hostKeyKnown: false })
  const { argv } = await handlers.command({ id }, context)
  const [program = '', ...args] = argv
  const said = await new Promise<string>((resolve, reject) =>
    execFile(program, [...args, 'echo', 'by the command'], (error, out) => (error ? reject(error) : resolve(out))),
  )
  expect(said).toBe('by the command\n')
})

test('a wrong key still gives a terminal, where a person may type a password; a command says what to do', async () => {
  const { handlers, way } = room()
  await handlers.setAccess({ ...reachable(), keyFile: sshd.wrongKey }, context)
  const seen = follow(await handlers.terminal({ id, ...size }, context))
  await vi.waitFor(() => expect(seen.end).toEqual({ exitCode: 255, lost: true }), { timeout: 20_000 })
  expect(seen.text).toContain('Permission denied')
  const error = await failure(way.open(id, ExecSpec.parse({ args: ['true'] }), context, { automatic: false }))
  expect(error).toMatchObject({ kind: 'permission', hint: expect.stringContaining('Terminal tab') })
})

test.runIf(process.getuid?.() === 0)('files for setting up go in whole, with their mode, or not at all', async () => {
  const { handlers, way } = room()
  await handlers.setAccess(reachable(), context)
  const none: ExecWay = { open: () => Promise.reject(new RemoteError({ kind: 'unsupported', message: 'none' })) }
  const agent = await execAgent({ agent: none, ssh: way, serial: none }, ['serial', 'ssh'], id, context)
  const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, at) => (at * 7) % 256))
  const content = async function* () {
    yield bytes.subarray(0, 100_000)
    yield bytes.subarray(100_000)
  }
  const path = join(folder, 'a new folder', 'it’s a file')
  expect(
    await agent.writeFile({ path, content: content(), mode: 0o750, createParents: true, size: bytes.length }, context),
  ).toBe(300_000)
  expect(bytes.equals(await readFile(path))).toBe(true)
  expect((await stat(path)).mode & 0o777).toBe(0o750)
  const broken = async function* () {
    yield Buffer.from('half')
    throw new RemoteError({ kind: 'cancelled', message: 'enough' })
  }
  expect(await failure(agent.writeFile({ path, content: broken(), size: 100 }, context))).toMatchObject({
    kind: 'cancelled',
  })
  expect(bytes.equals(await readFile(path))).toBe(true)
  await expect(stat(`${path}.vireo-part`)).rejects.toThrow('ENOENT')
})
