/** One process at a time, agreed on through the file system. */
import { rm } from 'node:fs/promises'
import { hostname } from 'node:os'
import { setTimeout as wait } from 'node:timers/promises'
import { RemoteError } from '../contract/index.ts'
import { breakLink, takeLink } from './link-lock.ts'

/** Whoever holds a lock this long has died or is stuck, milliseconds; the work under it takes a few. */
const OLD_MS = 10_000
const GIVE_UP_MS = 15_000

/**
 * Runs `work` while this process alone holds the lock at `path`. Throws `timeout` when others keep it; the lock of a
 * process that died is taken over.
 */
export const withFileLock = async <T>(path: string, work: () => Promise<T>): Promise<T> => {
  const limit = Date.now() + GIVE_UP_MS
  const me = `${process.pid}@${hostname()}`
  while (!(await takeLink(path, me))) {
    await breakLink(path, (holder, madeAt) => Date.now() - madeAt >= OLD_MS || isDead(holder))
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

/** Only this computer's processes can be looked at. */
const isDead = (holder: string): boolean => {
  const [pid, host] = holder.split('@')
  if (host !== hostname()) return false
  try {
    process.kill(Number(pid), 0)
    return false
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ESRCH'
  }
}
