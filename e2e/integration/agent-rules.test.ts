import { chmod, lstat, mkdir, mkdtemp, readFile, readdir, rename, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { run } from '../fixture/run.ts'
import { startAgent, type Message } from '../fixture/agent.ts'

const codeOf = (message: Message): number | undefined => message.error?.code
const denied = -32001
const hardened = join(dirname(fileURLToPath(import.meta.url)), '../../guest-agent-bridge/packaging/hardened.json')

let root = ''
let open = ''
let closed = ''

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'vireo-rules-'))
  ;[open, closed] = [join(root, 'open'), join(root, 'closed')]
  for (const folder of [open, closed, `${open}2`]) await mkdir(folder)
  await writeFile(join(open, 'a.txt'), 'open')
  await writeFile(join(closed, 'secret.txt'), 'secret')
  await writeFile(join(`${open}2`, 'secret.txt'), 'secret')
})

afterEach(async () => {
  await rm(root, { recursive: true, force: true, maxRetries: 5 })
})

const rules = (security: object) => ({ config: { security } })
const onlyOpen = () => rules({ allowed_read_paths: [open], allowed_write_paths: [open] })

test('what is allowed can be read and written', async () => {
  await using agent = await startAgent(onlyOpen())
  expect(await agent.line.call('file_read', { path: join(open, 'a.txt') })).toMatchObject({ content: 'open' })
  await agent.line.call('file_write', { path: join(open, 'new/deep/b.txt'), content: 'b', create_dirs: true })
  expect(await readFile(join(open, 'new/deep/b.txt'), 'utf8')).toBe('b')
})

const waysOut: readonly (readonly [string, () => string])[] = [
  ['a plain path', () => join(closed, 'secret.txt')],
  ['`..`', () => `${open}/../closed/secret.txt`],
  ['`..` through a folder that is there', () => `${open}/./in/../../closed/secret.txt`],
  ['a folder whose name begins alike', () => join(`${open}2`, 'secret.txt')],
  ['a link to a file', () => join(open, 'link')],
  ['a link to a folder', () => join(open, 'folder-link/secret.txt')],
  ['a chain of links', () => join(open, 'chain')],
  ['/proc/self/root', () => `/proc/self/root${closed}/secret.txt`],
  ['/proc/self/cwd', () => `/proc/self/cwd/../../../../../../../..${closed}/secret.txt`],
  ['/proc/self/environ', () => '/proc/self/environ'],
  ['/proc/1/environ', () => '/proc/1/environ'],
  ['/proc/self/fd', () => '/proc/self/fd/0'],
  ['a device', () => '/dev/zero'],
]

test.each(waysOut)('no way out by %s', async (_, path) => {
  await mkdir(join(open, 'in'))
  await symlink(join(closed, 'secret.txt'), join(open, 'link'))
  await symlink(closed, join(open, 'folder-link'))
  await symlink('link', join(open, 'chain'))
  await using agent = await startAgent(onlyOpen())
  for (const method of ['file_read', 'file.read', 'file.checksum']) {
    expect(codeOf(await agent.line.ask(method, { path: path() }))).toBe(denied)
  }
  expect(codeOf(await agent.line.ask('file_write', { path: path(), content: 'x' }))).toBe(denied)
  const begun = await agent.line.ask('file.write.begin', { path: path() })
  expect(codeOf(begun)).toBe(denied)
  expect(await readFile(join(closed, 'secret.txt'), 'utf8')).toBe('secret')
})

test('nothing is made before the rules were asked', async () => {
  await symlink(closed, join(open, 'folder-link'))
  await using agent = await startAgent(onlyOpen())
  for (const path of [join(closed, 'a/b/c.txt'), join(open, 'folder-link/a/b/c.txt'), `${open}/../closed/a/c.txt`]) {
    expect(codeOf(await agent.line.ask('file_write', { path, content: 'x', create_dirs: true }))).toBe(denied)
    expect(codeOf(await agent.line.ask('directory.create', { path, parents: true }))).toBe(denied)
  }
  expect(await readdir(closed)).toEqual(['secret.txt'])
  expect(codeOf(await agent.line.ask('file.remove', { path: join(closed, 'secret.txt') }))).toBe(denied)
  expect(codeOf(await agent.line.ask('file.remove', { path: join(open, 'folder-link/secret.txt') }))).toBe(denied)
})

