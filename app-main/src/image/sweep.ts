/** What crashes left behind. */
import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { isHeld } from './hold-lock.ts'

/** Half an hour: whoever made a workshop and lives may still be at it. */
const isRunning = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

const sizeOf = async (folder: string): Promise<number> => {
  const names = await readdir(folder, { recursive: true }).catch(() => [])
  const found = await Promise.all(names.map(async name => stat(join(folder, name)).catch(() => undefined)))
  return found.reduce((sum, one) => sum + (one?.isFile() ? one.size : 0), 0)
}

const dropped = async (folder: string): Promise<number> => {
  const bytes = await sizeOf(folder)
  await rm(folder, { recursive: true, force: true, maxRetries: 5 })
  return bytes
}

/** Removes the workshops of dead processes, and parts of downloads untouched for `olderMs`. Gives the bytes that were freed. */
export const sweepFolders = async (folder: string, olderMs: number): Promise<number> => {
  let freed = 0
  for (const name of await readdir(join(folder, 'work')).catch(() => []))
    if (!isRunning(Number(name.split('-')[0]))) freed += await dropped(join(folder, 'work', name))
  for (const name of await readdir(join(folder, 'fetch')).catch(() => [])) {
    const path = join(folder, 'fetch', name)
    const found = await stat(path).catch(() => undefined)
    if (!found?.isDirectory() || Date.now() - found.mtimeMs < olderMs || (await isHeld(`${path}.lock`))) continue
    freed += await dropped(path)
  }
  return freed
}
