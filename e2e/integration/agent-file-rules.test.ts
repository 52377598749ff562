import { spawn } from 'node:child_process'
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startAgent, type AgentLine, type TestAgent } from '../fixture/agent.ts'
import { run } from '../fixture/run.ts'

const denied = -32001

interface Walled extends AsyncDisposable {
  readonly line: AgentLine
  readonly allowed: string
  readonly outside: string
}

/** An agent that may read and write in `allowed` only; `outside` and `allowed2` hold what it must not reach. */
const walled = async (): Promise<Walled> => {
  const home: TestAgent = await startAgent()
  const [allowed, outside] = [join(home.folder, 'allowed'), join(home.folder, 'outside')]
  for (const folder of [allowed, outside, `${allowed}2`]) {
    await mkdir(folder)
    await writeFile(join(folder, 'secret'), 'secret')
  }
  const security = { allowed_read_paths: [allowed], allowed_write_paths: [allowed] }
  const agent = await startAgent({ config: { security } })
  const dispose = async (): Promise<void> => {
    await agent[Symbol.asyncDispose]()
    await home[Symbol.asyncDispose]()
  }
  return { line: agent.line, allowed, outside, [Symbol.asyncDispose]: dispose }
}

/** Every way to reach a file there is. */
const reach = async (line: AgentLine, path: string): Promise<(number | undefined)[]> => {
  const requests: readonly (readonly [string, object])[] = [
    ['file_read', { path }],
    ['file.read', { path }],
    ['file.checksum', { path }],
    ['file_write', { path, content: 'x' }],
    ['file.write.begin', { path }],
  ]
  const answers = await Promise.all(requests.map(async ([method, params]) => line.ask(method, params)))
  return answers.map(answer => answer.error?.code)
}

const all = (code: number): number[] => Array.from({ length: 5 }, () => code)

test('what is allowed works', async () => {
  await using wall = await walled()
  expect(await reach(wall.line, join(wall.allowed, 'secret'))).toEqual(Array.from({ length: 5 }))
})

test('neither dots, nor a name that begins alike, nor links lead out', async () => {
  await using wall = await walled()
  const { allowed, outside, line } = wall
  await symlink(outside, join(allowed, 'folder'))
  await symlink(join(outside, 'secret'), join(allowed, 'link'))
  await symlink('../outside/secret', join(allowed, 'relative'))
  await symlink('/', join(allowed, 'root'))
  const paths = [
    `${allowed}/../outside/secret`,
    `${allowed}/./../../../..${outside}/secret`,
    `${allowed}2/secret`,
    join(allowed, 'folder/secret'),
    join(allowed, 'link'),
    join(allowed, 'relative'),
    `${allowed}/root${outside}/secret`,
    `/proc/self/root${outside}/secret`,
    `/proc/self/cwd/../../../../../../../..${outside}/secret`,
    `/proc/thread-self/root${outside}/secret`,
    '/proc/self/environ',
    '/dev/null',
    '/etc/passwd',
  ]
  for (const path of paths) expect([path, await reach(line, path)]).toEqual([path, all(denied)])
  expect(await readFile(join(outside, 'secret'), 'utf8')).toBe('secret')
  expect(await readFile(join(`${allowed}2`, 'secret'), 'utf8')).toBe('secret')
})

test('nothing is made or removed outside, not even a folder on the way to a refusal', async () => {
  await using wall = await walled()
  const { allowed, outside, line } = wall
  await symlink(outside, join(allowed, 'folder'))
  const refused = async (method: string, params: object): Promise<void> => {
    expect([method, params, (await line.ask(method, params)).error?.code]).toEqual([method, params, denied])
  }
  for (const folder of [outside, join(allowed, 'folder'), `${allowed}/../outside`, `${allowed}2`]) {
    const path = join(folder, 'new/deep/file')
    await refused('file_write', { path: `${folder}/new/deep/file`, content: 'x', create_dirs: true })
    await refused('file.write.begin', { path, create_parents: true })
    await refused('directory.create', { path, parents: true })
    await refused('file.remove', { path: join(folder, 'secret') })
    await refused('directory.list', { path: folder })
    await refused('file.stat', { path: join(folder, 'secret') })
  }
  expect(await readdir(outside)).toEqual(['secret'])
  expect(await readdir(`${allowed}2`)).toEqual(['secret'])
  expect((await readdir(allowed)).toSorted()).toEqual(['folder', 'secret'])
})

