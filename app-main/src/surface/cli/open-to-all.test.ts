import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openToAll } from './open-to-all.ts'

let base: string
beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'vireo-open-'))
  await chmod(base, 0o755)
  await mkdir(join(base, 'folder'))
  await chmod(join(base, 'folder'), 0o755)
  await writeFile(join(base, 'folder/image'), '')
  await chmod(join(base, 'folder/image'), 0o644)
})
afterEach(() => rm(base, { recursive: true }))

test('a file that everybody may read, in folders that everybody may enter', async () => {
  expect(await openToAll(join(base, 'folder/image'))).toBe(true)
})

test.each([
  ['image', 0o640],
  ['image', 0o604],
  ['.', 0o750],
])('not so where %s has mode %o', async (name, mode) => {
  await chmod(join(base, 'folder', name), mode)
  expect(await openToAll(join(base, 'folder/image'))).toBe(false)
})

test('nor behind a link into a closed folder, nor where there is none', async () => {
  await symlink(join(base, 'folder/image'), join(base, 'link'))
  expect(await openToAll(join(base, 'link'))).toBe(true)
  await chmod(join(base, 'folder'), 0o700)
  expect(await openToAll(join(base, 'link'))).toBe(false)
  expect(await openToAll(join(base, 'missing'))).toBe(false)
})
