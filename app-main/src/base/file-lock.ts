/** One process at a time, agreed on through the file system. */
import { lstat, readlink, rename, rm, symlink } from 'node:fs/promises'
import { hostname } from 'node:os'
import { setTimeout as wait } from 'node:timers/promises'
import { RemoteError } from '../contract/index.ts'

/** Whoever holds a lock this long has died or is stuck, milliseconds; the work under it takes a few. */
const OLD_MS = 10_000
const GIVE_UP_MS = 15_000
const hasCode = (error: unknown, code: string) => error instanceof Error && 'code' in error && error.code === code

/**
 * Runs `work` while this process alone holds the lock at `path`, a symbolic link that names its holder: made in one step,
 * and never followed. Throws `timeout` when others keep it; the lock of a process that died is taken over.
 */
export const withFileLock = async <T>(path: string, work: () => Promise<T>): Promise<T> => {
  const limit = Date.now() + GIVE_UP_MS
  const me = `${process.pid}@${hostname()}`
  while (!(await taken(path, me))) {
    await breakStale(path)
    if (Date.now() > limit)
      throw new RemoteError({
        kind: 'timeout',
        message: `Another program keeps “${path}”.`,
        hint: 'If no other Vireo runs, remove that file.',
      })
    await wait(5 + Math.random() * 20)
  }
  try {
    return await work()
  } finally {
    await rm(path, { force: true })
  }
}

const taken = async (path: string, me: string): Promise<boolean> => {
  try {
    await symlink(me, path)
    return true
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false
    throw error
  }
}

const breakStale = async (path: string): Promise<void> => {
  const aside = `${path}.${process.pid}`
  try {
    const [holder, { mtimeMs }] = [await readlink(path), await lstat(path)]
    if (Date.now() - mtimeMs < OLD_MS && !isDead(holder)) return
    // In one step, so that of several who find it old only one takes it away.
    await rename(path, aside)
    if ((await readlink(aside)) === holder) await rm(aside)
    else await rename(aside, path)
  } catch (error) {
    // Released in this moment.
    if (!hasCode(error, 'ENOENT')) throw error
  }
}

/** Only this computer's processes can be looked at. */
const isDead = (holder: string): boolean => {
  const [pid, host] = holder.split('@')
  if (host !== hostname()) return false
  try {
    process.kill(Number(pid), 0)
    return false
  } catch (error) {
    return hasCode(error, 'ESRCH')
  }
}