test('a link is described and removed itself, but not followed out by stat', async () => {
  await using wall = await walled()
  const path = join(wall.allowed, 'link')
  await symlink(join(wall.outside, 'secret'), path)
  expect(await wall.line.call('file.stat', { path })).toMatchObject({ entry: { type: 'link' } })
  expect((await wall.line.ask('file.stat', { path, follow: true })).error?.code).toBe(denied)
  expect(await wall.line.call('file.remove', { path })).toEqual({ removed: 1 })
  expect(await readdir(wall.outside)).toEqual(['secret'])
})

test('devices, pipes and sockets are refused at once, also without any rule', async () => {
  await using agent = await startAgent()
  const [pipe, device] = [join(agent.folder, 'pipe'), join(agent.folder, 'device')]
  await run('mkfifo', [pipe])
  await run('mknod', [device, 'c', '1', '5'])
  await symlink('/dev/zero', join(agent.folder, 'link'))
  for (const path of [pipe, device, join(agent.folder, 'link'), '/dev/tty', '/dev/stdin']) {
    const codes = await reach(agent.line, path)
    expect([path, codes.every(code => code === denied || code === -32000)]).toEqual([path, true])
  }
  expect((await agent.line.ask('file.read', { path: agent.folder })).error).toMatchObject({ data: { code: 'EISDIR' } })
  await agent.line.call('ping')
})

test.each([
  ['nothing', ''],
  ['a name', 'relative'],
  ['a relative path', './x'],
  ['a text with NUL', 'a\0b'],
  ['a path with NUL', '/a\0b'],
  ['what is longer than a path may be', `/${'x'.repeat(5000)}`],
])('%s is no path', async (_, path) => {
  await using agent = await startAgent()
  const { error } = await agent.line.ask('file.read', { path })
  expect(error?.code).toBe(-32602)
  const seed = await agent.line.ask('file_read', { path })
  expect(seed.error?.code).toBe(-32002)
})

test('a link that changes all the time never lets a write or a read out', async () => {
  await using wall = await walled()
  const { allowed, outside, line } = wall
  await mkdir(join(allowed, 'real'))
  await writeFile(join(allowed, 'real/secret'), 'harmless')
  const flips = `cd ${allowed}; while :; do ln -sfn real a; ln -sfn ${outside} b; mv -T b a; done`
  const flipper = spawn('/bin/sh', ['-c', flips], { stdio: 'ignore', detached: true })
  const outcomes = new Set<number | undefined>()
  try {
    for (let round = 0; round < 300; round++) {
      const read = await line.ask('file_read', { path: join(allowed, 'a/secret') })
      outcomes.add(read.error?.code)
      expect(JSON.stringify(read.result ?? null)).not.toContain('"content":"secret"')
      const write = await line.ask('file_write', { path: join(allowed, `a/new-${round}`), content: 'x' })
      outcomes.add(write.error?.code)
    }
  } finally {
    process.kill(-(flipper.pid ?? 0), 'SIGKILL')
  }
  expect(await readdir(outside)).toEqual(['secret'])
  // Both really happened.
  expect(outcomes).toContain(undefined)
  expect(outcomes).toContain(denied)
})

test('sizes are checked before anything is read or written', async () => {
  await using agent = await startAgent({ config: { security: { max_file_size_mb: 1 } } })
  const path = join(agent.folder, 'file')
  await run('truncate', ['--size=1048577', path])
  expect(await reach(agent.line, path)).toEqual([-32000, -32000, -32000, undefined, undefined])
  const big = join(agent.folder, 'big')
  const begun = await agent.line.ask('file.write.begin', { path: big, size_bytes: 1_048_577 })
  expect(begun.error?.code).toBe(-32000)
  const { upload } = await agent.line.call('file.write.begin', { path: big })
  const data = Buffer.alloc(500_000).toString('base64')
  await agent.line.call('file.write.chunk', { upload, offset: 0, data })
  await agent.line.call('file.write.chunk', { upload, offset: 500_000, data })
  expect((await agent.line.ask('file.write.chunk', { upload, offset: 1_000_000, data })).error?.code).toBe(-32000)
})
