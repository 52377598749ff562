/** A lock for work that takes minutes: held as long as its process lives, not as long as a clock says. */
import { readFileSync } from 'node:fs'
import { mkdir, readlink, rm } from 'node:fs/promises'
import { hostname } from 'node:os'
import { dirname } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { breakLink, takeLink } from '../base/link-lock.ts'
import { cancelled } from './run-tool.ts'

const POLL_MS = 200

/** When a process began, in clock ticks since the boot: numbers of processes come again, this pair does not. */
const startOf = (pid: number): string | undefined => {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1')
    return text.slice(text.lastIndexOf(')') + 2).split(' ')[19]
  } catch {
    return undefined
  }
}

const isAlive = (holder: string): boolean => {
  const [pid = '', start, host] = holder.split('@')
  // Of another computer on a shared file system nothing can be known.
  if (host !== hostname()) return true
  return startOf(Number(pid)) === start
}

/**
 * Runs `work` while this process alone holds the lock at `path`, however long that takes. `waiting` is called now and then
 * while another process has it. Throws `cancelled`.
 */
export const holdLock = async <T>(
  path: string,
  signal: AbortSignal,
  work: () => Promise<T>,
  waiting: () => void = () => undefined,
): Promise<T> => {
  const me = `${process.pid}@${startOf(process.pid) ?? ''}@${hostname()}`
  await mkdir(dirname(path), { recursive: true })
  while (!(await takeLink(path, me))) {
    if (signal.aborted) throw cancelled(signal)
    waiting()
    await breakLink(path, holder => !isAlive(holder))
    await wait(POLL_MS, undefined, { signal }).catch(() => undefined)
  }
  try {
    if (signal.aborted) throw cancelled(signal)
    return await work()
  } finally {
    await rm(path, { force: true })
  }
}

/** Whether a living process holds the lock at `path`. */
export const isHeld = async (path: string): Promise<boolean> => {
  const holder = await readlink(path).catch(() => undefined)
  return holder !== undefined && isAlive(holder)
}
