import { lstat, mkdir, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startAgent, type AgentLine } from '../fixture/agent.ts'
import { run } from '../fixture/run.ts'
import { tinyFilesystem } from '../fixture/tiny-filesystem.ts'

interface Page {
  readonly names: readonly string[]
  readonly next: string | null
  readonly total: number
}

const nameOf = (entry: unknown): string =>
  typeof entry === 'object' && entry !== null && 'name' in entry ? String(entry.name) : ''

const page = async (line: AgentLine, params: object): Promise<Page> => {
  const { entries, next, total } = await line.call('directory.list', params)
  if (!Array.isArray(entries)) throw new Error('no entries')
  return { names: entries.map(nameOf), next: typeof next === 'string' ? next : null, total: Number(total) }
}

test('a large directory comes in pages that lose nothing, while others remove and add', async () => {
  await using agent = await startAgent()
  const path = join(agent.folder, 'many')
  await mkdir(path)
  const names = Array.from({ length: 1200 }, (_, index) => `entry-${String(index).padStart(4, '0')}`)
  await Promise.all(names.map(async name => writeFile(join(path, name), '')))
  const seen: string[] = []
  let after: string | null = null
  do {
    const part: Page = await page(agent.line, { path, ...(after === null ? {} : { after }), limit: 500 })
    seen.push(...part.names)
    after = part.next
    await rm(join(path, 'entry-0499'), { force: true })
    await writeFile(join(path, 'entry-0000-added'), '')
  } while (after !== null)
  expect(seen).toEqual(names)
})

test('a page is never longer than a message', async () => {
  await using agent = await startAgent({ config: { max_message_size_kb: 8 } })
  for (let index = 0; index < 50; index++) await writeFile(join(agent.folder, `${index}-${'x'.repeat(200)}`), '')
  const first = await page(agent.line, { path: agent.folder })
  expect(first.total).toBe(51)
  expect(first.names.length).toBeGreaterThan(3)
  expect(first.names.length).toBeLessThan(30)
  expect(first.next).toBe(first.names.at(-1))
})

test('an entry tells what it is, without following a link, and a strange name is shown', async () => {
  await using agent = await startAgent()
  const path = join(agent.folder, 'here')
  await mkdir(join(path, 'folder'), { recursive: true, mode: 0o750 })
  await symlink('../nowhere', join(path, 'link'))
  await run('mkfifo', [join(path, 'pipe')])
  await run('sh', ['-c', `printf x > "$(printf '${path}/a\\nb')"; printf x > "$(printf '${path}/\\377')"`])
  const { entries } = await agent.line.call('directory.list', { path })
  expect(entries).toMatchObject([
    { name: 'a\nb', type: 'file', size_bytes: 1, owner: 'root', link_target: null },
    { name: 'folder', type: 'directory', mode: 0o750 },
    { name: 'link', type: 'link', link_target: '../nowhere' },
    { name: 'pipe', type: 'other' },
    { name: '\uFFFD', type: 'file' },
  ])
})

test('stat describes the link, or follows it to where it leads', async () => {
  await using agent = await startAgent()
  const [path, target] = [join(agent.folder, 'link'), join(agent.folder, 'target')]
  await writeFile(target, 'four')
  await symlink('middle', path)
  await symlink('target', join(agent.folder, 'middle'))
  expect(await agent.line.call('file.stat', { path })).toMatchObject({
    path,
    entry: { name: 'link', type: 'link', link_target: 'middle' },
  })
  expect(await agent.line.call('file.stat', { path, follow: true })).toMatchObject({
    path: target,
    entry: { name: 'target', type: 'file', size_bytes: 4 },
  })
  await symlink('loop', join(agent.folder, 'loop'))
  const loop = await agent.line.ask('file.stat', { path: join(agent.folder, 'loop'), follow: true })
  expect(loop.error).toMatchObject({ code: -32000, data: { code: 'ELOOP' } })
  expect(await agent.line.call('file.stat', { path: '/' })).toMatchObject({ entry: { name: '/', type: 'directory' } })
  const dots = `${agent.folder}/../${agent.folder.split('/').at(-1) ?? ''}/.`
  expect(await agent.line.call('file.stat', { path: dots })).toMatchObject({ path: agent.folder })
})

test('directories are made, with parents when asked, and never over something', async () => {
  await using agent = await startAgent()
  const path = join(agent.folder, 'a/b/c')
  expect((await agent.line.ask('directory.create', { path })).error?.code).toBe(-32002)
  expect(await agent.line.call('directory.create', { path, parents: true, mode: 0o1777 })).toEqual({
    path,
    created: true,
  })
  expect((await lstat(path)).mode & 0o7777).toBe(0o1777)
  expect(await agent.line.call('directory.create', { path, parents: true })).toEqual({ path, created: false })
  expect((await agent.line.ask('directory.create', { path })).error?.code).toBe(-32005)
  const file = join(agent.folder, 'config.json')
  expect((await agent.line.ask('directory.create', { path: file, parents: true })).error?.code).toBe(-32005)
})

test('a tree is removed without following a link out of it', async () => {
  await using agent = await startAgent()
  const [tree, outside] = [join(agent.folder, 'tree'), join(agent.folder, 'outside')]
  await mkdir(join(tree, 'a/b'), { recursive: true })
  await mkdir(outside)
  await writeFile(join(outside, 'precious'), '')
  await writeFile(join(tree, 'a/file'), '')
  await symlink(outside, join(tree, 'a/b/link'))
  const refused = await agent.line.ask('file.remove', { path: tree })
  expect(refused.error).toMatchObject({ code: -32000, data: { code: 'ENOTEMPTY' } })
  expect(await agent.line.call('file.remove', { path: tree, recursive: true })).toEqual({ removed: 5 })
  expect(await readdir(agent.folder)).toEqual(['config.json', 'outside'])
  expect(await readdir(outside)).toEqual(['precious'])
  await symlink(outside, join(agent.folder, 'link'))
  await agent.line.call('file.remove', { path: join(agent.folder, 'link'), recursive: true })
  expect(await readdir(outside)).toEqual(['precious'])
  expect((await agent.line.ask('file.remove', { path: tree })).error?.code).toBe(-32002)
})

test('a filesystem that is mounted in a tree is not emptied', async () => {
  await using disk = await tinyFilesystem(64 * 1024)
  await using agent = await startAgent()
  await writeFile(join(disk.folder, 'precious'), '')
  const direct = await agent.line.ask('file.remove', { path: disk.folder, recursive: true })
  expect(direct.error).toMatchObject({ code: -32005 })
  const inner = join(agent.folder, 'tree/inner')
  await mkdir(inner, { recursive: true })
  await run('mount', ['--bind', disk.folder, inner])
  try {
    const below = await agent.line.ask('file.remove', { path: join(agent.folder, 'tree'), recursive: true })
    expect(below.error).toMatchObject({ code: -32005 })
  } finally {
    await run('umount', [inner])
  }
  expect(await readdir(disk.folder)).toEqual(['precious'])
})

test('others are answered while a large tree goes', async () => {
  await using agent = await startAgent()
  const tree = join(agent.folder, 'tree')
  await run('sh', ['-c', `mkdir ${tree} && cd ${tree} && seq 1 20000 | xargs touch`])
  let ended = false
  const removal = agent.line.call('file.remove', { path: tree, recursive: true }).then(result => {
    ended = true
    return result
  })
  await agent.line.call('ping')
  expect(ended).toBe(false)
  expect(await removal).toEqual({ removed: 20_001 })
})
