/** Files that every user of this computer can read. */
import { realpath, stat } from 'node:fs/promises'
import { dirname } from 'node:path'

const ALL_READ = 0o444
const ALL_ENTER = 0o111

const above = (path: string): string[] => {
  const parent = dirname(path)
  return parent === path ? [] : [parent, ...above(parent)]
}

const allows = async (path: string, bits: number): Promise<boolean> => ((await stat(path)).mode & bits) === bits

/** Whether everybody may read a file and enter the folders above it, also where a link leads; false where nobody can tell. */
export const openToAll = async (path: string): Promise<boolean> => {
  try {
    const real = await realpath(path)
    const folders = new Set([...above(path), ...above(real)])
    const judged = await Promise.all([allows(real, ALL_READ), ...[...folders].map(one => allows(one, ALL_ENTER))])
    return judged.every(Boolean)
  } catch {
    return false
  }
}