test('a link is removed itself, never what it leads to', async () => {
  await symlink(closed, join(open, 'folder-link'))
  await using agent = await startAgent(onlyOpen())
  await agent.line.call('file.remove', { path: join(open, 'folder-link'), recursive: true })
  expect(await readdir(closed)).toEqual(['secret.txt'])
  await expect(lstat(join(open, 'folder-link'))).rejects.toThrow('ENOENT')
})

test('a folder that turns into a link while files are written lets nothing out', async () => {
  await mkdir(join(open, 'swap'))
  await symlink(closed, join(open, 'bait'))
  await using agent = await startAgent(onlyOpen())
  let swapping = true
  const swapper = (async () => {
    while (swapping) {
      await rename(join(open, 'swap'), join(open, 'aside'))
      await rename(join(open, 'bait'), join(open, 'swap'))
      await rename(join(open, 'swap'), join(open, 'bait'))
      await rename(join(open, 'aside'), join(open, 'swap'))
    }
  })()
  const codes = new Set<number | undefined>()
  for (let turn = 0; turn < 300; turn++) {
    const path = join(open, 'swap', `f${turn}`)
    codes.add(codeOf(await agent.line.ask('file_write', { path, content: 'x' })))
  }
  swapping = false
  await swapper
  expect(await readdir(closed)).toEqual(['secret.txt'])
  // Written, denied, or gone for a moment: nothing else.
  expect([undefined, denied, -32002, -32000]).toEqual(expect.arrayContaining([...codes]))
})

test("a rule's own link is followed when root made it, not when anybody did", async () => {
  await symlink(closed, join(root, 'by-root'))
  await symlink(closed, join(root, 'by-anybody'))
  if (process.getuid?.() !== 0) throw new Error('this test needs another owner: run it as root')
  await run('chown', ['-h', '65534', join(root, 'by-anybody')])
  const path = join(closed, 'secret.txt')
  {
    await using agent = await startAgent(rules({ allowed_read_paths: [join(root, 'by-root')] }))
    expect(await agent.line.call('file_read', { path })).toMatchObject({ content: 'secret' })
  }
  await using agent = await startAgent(rules({ allowed_read_paths: [join(root, 'by-anybody')] }))
  expect(codeOf(await agent.line.ask('file_read', { path }))).toBe(denied)
})

test('what must never be read is not, whatever else is allowed', async () => {
  await using agent = await startAgent(rules({ deny_file_read_paths: [closed] }))
  expect(codeOf(await agent.line.ask('file_read', { path: join(closed, 'secret.txt') }))).toBe(denied)
  await agent.line.call('file_read', { path: join(open, 'a.txt') })
  await agent.line.call('file_read', { path: join(`${open}2`, 'secret.txt') })
})

test('devices, FIFOs and folders are no files, even without rules', async () => {
  await run('mkfifo', [join(open, 'fifo')])
  await using agent = await startAgent()
  for (const path of ['/dev/zero', '/dev/tty', join(open, 'fifo')]) {
    expect(codeOf(await agent.line.ask('file_read', { path }))).toBe(denied)
    expect(codeOf(await agent.line.ask('file.read', { path }))).toBe(denied)
  }
  expect((await agent.line.ask('file_read', { path: open })).error?.message).toContain('Is a directory')
  for (const path of ['relative', '', '/a\0b']) {
    expect([-32002, -32602]).toContain(codeOf(await agent.line.ask('file_read', { path })))
  }
})

test('a size is looked at before the content', async () => {
  await using agent = await startAgent(rules({ max_file_size_mb: 1 }))
  await run('truncate', ['-s', '100G', join(open, 'huge')])
  const answer = await agent.line.ask('file_read', { path: join(open, 'huge') })
  expect(answer.error?.message).toContain('File too large: 107374182400 bytes (max 1 MB)')
  expect(codeOf(await agent.line.ask('file.write.begin', { path: join(open, 'b'), size_bytes: 2_000_000 }))).toBe(
    -32000,
  )
})

