import { spawn } from 'node:child_process'
import { createReadStream } from 'node:fs'
import { access, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { RemoteError, type ExecSpec } from '@vireo/app-main/contract'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { GuestAgent } from '../guest-agent.ts'
import { openDirect } from './direct-agent.ts'
import type { DirectWay } from './direct-way.ts'
import { readFilesystems, readSystem } from './facts.ts'

const signal = new AbortController().signal
let folder: string
let agent: GuestAgent

/** This computer's own processes and files, as a hypervisor would reach a machine's. */
const own: DirectWay = {
  dialect: 'lxd',
  async run({ args: [program = '', ...args], env, cwd }, { stdin, onOutput }, asking) {
    const child = spawn(program, args, { env: { PATH: process.env['PATH'], ...env }, cwd })
    const spawned = once(child, 'spawn').catch((error: unknown) => {
      throw new RemoteError({ kind: 'not-found', message: String(error) })
    })
    const kill = () => child.kill('SIGKILL')
    asking.signal.addEventListener('abort', kill)
    const ended = once(child, 'close')
    ended.catch(() => undefined)
    await spawned
    const told = (['stdout', 'stderr'] as const).map(async name => {
      for await (const bytes of child[name] as AsyncIterable<Buffer>) await onOutput(name, bytes)
    })
    pipeline(stdin ?? Readable.from([]), child.stdin).catch(() => undefined)
    const gaveUp = new Promise<never>((_, reject) =>
      asking.signal.addEventListener('abort', () => reject(asking.signal.reason as Error)),
    )
    const all = Promise.all([ended, ...told]).then(([[code]]) => code as number | null)
    return (await Promise.race([all, gaveUp])) ?? 137
  },
  async read(path) {
    await access(path).catch(() => Promise.reject(new RemoteError({ kind: 'not-found', message: path })))
    return createReadStream(path, { highWaterMark: 1000 })
  },
  fill: async (path, content) => writeFile(path, content),
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'direct-'))
  agent = await openDirect(own, { signal })
})
afterEach(async () => {
  agent.close()
  await rm(folder, { recursive: true })
})

const spec = (part: Partial<ExecSpec>): ExecSpec => ({ env: {}, timeoutSeconds: 30, maxOutputBytes: 1e6, ...part })

const exec = async (part: Partial<ExecSpec>, stdin: readonly string[] = [], stop: AbortSignal = signal) => {
  const said = { stdout: '', stderr: '' }
  const onOutput = (stream: 'stdout' | 'stderr', bytes: Uint8Array) => {
    said[stream] += Buffer.from(bytes).toString()
  }
  const input = Readable.from(stdin.map(text => Buffer.from(text)))
  const end = await agent.exec(spec(part), { stdin: input, onOutput }, { signal: stop })
  return { ...end, ...said }
}

const rejects = (kind: string) => expect.objectContaining({ detail: expect.objectContaining({ kind }) })

test('a command has its arguments, environment, folder and input, and both its outputs are told apart', async () => {
  expect(await exec({ args: ['printf', '%s|', 'a b', '$HOME', ''] })).toMatchObject({
    stdout: 'a b|$HOME||',
    exitCode: 0,
  })
  expect(await exec({ shell: 'echo "$A"; pwd; echo no >&2; exit 3', cwd: folder, env: { A: 'x y' } })).toMatchObject({
    ...{ stdout: `x y\n${folder}\n`, stderr: 'no\n', exitCode: 3, timedOut: false, truncated: false },
  })
  expect(await exec({ args: ['cat'] }, ['one ', 'two'])).toMatchObject({ stdout: 'one two' })
})

test('a folder, a program or a user that is not there is said, and nothing runs', async () => {
  const marker = join(folder, 'ran')
  await expect(exec({ args: ['touch', marker], cwd: join(folder, 'none') })).rejects.toEqual(rejects('not-found'))
  await expect(exec({ args: ['touch', marker], user: 'nobody; touch x' })).rejects.toEqual(rejects('invalid-input'))
  await expect(exec({ args: ['touch', marker], user: 'no-such-user' })).rejects.toThrow('The guest said')
  await expect(exec({ args: ['vireo-no-such-program'] })).rejects.toEqual(rejects('not-found'))
  await expect(access(marker)).rejects.toThrow('ENOENT')
})

/** Nobody may have asked yet how a dead one ended. */
const alive = async (pid: number): Promise<boolean> => {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  return stat !== '' && !stat.includes(') Z ')
}

