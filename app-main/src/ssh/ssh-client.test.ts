import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { ExecSpec, RemoteError, type ExecEnd } from '../contract/index.ts'
import { SshClient } from './ssh-client.ts'
import { hostAlias, type SshTarget } from './target.ts'
import { freePort, testSshd, type TestSshd } from './testing/test-sshd.ts'

let sshd: TestSshd
let folder: string
let client: SshClient
let target: SshTarget

const asking = () => ({ signal: new AbortController().signal })
const clientOf = (connectMs?: number) =>
  new SshClient({
    ...{ runtimeFolder: async () => folder, keysFolder: join(folder, 'keys'), config: 'none' },
    ...(connectMs === undefined ? {} : { connectMs }),
  })

const targetOf = ({ host, port, user, key }: TestSshd): SshTarget => ({
  ...{ alias: hostAlias('a machine'), host, port, user, keyFile: key },
})

// One connection for all that does not end it: each costs a key exchange.
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vs-'))
  sshd = await testSshd()
})
afterAll(async () => {
  await client.disconnect(targetOf(sshd)).catch(() => undefined)
  await sshd[Symbol.asyncDispose]()
  await rm(folder, { recursive: true, force: true })
})
beforeEach(() => {
  client = clientOf()
  target = targetOf(sshd)
})
afterEach(async () => {
  if (target.alias !== targetOf(sshd).alias) await client.disconnect(target).catch(() => undefined)
})

interface Done extends ExecEnd {
  readonly stdout: string
  readonly stderr: string
}

const run = async (
  spec: Parameters<typeof ExecSpec.parse>[0],
  { stdin, signal = asking().signal }: { stdin?: AsyncIterable<Uint8Array>; signal?: AbortSignal } = {},
): Promise<Done> => {
  const said: Record<'stdout' | 'stderr', Buffer[]> = { stdout: [], stderr: [] }
  const onOutput = (kind: 'stdout' | 'stderr', bytes: Uint8Array) => void said[kind].push(Buffer.from(bytes))
  const input = stdin === undefined ? { onOutput } : { onOutput, stdin }
  const end = await client.run(target, ExecSpec.parse(spec), input, { signal })
  return { ...end, stdout: Buffer.concat(said.stdout).toString(), stderr: Buffer.concat(said.stderr).toString() }
}
const failure = async (work: Promise<unknown>): Promise<RemoteError['detail']> => {
  const error = await work.then(
    () => expect.fail('it should have failed'),
    (thrown: unknown) => thrown,
  )
  return error instanceof RemoteError ? error.detail : expect.fail(String(error))
}
/** Whether a process runs; zombies do not. */
const runs = async (pid: number): Promise<boolean> =>
  readFile(`/proc/${pid}/stat`, 'utf8').then(
    text => !/\) [ZX] /.test(text),
    () => false,
  )

test('a command gets its words, folder, environment and input as they are, and everything comes back apart', async () => {
  expect(await client.connect(target, asking())).toBe(true)
  const odd = `a 'b' "c" $HOME \`id\` \\ * ! \n-- é ${'x'.repeat(3000)}`
  const script = 'printf "%s|" "$@"; pwd; printf %s "$ODD" >&2; cat; exit 7'
  const input = async function* () {
    yield Buffer.from('one\n')
    yield Buffer.from([0, 255, 10])
  }
  const end = await run(
    { args: ['/bin/sh', '-c', script, 'sh', odd, '', '-n'], cwd: '/usr/lib', env: { ODD: odd } },
    { stdin: input() },
  )
  expect(end).toMatchObject({ exitCode: 7, signal: null, timedOut: false, truncated: false, stderr: odd })
  expect(end.stdout).toBe(`${odd}||-n|/usr/lib\n${Buffer.concat([Buffer.from('one\n'), Buffer.from([0, 255, 10])])}`)
})

test('one connection is shared, and its socket is private', async () => {
  target = { ...target, alias: hostAlias('one of its own') }
  expect(await client.isConnected(target)).toBe(false)
  await Promise.all([client.connect(target, asking()), client.connect(target, asking())])
  expect(await client.isConnected(target)).toBe(true)
  const parent = { args: ['/bin/sh', '-c', 'echo $SSH_CONNECTION'] }
  const [one, two] = [await run(parent), await run(parent)]
  expect(one.stdout).toMatch(/^127\.0\.0\.1 \d+ /)
  expect(two.stdout).toBe(one.stdout)
  expect((await stat(join(folder, 'keys', target.alias))).isFile()).toBe(true)
  await client.disconnect(target)
  expect(await client.isConnected(target)).toBe(false)
})

