/** A lock in the file system: a symbolic link that names its holder, made in one step and never followed. */
import { lstat, readlink, rename, rm, symlink } from 'node:fs/promises'

const hasCode = (error: unknown, code: string) => error instanceof Error && 'code' in error && error.code === code

/** False while somebody has it. */
export const takeLink = async (path: string, holder: string): Promise<boolean> => {
  try {
    await symlink(holder, path)
    return true
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false
    throw error
  }
}

/** Takes away the lock of a holder that is gone; `madeAt` in milliseconds since 1970. Of several who see it only one does. */
export const breakLink = async (path: string, isGone: (holder: string, madeAt: number) => boolean): Promise<void> => {
  const aside = `${path}.${process.pid}`
  try {
    const [holder, { mtimeMs }] = [await readlink(path), await lstat(path)]
    if (!isGone(holder, mtimeMs)) return
    // In one step, so that of several who find it so only one takes it away.
    await rename(path, aside)
    if ((await readlink(aside)) === holder) await rm(aside, { force: true })
    else await rename(aside, path)
  } catch (error) {
    // Released in this moment.
    if (!hasCode(error, 'ENOENT')) throw error
  }
}
