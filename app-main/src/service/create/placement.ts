/** Where files may lie so that a machine can use them. */
import { access, constants, stat, statfs } from 'node:fs/promises'
import { createHash } from 'node:crypto'
import { dirname, extname } from 'node:path'
import type { CreationHost } from '../../hypervisor/creation.ts'
import { obstacleTo } from './reach.ts'

/** ext2 to ext4, and XFS: these take writes that pass the page cache. */
const DIRECT = [0xef53, 0x58465342]

/** Whether machines of this host can read a file where it lies: those of the system run as a user of their own. */
export const machinesCanRead = async (path: string, host: CreationHost): Promise<boolean> => {
  if (!host.local) return false
  try {
    if (!host.foreignUser) {
      await access(path, constants.R_OK)
      return true
    }
    return (await obstacleTo(path, host)) === null
  } catch {
    return false
  }
}

/** The same for a file that will lie there: of folders that are still to be made, the one that they will be made in. */
export const machinesCanWalk = async (folder: string, host: CreationHost): Promise<boolean> => {
  if (!host.local) return false
  if (!host.foreignUser) return true
  const obstacle = await obstacleTo(folder, host, 'x').catch(() => undefined)
  if (obstacle !== undefined) return obstacle === null
  return folder === dirname(folder) || machinesCanWalk(dirname(folder), host)
}

/** False also where that cannot be told. */
export const takesDirectWrites = async (path: string, host: CreationHost): Promise<boolean> => {
  if (!host.local) return false
  const { type } = await statfs(path).catch(() => ({ type: 0 }))
  return DIRECT.includes(type)
}

/** How the names of copies begin. */
export const COPY_PREFIX = 'vireo-base-'

/** The name of a file's copy in a pool: the same for the same file, another one when the file was changed. */
export const copyName = async (path: string, fallback: string): Promise<{ name: string; bytes: number }> => {
  const { dev, ino, size, mtimeMs } = await stat(path)
  const key = createHash('sha256').update([path, dev, ino, size, mtimeMs].join('\0')).digest('hex').slice(0, 16)
  const extension = /^\.[a-z0-9]{1,8}$/.test(extname(path)) ? extname(path) : fallback
  return { name: `${COPY_PREFIX}${key}${extension}`, bytes: size }
}

/** Of a file that is not here yet. */
export const pendingCopy = (extension: string): { name: string; bytes: number } => ({
  name: `${COPY_PREFIX}${'0'.repeat(16)}${extension}`,
  bytes: 0,
})