test('many commands at once are all answered', async () => {
  await client.connect(target, asking())
  const ends = await Promise.all(Array.from({ length: 12 }, (_, at) => run({ shell: `echo ${at}; sleep 0.1` })))
  expect(ends.map(({ stdout }) => stdout.trim())).toEqual(Array.from({ length: 12 }, (_, at) => String(at)))
})

test('a key that is not let in is “permission”, and says what to do', async () => {
  target = { ...target, keyFile: sshd.wrongKey }
  const error = await failure(client.connect(target, asking()))
  expect(error).toMatchObject({ kind: 'permission' })
  expect(error.hint).toContain('vireo ssh NAME')
  target = { ...target, keyFile: join(folder, 'none') }
  expect(await failure(client.connect(target, asking()))).toMatchObject({ kind: 'permission' })
})

test('another host key is refused until the old one is forgotten, whatever the address', async () => {
  await using own = await testSshd()
  target = { ...targetOf(own), alias: hostAlias('installed anew') }
  await client.connect(target, asking())
  await client.disconnect(target)
  expect(await client.knowsKey(target.alias)).toBe(true)
  await own.stop()
  await own.renewHostKey()
  await own.start()
  expect(await failure(client.connect(target, asking()))).toMatchObject({ kind: 'host-key' })
  target = { ...target, host: 'localhost' }
  expect(await failure(client.connect(target, asking()))).toMatchObject({ kind: 'host-key' })
  await client.forgetKey(target.alias)
  expect(await client.connect(target, asking())).toBe(true)
  await client.disconnect(target)
})

test('nobody listening is “connection”, and a server that says nothing “timeout”', async () => {
  target = { ...target, port: await freePort() }
  const error = await failure(client.connect(target, asking()))
  expect(error).toMatchObject({ kind: 'connection', trouble: 'not-running' })
  const sockets: Socket[] = []
  const silent = createServer(socket => void sockets.push(socket))
  await new Promise<void>(resolve => silent.listen(0, '127.0.0.1', resolve))
  const address = silent.address()
  client = clientOf(1000)
  target = { ...target, port: typeof address === 'object' && address ? address.port : 0 }
  expect(await failure(client.connect(target, asking()))).toMatchObject({ kind: 'timeout' })
  for (const socket of sockets) socket.destroy()
  silent.close()
})

test('a connection whose server is gone is made anew', async () => {
  target = { ...target, alias: hostAlias('restarted') }
  await client.connect(target, asking())
  // The server of this connection alone: its other end never hears of it in words.
  const { stdout: connection } = await run({ shell: 'echo ${SSH_CONNECTION}' })
  const server = await run({
    shell: 'p=$$; while [ "$(ps -o comm= -p $p)" != sshd ]; do p=$(ps -o ppid= -p $p | tr -d " "); done; echo $p',
  })
  process.kill(Number(server.stdout.trim()), 'SIGKILL')
  expect(await client.connect(target, asking())).toBe(true)
  expect((await run({ shell: 'echo ${SSH_CONNECTION}' })).stdout).not.toBe(connection)
})

test('its time kills a command with all its children', async () => {
  await client.connect(target, asking())
  const file = join(folder, 'pids')
  const end = await run({ shell: `sleep 1000 & sleep 1000 & echo $! $$ > ${file}; echo said; wait`, timeoutSeconds: 1 })
  expect(end).toMatchObject({ timedOut: true, exitCode: null, signal: 'SIGTERM', stdout: 'said\n' })
  for (const pid of (await readFile(file, 'utf8')).trim().split(' '))
    await vi.waitFor(async () => expect(await runs(Number(pid))).toBe(false))
})

test('a command that ignores being asked is killed all the same', async () => {
  await client.connect(target, asking())
  const end = await run({ shell: 'trap "" TERM; sleep 1000', timeoutSeconds: 1 })
  expect(end).toMatchObject({ timedOut: true, exitCode: null, signal: 'SIGKILL' })
})

test('cancelling kills the command in the guest', async () => {
  await client.connect(target, asking())
  const file = join(folder, 'pid')
  const controller = new AbortController()
  const work = failure(run({ shell: `echo $$ > ${file}.new; mv ${file}.new ${file}; exec sleep 1000` }, controller))
  await vi.waitFor(() => expect(existsSync(file)).toBe(true), { timeout: 10_000 })
  controller.abort(new RemoteError({ kind: 'cancelled', message: 'enough' }))
  expect(await work).toMatchObject({ kind: 'cancelled', message: 'enough' })
  expect(await runs(Number(await readFile(file, 'utf8')))).toBe(false)
})

