/** Uploads that the host names itself: found again after an agent was killed, given up when they are not the same any more. */
import { createHash, randomBytes } from 'node:crypto'
import { chown, link, readdir, readFile, symlink, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { gone, startAgent, type AgentLine } from '../fixture/agent.ts'

const KEY = '0123456789abcdef'.repeat(2)
const DAY_SECONDS = 24 * 3600
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
const part = (key = KEY): string => `.vireo-${key}.part`

const chunk = (line: AgentLine, offset: number, bytes: Uint8Array) =>
  line.call('file.write.chunk', { upload: KEY, offset, data: Buffer.from(bytes).toString('base64') })

const commit = (line: AgentLine, bytes: Uint8Array) =>
  line.ask('file.write.commit', { upload: KEY, sha256: sha256(bytes) })

test('an agent that was killed in the middle goes on where it was, by the key alone', async () => {
  const bytes = randomBytes(500_000)
  await using first = await startAgent()
  const begin = { path: join(first.folder, 'file'), size_bytes: bytes.length, key: KEY }
  expect(await first.line.call('file.write.begin', begin)).toMatchObject({ upload: KEY, offset: 0 })
  await chunk(first.line, 0, bytes.subarray(0, 300_000))
  first.kill('SIGKILL')
  await gone(first.pid)

  await using second = await startAgent()
  expect(await second.line.call('file.write.begin', begin)).toMatchObject({ upload: KEY, offset: 300_000 })
  await chunk(second.line, 300_000, bytes.subarray(300_000))
  expect((await commit(second.line, bytes)).result).toMatchObject({ bytes_written: bytes.length })
  expect((await readFile(begin.path)).equals(bytes)).toBe(true)
  expect((await readdir(first.folder)).toSorted()).toEqual(['config.json', 'file'])
})

test('what was begun from another content is refused as a whole, and the next attempt begins anew', async () => {
  await using agent = await startAgent()
  const begin = { path: join(agent.folder, 'file'), key: KEY }
  await writeFile(begin.path, 'old')
  await agent.line.call('file.write.begin', begin)
  await chunk(agent.line, 0, Buffer.from('what it was, '))
  expect(await agent.line.call('file.write.begin', begin)).toMatchObject({ offset: 13 })
  await chunk(agent.line, 13, Buffer.from('the rest'))
  const { error } = await commit(agent.line, Buffer.from('what it is,  the rest'))
  expect(error).toMatchObject({ code: -32005, data: { reason: 'checksum' } })
  expect(await readFile(begin.path, 'utf8')).toBe('old')
  expect(await agent.line.call('file.write.begin', begin)).toMatchObject({ upload: KEY, offset: 0 })
})

test('a key belongs to one path, and goes not together with what the agent named', async () => {
  await using agent = await startAgent()
  await agent.line.call('file.write.begin', { path: join(agent.folder, 'file'), key: KEY })
  const other = await agent.line.ask('file.write.begin', { path: join(agent.folder, 'other'), key: KEY })
  expect(other.error).toMatchObject({ code: -32005, data: { reason: 'unknown-upload' } })
  const both = await agent.line.ask('file.write.begin', { path: join(agent.folder, 'a'), key: KEY, resume: KEY })
  expect(both.error?.code).toBe(-32602)
  const wrong = await agent.line.ask('file.write.begin', { path: join(agent.folder, 'a'), key: '../../etc/x' })
  expect(wrong.error?.code).toBe(-32602)
})

test.each([
  ['a link', (path: string, folder: string) => symlink(join(folder, 'config.json'), path)],
  ['a hard link to a file of the agent', (path: string, folder: string) => link(join(folder, 'config.json'), path)],
  [
    'a file of somebody else',
    async (path: string) => writeFile(path, 'theirs').then(() => chown(path, 12_345, 12_345)),
  ],
])('%s that was laid where the part would be is neither read nor written', async (_, lay) => {
  await using agent = await startAgent()
  const [laid, config] = [join(agent.folder, part()), join(agent.folder, 'config.json')]
  const before = await readFile(config, 'utf8')
  await lay(laid, agent.folder)
  const content = await readFile(laid, 'utf8')
  const { error } = await agent.line.ask('file.write.begin', { path: join(agent.folder, 'file'), key: KEY })
  expect(error).toBeDefined()
  expect(await readFile(laid, 'utf8')).toBe(content)
  expect(await readFile(config, 'utf8')).toBe(before)
})

test('parts that nobody came back for are swept after a day, younger and strange ones are not', async () => {
  await using agent = await startAgent()
  const old = Date.now() / 1000 - DAY_SECONDS - 60
  const [stale, young, strange] = ['a', 'b', 'c'].map(digit => join(agent.folder, part(digit.repeat(32)))) as [
    string,
    string,
    string,
  ]
  for (const path of [stale, young, strange]) await writeFile(path, 'part')
  for (const path of [stale, strange]) await utimes(path, old, old)
  await chown(strange, 12_345, 12_345)
  await utimes(strange, old, old)
  await agent.line.call('file.write.begin', { path: join(agent.folder, 'file'), key: KEY })
  expect((await readdir(agent.folder)).toSorted()).toEqual(
    [part(), part('b'.repeat(32)), part('c'.repeat(32)), 'config.json'].toSorted(),
  )
})
