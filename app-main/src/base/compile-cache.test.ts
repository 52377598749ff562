import { existsSync } from 'node:fs'
import { chmod, chown, lstat, mkdir, mkdtemp, readdir, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { compileCacheFolder, compileCacheFor } from './compile-cache.ts'

let base: string
let program: string
let folder: string
beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'vireo-code-'))
  program = join(base, 'cli.js')
  folder = join(base, 'cache/vireo/code')
  await writeFile(program, 'first')
})
afterEach(() => rm(base, { recursive: true }))

/** The program as if it had been built `day` days after the first time. */
const rebuilt = async (day: number) => utimes(program, day * 86_400, day * 86_400)

test('each build has a folder that only its user can enter, beside images that others reach', async () => {
  const first = compileCacheFor(program, folder)
  expect(first && dirname(first)).toBe(folder)
  expect(compileCacheFor(program, folder)).toBe(first)
  expect((await lstat(first ?? '')).mode & 0o777).toBe(0o700)
  expect((await lstat(dirname(folder))).mode & 0o011).toBe(0o011)
  await rebuilt(1)
  expect(compileCacheFor(program, folder)).not.toBe(first)
})

test('old builds leave nothing', async () => {
  for (let day = 1; day < 6; day++) {
    await rebuilt(day)
    const made = compileCacheFor(program, folder)
    await utimes(made ?? '', day * 86_400, day * 86_400)
  }
  expect(await readdir(folder)).toHaveLength(3)
})

test.each([
  ['cache', 0o777],
  ['cache/vireo', 0o775],
  ['cache/vireo/code', 0o757],
])('it is left alone where others may write into %s', async (name, mode) => {
  expect(compileCacheFor(program, folder)).toBeDefined()
  await chmod(join(base, name), mode)
  expect(compileCacheFor(program, folder)).toBeUndefined()
})

test('so is one that others may look into, and one behind a link to an unsafe place', async () => {
  const made = compileCacheFor(program, folder) ?? ''
  await chmod(made, 0o750)
  expect(compileCacheFor(program, folder)).toBeUndefined()
  await rm(folder, { recursive: true })
  await mkdir(join(base, 'open'))
  await chmod(join(base, 'open'), 0o777)
  await symlink(join(base, 'open'), folder)
  expect(compileCacheFor(program, folder)).toBeUndefined()
})

test.runIf(process.getuid?.() === 0)(
  'root leaves nothing in the home of another user (asked as root only)',
  async () => {
    await chown(base, 65534, 65534)
    expect(compileCacheFor(program, folder)).toBeUndefined()
    expect(existsSync(join(base, 'cache'))).toBe(false)
  },
)

test('a place that cannot be had is no failure', () => {
  expect(compileCacheFor(program, join(program, 'code'))).toBeUndefined()
  expect(compileCacheFor(join(base, 'missing'), folder)).toBeUndefined()
})

test('it lies where caches of this user lie', () => {
  expect(compileCacheFolder({ XDG_CACHE_HOME: '/c', HOME: '/h' })).toBe('/c/vireo/code')
  const usual = process.getuid?.() === 0 ? '/var/cache/vireo/code' : '/h/.cache/vireo/code'
  expect(compileCacheFolder({ HOME: '/h' })).toBe(usual)
})
