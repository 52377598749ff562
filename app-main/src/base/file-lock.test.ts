import { lstat, lutimes, mkdtemp, rm, symlink } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { withFileLock } from './file-lock.ts'

let folder: string
const lock = () => join(folder, 'lock')
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vireo-lock-'))
})
afterEach(() => rm(folder, { recursive: true, maxRetries: 5 }))

test('one at a time, and the lock is gone afterwards, also after a failure', async () => {
  let inside = 0
  const work = async () => {
    inside++
    await new Promise(resolve => setImmediate(resolve))
    expect(inside).toBe(1)
    inside--
  }
  await Promise.all([1, 2, 3].map(() => withFileLock(lock(), work)))
  await expect(withFileLock(lock(), () => Promise.reject(new Error('broke')))).rejects.toThrow('broke')
  await expect(lstat(lock())).rejects.toThrow('ENOENT')
})

test('the lock of a process that died is taken over', async () => {
  await symlink(`4194304@${hostname()}`, lock())
  expect(await withFileLock(lock(), () => Promise.resolve('done'))).toBe('done')
})

test('a lock that is far too old is taken over, whoever made it', async () => {
  await symlink('1@elsewhere', lock())
  await lutimes(lock(), 1, 1)
  expect(await withFileLock(lock(), () => Promise.resolve('done'))).toBe('done')
})

test('a folder that cannot be written says so at once', async () => {
  await expect(withFileLock(join(folder, 'none', 'lock'), () => Promise.resolve())).rejects.toThrow('ENOENT')
})