test('what a command began dies with it when its time is over, or when it is cancelled', async () => {
  const pidFile = join(folder, 'pid')
  const begin = `sleep 600 >/dev/null 2>&1 & echo $! > ${pidFile}; sleep 600`
  expect(await exec({ shell: begin, timeoutSeconds: 1 })).toMatchObject({ timedOut: true, exitCode: null })
  await expect.poll(async () => alive(Number(await readFile(pidFile, 'utf8')))).toBe(false)
  await rm(pidFile)
  const stop = new AbortController()
  const running = exec({ shell: begin }, [], stop.signal)
  running.catch(() => undefined)
  await expect.poll(() => readFile(pidFile, 'utf8').catch(() => ''), { timeout: 20_000 }).toMatch(/\d+\n/)
  stop.abort(new RemoteError({ kind: 'cancelled', message: 'Enough.' }))
  await expect(running).rejects.toEqual(rejects('cancelled'))
  await expect.poll(async () => alive(Number(await readFile(pidFile, 'utf8')))).toBe(false)
})

test('output beyond the limit is dropped and said', async () => {
  const end = await exec({ shell: 'yes | head -c 300000; echo end >&2', maxOutputBytes: 1001 })
  expect(end).toMatchObject({ truncated: true, stderr: 'end\n', exitCode: 0 })
  expect(end.stdout).toHaveLength(1001)
})

test('a file is read from anywhere, piece by piece, and replaced as a whole', async () => {
  const path = join(folder, 'a ü')
  const content = Buffer.from(Array.from({ length: 10_000 }, (_, at) => String(at % 10)).join(''))
  const write = (bytes: Buffer, part: object = {}) =>
    agent.writeFile({ path, content: Readable.from([bytes]), size: bytes.length, ...part }, { signal })
  expect(await write(content, { mode: 0o640 })).toBe(10_000)
  expect((await agent.stat(path, { signal })).mode).toBe(0o640)
  const parts: Uint8Array[] = []
  for (let at = 0; ;) {
    const { bytes, eof } = await agent.readFile(path, at, 700, { signal })
    parts.push(bytes)
    at += bytes.length
    if (eof) break
  }
  expect(Buffer.concat(parts).equals(content)).toBe(true)
  expect(Buffer.from((await agent.readFile(path, 4005, 3, { signal })).bytes).toString()).toBe('567')
  expect((await agent.readFile(path, 20_000, 3, { signal })).eof).toBe(true)
  await expect(agent.readFile(join(folder, 'none'), 0, 1, { signal })).rejects.toEqual(rejects('not-found'))
  const broken = Readable.from(
    (async function* () {
      yield Buffer.from('half')
      throw new RemoteError({ kind: 'cancelled', message: 'Enough.' })
    })(),
  )
  await expect(agent.writeFile({ path, content: broken }, { signal })).rejects.toThrow('Enough.')
  expect((await readFile(path)).equals(content)).toBe(true)
  await expect.poll(async () => (await agent.list(folder, { signal })).map(({ name }) => name)).toEqual(['a ü'])
})

test('a machine without a shell has commands and no more', async () => {
  const bare = await openDirect({ ...own, run: async () => 127 }, { signal })
  expect(bare.features.exec).toBeUndefined()
  expect(bare.features.directory).toContain('/bin/sh')
  await expect(bare.list('/', { signal })).rejects.toEqual(rejects('unsupported'))
  const shut = { ...own, run: () => Promise.reject(new RemoteError({ kind: 'refused', message: 'No way in.' })) }
  await expect(openDirect(shut, { signal })).rejects.toThrow('No way in.')
})

test('what a guest says of itself is read with care', async () => {
  expect(await agent.system({ signal })).toMatchObject({ clockOffsetSeconds: null, kernel: expect.any(String) })
  expect((await agent.processes({ signal })).length).toBeGreaterThan(0)
  const nothing = { hostname: null, osName: null, cpuCount: null, memoryBytes: null, uptimeSeconds: null }
  for (const text of ['', '--vireo--\n'.repeat(50), '\0\x1b]0;x\x07', 'PRETTY_NAME='])
    expect(readSystem(text)).toMatchObject({ ...nothing, ...(text.includes('\0') ? { osName: null } : {}) })
  expect(readSystem('PRETTY_NAME="A\x1b[31m"\n').osName).not.toContain('\x1b')
  expect(
    readFilesystems('head\n/dev/a b ext4 10 4 6 40% /mnt/x y\ntmpfs tmpfs 1 1 1 1% /t\n/dev/c ext4 -1 x 9 1% /\n'),
  ).toEqual([
    {
      mountPoint: '/mnt/x y',
      device: '/dev/a b',
      type: 'ext4',
      totalBytes: 10_240,
      usedBytes: 4096,
      availableBytes: 6144,
    },
  ])
})