test('of commands only those on the list, by the file they really are', async () => {
  await writeFile(join(open, 'id'), '#!/bin/sh\necho fake\n')
  await chmod(join(open, 'id'), 0o755)
  await symlink('/bin/sh', join(open, 'true'))
  await using agent = await startAgent(rules({ command_whitelist: ['id', '/usr/bin/env'] }))
  const ask = async (spec: object) => codeOf(await agent.line.ask('exec.start', spec))
  expect(await ask({ args: ['id'] })).toBeUndefined()
  expect(await ask({ args: ['/usr/bin/id'] })).toBeUndefined()
  expect(await ask({ args: ['/usr/../usr/bin/id'] })).toBeUndefined()
  for (const args of [
    ['ls'],
    [join(open, 'id')],
    [join(open, 'true')],
    ['./id'],
    ['../usr/bin/id'],
    ['id '],
    [''],
    ['/bin/sh'],
  ]) {
    expect(await ask({ args, cwd: open })).toBe(denied)
  }
  expect(await ask({ shell: 'id' })).toBe(denied)
  expect(await ask({ args: ['id'], env: { LD_PRELOAD: '/tmp/x.so' } })).toBe(denied)
  expect(await ask({ args: ['id'], env: { PATH: open } })).toBe(denied)
  expect(await ask({ args: ['id'], env: { LANG: 'C' } })).toBeUndefined()
  const seed = await agent.line.ask('exec_command', { command: 'ls' })
  expect(seed.error).toEqual({ code: denied, message: 'Command not allowed: ls' })
})

test('commands on the blocklist do not run, by name or by link', async () => {
  await symlink('/usr/bin/id', join(open, 'innocent'))
  await using agent = await startAgent(rules({ command_blocklist: ['id'] }))
  for (const spec of [
    { args: ['id'] },
    { args: ['/usr/bin/id'] },
    { args: [join(open, 'innocent')] },
    { shell: 'echo; /usr/bin/id' },
  ]) {
    expect(codeOf(await agent.line.ask('exec.start', spec))).toBe(denied)
  }
  expect(codeOf(await agent.line.ask('exec.start', { shell: 'echo idle' }))).toBeUndefined()
})

test('the hardened configuration is in force as it stands', async () => {
  const text = (await readFile(hardened, 'utf8')).replace('/var/log/vireo-agent.log', join(root, 'agent.log'))
  await using agent = await startAgent({ config: text })
  expect(await agent.line.call('agent.capabilities')).toMatchObject({
    limits: {
      max_message_bytes: 65_536,
      max_concurrent_requests: 10,
      max_command_timeout_seconds: 300,
      max_file_bytes: 10_485_760,
    },
  })
  expect(codeOf(await agent.line.ask('file_read', { path: '/etc/passwd' }))).toBe(denied)
  // On Debian a link to /usr/lib/os-release.
  expect(await agent.line.call('file_read', { path: '/etc/os-release' })).toMatchObject({
    content: expect.stringContaining('ID='),
  })
  expect(codeOf(await agent.line.ask('file_write', { path: '/tmp/vireo2/x', content: 'x', create_dirs: true }))).toBe(
    denied,
  )
  await expect(stat('/tmp/vireo2')).rejects.toThrow('ENOENT')
  expect(await readFile(join(root, 'agent.log'), 'utf8')).not.toContain('unknown key')
})

test('unknown keys are warned about; what is no configuration stops the agent', async () => {
  {
    await using agent = await startAgent({ config: { securty: {}, security: { allowed_paths: [] }, health: { x: 1 } } })
    await agent.line.call('ping')
    for (const key of ['securty', 'security.allowed_paths', 'health.x']) {
      expect(agent.log()).toContain(`unknown key "${key.replaceAll('"', '')}" is ignored`)
    }
  }
  const wrong = [
    '{',
    '[]',
    '{"security":{"allowed_read_paths":"/tmp"}}',
    '{"security":{"allowed_read_paths":["tmp"]}}',
    '{"max_concurrent_requests":0}',
  ]
  for (const config of wrong) {
    await using agent = await startAgent({ config })
    expect(await agent.exited).toBe(78)
    expect(agent.log()).toContain('the configuration')
  }
})

test('file operations are counted', async () => {
  await using agent = await startAgent(rules({ max_file_ops_per_second: 3 }))
  const path = join(open, 'a.txt')
  const answers = await Promise.all(Array.from({ length: 20 }, async () => agent.line.ask('file.stat', { path })))
  expect(answers.filter(answer => codeOf(answer) === -32004).length).toBeGreaterThan(10)
  expect(answers.filter(answer => answer.result !== undefined).length).toBeGreaterThanOrEqual(3)
})
