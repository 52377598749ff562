import { chmod, mkdir, mkdtemp, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { runtimeFolder } from './runtime-folder.ts'

const uid = process.getuid?.() ?? 0
let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vireo-runtime-'))
  vi.stubEnv('TMPDIR', folder)
})

afterEach(async () => {
  vi.unstubAllEnvs()
  await rm(folder, { recursive: true, maxRetries: 5 })
})

test('it lies in the folder of the login session and is private, even when it was not', async () => {
  await mkdir(join(folder, 'vireo'))
  await chmod(join(folder, 'vireo'), 0o755)
  expect(await runtimeFolder({ XDG_RUNTIME_DIR: folder })).toBe(join(folder, 'vireo'))
  expect((await stat(join(folder, 'vireo'))).mode & 0o777).toBe(0o700)
})

test.each([
  ['no variable', {}],
  ['an empty one', { XDG_RUNTIME_DIR: '' }],
  ['a folder that is not there', { XDG_RUNTIME_DIR: '/nowhere/at/all' }],
  ['a folder of somebody else', { XDG_RUNTIME_DIR: uid === 0 ? '/dev/null' : '/' }],
])('with %s it is one of this user among the temporary files', async (_what, environment) => {
  expect(await runtimeFolder(environment)).toBe(join(folder, `vireo-${uid}`))
})

test('what somebody else may have put in its place is refused', async () => {
  await symlink('/', join(folder, `vireo-${uid}`))
  await expect(runtimeFolder({})).rejects.toMatchObject({ detail: { kind: 'permission' } })
  await writeFile(join(folder, 'vireo'), '')
  await expect(runtimeFolder({ XDG_RUNTIME_DIR: folder })).rejects.toMatchObject({ detail: { kind: 'permission' } })
})
