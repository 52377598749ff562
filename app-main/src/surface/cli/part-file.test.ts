import { mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openPart, partBytes, partPath, removeOlderParts, type Source } from './part-file.ts'

const source: Source = { id: 'a@qemu:///system', path: '/srv/image', entry: { sizeBytes: 10, modifiedAt: 1000 } }

let folder: string
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'vireo-part-'))))
afterEach(() => rm(folder, { recursive: true, maxRetries: 5 }))

test('the same file in the same state has the same part, beside its target', () => {
  const path = partPath('/home/a/image', source)
  expect(dirname(path)).toBe('/home/a')
  expect(basename(path)).toMatch(/^image\.[0-9a-f]{16}\.vireo-part$/)
  expect(partPath('/home/a/image', structuredClone(source))).toBe(path)
})

test.each<[string, Partial<Source>]>([
  ['another size', { entry: { sizeBytes: 11, modifiedAt: 1000 } }],
  ['another time', { entry: { sizeBytes: 10, modifiedAt: 1001 } }],
  ['another path', { path: '/srv/other' }],
  ['another machine', { id: 'b@qemu:///system' }],
])('a source of %s has another part', (_, change) => {
  expect(partPath('/home/a/image', { ...source, ...change })).not.toBe(partPath('/home/a/image', source))
})

test('a long name is cut between characters, so that the part can be made', () => {
  const name = basename(partPath(`/home/a/${'ü'.repeat(127)}`, source))
  expect(Buffer.byteLength(name)).toBeLessThanOrEqual(255)
  expect(name).toMatch(/^ü+\.[0-9a-f]{16}\.vireo-part$/)
})

test('parts of what the source was before are removed, and nothing else', async () => {
  const to = join(folder, 'image')
  const [own, old] = [partPath(to, source), partPath(to, { ...source, path: '/before' })]
  const others = ['image', 'image.vireo-part', 'image.0123.vireo-part', basename(partPath(`${to}2`, source))]
  for (const name of [...others, basename(own), basename(old)]) await writeFile(join(folder, name), '')
  await removeOlderParts(to, own)
  expect((await readdir(folder)).toSorted()).toEqual([...others, basename(own)].toSorted())
})

test('a link in the part’s place is not followed', async () => {
  const [to, other] = [join(folder, 'image'), join(folder, 'precious')]
  await writeFile(other, 'precious')
  await symlink(other, partPath(to, source))
  await expect(openPart(partPath(to, source))).rejects.toThrow('ELOOP')
  expect(await partBytes(join(folder, 'none'))).toBe(0)
})