test('a flood is cut at the limit and marked', async () => {
  await client.connect(target, asking())
  const end = await run({ shell: 'head -c 5000000 /dev/zero; head -c 5000000 /dev/zero >&2', maxOutputBytes: 1000 })
  expect(end).toMatchObject({ exitCode: 0, truncated: true })
  expect([end.stdout.length, end.stderr.length]).toEqual([1000, 1000])
})

test('a slow reader slows the command, and leaving it there kills it', async () => {
  await client.connect(target, asking())
  const controller = new AbortController()
  client = new SshClient({
    runtimeFolder: async () => folder,
    keysFolder: join(folder, 'keys'),
    config: 'none',
    endMs: 500,
  })
  let heard = 0
  const onOutput = async (_: string, bytes: Uint8Array) => {
    heard += bytes.length
    await new Promise(resolve => controller.signal.addEventListener('abort', resolve))
  }
  const spec = ExecSpec.parse({ args: ['yes'], timeoutSeconds: 60 })
  const work = failure(client.run(target, spec, { onOutput }, controller))
  await vi.waitFor(() => expect(heard).toBeGreaterThan(0), { timeout: 10_000 })
  controller.abort(new RemoteError({ kind: 'cancelled', message: 'enough' }))
  expect(await work).toMatchObject({ kind: 'cancelled' })
  expect(heard).toBeLessThan(1024 * 1024)
})

test('what ends a command by a signal, and what cannot be started, is told', async () => {
  await client.connect(target, asking())
  expect(await run({ shell: 'kill -SEGV $$' })).toMatchObject({ exitCode: null, signal: 'SIGSEGV' })
  expect(await run({ args: ['/no/such/program'] })).toMatchObject({ exitCode: 127 })
  expect(await run({ shell: 'exit 255' })).toMatchObject({ exitCode: 255 })
  expect(await failure(run({ args: ['true'], cwd: '/no/such' }))).toMatchObject({ kind: 'not-found' })
  expect(await failure(run({ args: ['true'], user: 'nobody-here' }))).toMatchObject({ kind: 'not-found' })
  expect(await failure(run({ args: ['true'], user: '-x' }))).toMatchObject({ kind: 'invalid-input' })
})

test.runIf(process.getuid?.() === 0)('as root, a command runs as somebody else', async () => {
  await client.connect(target, asking())
  const end = await run({ shell: 'id -un; echo $HOME $A', user: 'nobody', env: { A: 'b' } })
  expect(end).toMatchObject({ exitCode: 0, stdout: 'nobody\n/nonexistent b\n' })
})

const mark = () => join(folder, 'injected')
test.each([
  ['an option as the host', () => ({ host: `-oProxyCommand=touch ${mark()}` })],
  ['a command in the host', () => ({ host: `$(touch ${mark()})` })],
  ['an option as the user', () => ({ user: `-oProxyCommand=touch ${mark()}` })],
  ['a user with a host', () => ({ user: 'root`touch x`' })],
  ['a key with an option', () => ({ keyFile: '-oProxyCommand=x' })],
  ['a key with a line end', () => ({ keyFile: `/x\nProxyCommand touch ${mark()}` })],
  ['a key with a variable', () => ({ keyFile: '/${HOME}/x' })],
  ['a port that is none', () => ({ port: 70_000 })],
])('%s is refused before anything is run', async (_what, change) => {
  const bad = { ...target, ...change() }
  expect(await failure(client.connect(bad, asking()))).toMatchObject({ kind: 'invalid-input' })
  expect(
    await failure(client.run(bad, ExecSpec.parse({ args: ['true'] }), { onOutput: () => undefined }, asking())),
  ).toMatchObject({ kind: 'invalid-input' })
  expect(existsSync(mark())).toBe(false)
})

test('without ssh it says what to install', async () => {
  const none = new SshClient({ runtimeFolder: async () => folder, keysFolder: folder, program: '/no/ssh' })
  expect(await failure(none.connect(target, asking()))).toMatchObject({
    kind: 'unsupported',
    hint: expect.stringContaining('openssh-client'),
  })
  expect(
    await failure(none.run(target, ExecSpec.parse({ args: ['true'] }), { onOutput: () => undefined }, asking())),
  ).toMatchObject({ kind: 'unsupported' })
})

test('a server that runs nothing is told from one that lets nobody in', async () => {
  await using own = await testSshd(['ForceCommand echo go away; exit 3'])
  target = { ...targetOf(own), alias: hostAlias('with a shell of its own') }
  expect(await client.connect(target, asking())).toBe(false)
  expect(await failure(run({ args: ['true'] }))).toMatchObject({ kind: 'unsupported' })
})
