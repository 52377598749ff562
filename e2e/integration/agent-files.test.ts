import { createHash, randomBytes } from 'node:crypto'
import { chmod, chown, link, lstat, mkdir, open, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { gone, startAgent, type AgentLine } from '../fixture/agent.ts'
import { tinyFilesystem } from '../fixture/tiny-filesystem.ts'

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64')

/** Sends bytes in chunks of an odd size, from an offset on. */
const send = async (line: AgentLine, upload: unknown, bytes: Uint8Array, from = 0, chunk = 100_001): Promise<void> => {
  for (let offset = from; offset < bytes.length; offset += chunk) {
    const data = base64(bytes.subarray(offset, offset + chunk))
    const answer = await line.call('file.write.chunk', { upload, offset, data })
    expect(answer).toEqual({ offset: Math.min(bytes.length, offset + chunk) })
  }
}

const upload = async (line: AgentLine, path: string, bytes: Uint8Array, options: object = {}): Promise<void> => {
  const begun = await line.call('file.write.begin', { path, ...options })
  await send(line, begun.upload, bytes)
  const done = await line.call('file.write.commit', { upload: begun.upload, sha256: sha256(bytes) })
  expect(done).toEqual({ path, bytes_written: bytes.length })
}

const download = async (line: AgentLine, path: string, length: number): Promise<Buffer> => {
  const parts: Buffer[] = []
  for (let offset = 0; ;) {
    const { data, bytes, eof } = await line.call('file.read', { path, offset, length })
    const part = Buffer.from(String(data), 'base64')
    expect(part.length).toBe(bytes)
    parts.push(part)
    offset += part.length
    if (eof === true) return Buffer.concat(parts)
  }
}

test('a file goes in and comes out byte by byte, with the mode it was given', async () => {
  await using agent = await startAgent()
  const [path, bytes] = [join(agent.folder, 'new/deep/file'), randomBytes(3_000_000)]
  await upload(agent.line, path, bytes, { size_bytes: bytes.length, mode: 0o4750, create_parents: true })
  expect((await readFile(path)).equals(bytes)).toBe(true)
  expect((await stat(path)).mode & 0o7777).toBe(0o4750)
  expect((await stat(join(agent.folder, 'new'))).mode & 0o7777).toBe(0o755)
  expect((await download(agent.line, path, 77_777)).equals(bytes)).toBe(true)
  expect(await agent.line.call('file.checksum', { path })).toEqual({ sha256: sha256(bytes), size_bytes: bytes.length })
  expect(await readdir(join(agent.folder, 'new/deep'))).toEqual(['file'])
})

test('an empty file is one too', async () => {
  await using agent = await startAgent()
  const path = join(agent.folder, 'empty')
  await upload(agent.line, path, new Uint8Array())
  expect(await agent.line.call('file.read', { path })).toMatchObject({ data: '', bytes: 0, eof: true, mode: 0o644 })
})

test('a file is replaced as a whole: who has the old one open goes on reading that, and owner and mode stay', async () => {
  await using agent = await startAgent()
  const [path, other] = [join(agent.folder, 'file'), join(agent.folder, 'hard-link')]
  await writeFile(path, 'old')
  await link(path, other)
  await chmod(path, 0o600)
  await chown(path, 12_345, 54_321)
  await using reader = await open(path)
  const begun = await agent.line.call('file.write.begin', { path })
  await send(agent.line, begun.upload, Buffer.from('new content'))
  expect(await readFile(path, 'utf8')).toBe('old')
  await agent.line.call('file.write.commit', { upload: begun.upload })
  expect(await readFile(path, 'utf8')).toBe('new content')
  expect(await reader.readFile('utf8')).toBe('old')
  expect(await readFile(other, 'utf8')).toBe('old')
  expect(await stat(path)).toMatchObject({ uid: 12_345, gid: 54_321, mode: 0o100600 })
})

test('owner and group are set by name or number, unknown ones refused before anything is made', async () => {
  await using agent = await startAgent()
  const path = join(agent.folder, 'file')
  await upload(agent.line, path, Buffer.from('x'), { owner: 'daemon', group: '4242', mode: 0o640 })
  const daemon = /^daemon:x:(\d+):/m.exec(await readFile('/etc/passwd', 'utf8'))?.[1]
  expect(await stat(path)).toMatchObject({ uid: Number(daemon), gid: 4242 })
  const { error } = await agent.line.ask('file.write.begin', { path: join(agent.folder, 'b'), owner: 'no-such-user' })
  expect(error).toMatchObject({ code: -32002, message: 'No such user: no-such-user' })
  expect((await readdir(agent.folder)).toSorted()).toEqual(['config.json', 'file'])
})

test('what a link leads to is written, not the link', async () => {
  await using agent = await startAgent()
  const [path, target] = [join(agent.folder, 'link'), join(agent.folder, 'target')]
  await writeFile(target, 'old')
  await symlink('target', path)
  const begun = await agent.line.call('file.write.begin', { path })
  await send(agent.line, begun.upload, Buffer.from('new'))
  expect(await agent.line.call('file.write.commit', { upload: begun.upload })).toEqual({
    path: target,
    bytes_written: 3,
  })
  expect((await lstat(path)).isSymbolicLink()).toBe(true)
  expect(await readFile(target, 'utf8')).toBe('new')
})

test('a chunk may come twice, but not too early', async () => {
  await using agent = await startAgent()
  const path = join(agent.folder, 'file')
  const { upload: id } = await agent.line.call('file.write.begin', { path })
  const chunk = async (offset: number, text: string): ReturnType<AgentLine['ask']> =>
    agent.line.ask('file.write.chunk', { upload: id, offset, data: base64(Buffer.from(text)) })
  await chunk(0, 'abc')
  expect((await chunk(0, 'ABC')).result).toEqual({ offset: 3 })
  expect((await chunk(4, 'x')).error).toMatchObject({ code: -32005, data: { offset: 3 } })
  expect((await chunk(2, 'CD')).result).toEqual({ offset: 4 })
  expect((await agent.line.ask('file.write.chunk', { upload: id, offset: 0, data: 'no base64' })).error?.code).toBe(
    -32602,
  )
  await agent.line.call('file.write.commit', { upload: id })
  expect(await readFile(path, 'utf8')).toBe('ABCD')
})

test.each([
  ['another content than was sent', { sha256: '0'.repeat(64) }, {}, { reason: 'checksum' }],
  ['fewer bytes than announced', {}, { size_bytes: 5 }, { offset: 4 }],
])('%s leaves the old file and nothing else', async (_, commit, begin, data) => {
  await using agent = await startAgent()
  const path = join(agent.folder, 'file')
  await writeFile(path, 'old')
  const { upload: id } = await agent.line.call('file.write.begin', { path, ...begin })
  await send(agent.line, id, Buffer.from('four'))
  const { error } = await agent.line.ask('file.write.commit', { upload: id, ...commit })
  expect(error).toMatchObject({ code: -32005, data })
  expect(await readFile(path, 'utf8')).toBe('old')
  expect((await readdir(agent.folder)).toSorted()).toEqual(['config.json', 'file'])
  expect((await agent.line.ask('file.write.commit', { upload: id })).error?.data).toEqual({ reason: 'unknown-upload' })
})

test('an aborted upload leaves nothing', async () => {
  await using agent = await startAgent()
  const path = join(agent.folder, 'file')
  const { upload: id } = await agent.line.call('file.write.begin', { path })
  await send(agent.line, id, Buffer.from('four'))
  expect(await agent.line.call('file.write.abort', { upload: id })).toEqual({})
  expect(await readdir(agent.folder)).toEqual(['config.json'])
})

test('an agent killed in the middle leaves the old file, and the next one goes on where it was', async () => {
  const bytes = randomBytes(500_000)
  await using first = await startAgent()
  const path = join(first.folder, 'file')
  await writeFile(path, 'old')
  const begun = await first.line.call('file.write.begin', { path, size_bytes: bytes.length })
  await send(first.line, begun.upload, bytes.subarray(0, 300_000))
  first.kill('SIGKILL')
  await gone(first.pid)
  expect(await readFile(path, 'utf8')).toBe('old')

  await using second = await startAgent()
  const again = await second.line.call('file.write.begin', { path, size_bytes: bytes.length, resume: begun.upload })
  expect(again).toMatchObject({ upload: begun.upload, offset: 300_000 })
  await send(second.line, again.upload, bytes, 300_000)
  await second.line.call('file.write.commit', { upload: again.upload, sha256: sha256(bytes) })
  expect((await readFile(path)).equals(bytes)).toBe(true)
  expect((await readdir(first.folder)).toSorted()).toEqual(['config.json', 'file'])
})

test('an upload is resumed to its own path only, and a strange file is none', async () => {
  await using agent = await startAgent()
  const path = join(agent.folder, 'file')
  const { upload: id } = await agent.line.call('file.write.begin', { path })
  const other = await agent.line.ask('file.write.begin', { path: join(agent.folder, 'other'), resume: id })
  expect(other.error).toMatchObject({ code: -32005, data: { reason: 'unknown-upload' } })
  const strange = 'f'.repeat(32)
  await symlink('/etc/shadow', join(agent.folder, `.vireo-${strange}.part`))
  const { error } = await agent.line.ask('file.write.begin', { path, resume: strange })
  expect(error).toMatchObject({ code: -32005, data: { reason: 'unknown-upload' } })
})

test('what must not be overwritten is not, also when it appears meanwhile', async () => {
  await using agent = await startAgent()
  const path = join(agent.folder, 'file')
  const { upload: id } = await agent.line.call('file.write.begin', { path, overwrite: false })
  await send(agent.line, id, Buffer.from('mine'))
  await writeFile(path, 'theirs')
  expect((await agent.line.ask('file.write.commit', { upload: id })).error?.code).toBe(-32005)
  expect(await readFile(path, 'utf8')).toBe('theirs')
  expect((await agent.line.ask('file.write.begin', { path, overwrite: false })).error?.code).toBe(-32005)
  expect((await readdir(agent.folder)).toSorted()).toEqual(['config.json', 'file'])
})

test('a full disk is told as such, leaves the old file, and the upload goes on when there is room', async () => {
  await using disk = await tinyFilesystem(1024 * 1024)
  await using agent = await startAgent()
  const [path, ballast] = [join(disk.folder, 'file'), join(disk.folder, 'ballast')]
  await writeFile(path, 'old')
  await writeFile(ballast, randomBytes(500_000))
  const bytes = randomBytes(700_000)
  const tooBig = await agent.line.ask('file.write.begin', { path, size_bytes: 700_000 })
  expect(tooBig.error).toMatchObject({ code: -32000, data: { reason: 'no-space' } })
  const { upload: id } = await agent.line.call('file.write.begin', { path })
  await send(agent.line, id, bytes.subarray(0, 400_000))
  const full = await agent.line.ask('file.write.chunk', {
    upload: id,
    offset: 400_000,
    data: base64(bytes.subarray(400_000)),
  })
  expect(full.error).toMatchObject({ code: -32000, data: { reason: 'no-space' } })
  expect(await readFile(path, 'utf8')).toBe('old')
  await writeFile(ballast, '')
  const again = await agent.line.call('file.write.begin', { path, size_bytes: 700_000, resume: id })
  expect(again.offset).toBe(400_000)
  await send(agent.line, id, bytes, 400_000)
  await agent.line.call('file.write.commit', { upload: id, sha256: sha256(bytes) })
  expect((await readFile(path)).equals(bytes)).toBe(true)
})

test('files of the system that call their size 0 are read to their end', async () => {
  await using agent = await startAgent()
  const bytes = await download(agent.line, '/proc/cpuinfo', 300)
  expect(bytes.length).toBeGreaterThan(600)
  expect(bytes.at(-1)).toBe(10)
})

test('whole files pass in one message, as text and as real base64', async () => {
  await using agent = await startAgent()
  const path = join(agent.folder, 'a/b/file')
  const missing = await agent.line.ask('file_write', { path, content: 'x' })
  expect(missing.error).toMatchObject({
    code: -32002,
    message: `Parent directory does not exist: ${join(agent.folder, 'a/b')}`,
  })
  const bytes = Buffer.from([0, 255, 1, 254])
  const written = { path, content: base64(bytes), encoding: 'base64', create_dirs: true, permissions: '0600' }
  expect(await agent.line.call('file_write', written)).toEqual({ bytes_written: 4, path })
  expect((await readFile(path)).equals(bytes)).toBe(true)
  expect((await stat(path)).mode & 0o7777).toBe(0o600)
  expect(await agent.line.call('file_read', { path, encoding: 'base64' })).toEqual({
    content: base64(bytes),
    size_bytes: 4,
    encoding: 'base64',
  })
  expect((await agent.line.ask('file_read', { path })).error?.message).toBe(
    'Failed to read file: it is not UTF-8, use base64',
  )
  expect((await agent.line.ask('file_read', { path, encoding: 'utf16' })).error?.code).toBe(-32602)
  const text = 'Grüße � 😀\n'
  await agent.line.call('file_write', { path, content: text })
  expect(await agent.line.call('file_read', { path })).toEqual({
    content: text,
    size_bytes: Buffer.byteLength(text),
    encoding: 'utf8',
  })
})

test('many uploads at once have a bound, and none is lost', async () => {
  await using agent = await startAgent()
  await mkdir(join(agent.folder, 'many'))
  const begin = async (index: number): ReturnType<AgentLine['ask']> =>
    agent.line.ask('file.write.begin', { path: join(agent.folder, 'many', String(index)) })
  const answers = await Promise.all(Array.from({ length: 40 }, async (_, index) => begin(index)))
  expect(answers.filter(answer => answer.error?.code === -32004)).toHaveLength(8)
  const ids = answers.flatMap(({ result }) =>
    typeof result === 'object' && result && 'upload' in result ? [result.upload] : [],
  )
  expect(ids).toHaveLength(32)
  for (const id of ids) await agent.line.call('file.write.commit', { upload: id })
  expect(await readdir(join(agent.folder, 'many'))).toHaveLength(32)
})
