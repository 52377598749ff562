/** A folder of this computer that somebody named for the disks of a machine. */
import { createHash } from 'node:crypto'
import { access, constants, realpath, stat, statfs } from 'node:fs/promises'
import { basename, isAbsolute } from 'node:path'
import { RemoteError } from '../../contract/index.ts'
import type { Creation, CreationHost, PoolFacts } from '../../hypervisor/creation.ts'
import { obstacleTo } from './reach.ts'

/** The system's own, where a disk has no business. */
const SYSTEM = /^\/(?:$|(?:bin|boot|dev|etc|lib\d*|proc|run|sbin|sys|usr)(?:\/|$))/

/** Its path without links. Throws `not-found`, `permission` and `invalid-input`. */
const realFolder = async (path: string): Promise<string> => {
  try {
    const real = await realpath(path)
    if ((await stat(real)).isDirectory()) return real
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : ''
    const missing = code === 'ENOENT' || code === 'ENOTDIR'
    const message = missing ? `There is no folder “${path}”.` : `The folder “${path}” cannot be looked at.`
    const hint = missing ? 'Make it first, or choose another one.' : 'Choose a folder that you can read.'
    throw new RemoteError({ kind: missing ? 'not-found' : 'permission', message, hint }, { cause: error })
  }
  throw new RemoteError({ kind: 'invalid-input', message: `“${path}” is no folder.` })
}

const mustBeUsable = async (folder: string, host: CreationHost): Promise<void> => {
  if (SYSTEM.test(folder))
    throw new RemoteError({
      kind: 'invalid-input',
      message: `“${folder}” belongs to the system.`,
      hint: 'Choose a folder that is there for disks.',
    })
  if (!host.foreignUser) {
    await access(folder, constants.W_OK | constants.X_OK).catch((cause: unknown) => {
      const message = `Nothing can be written into “${folder}”.`
      throw new RemoteError({ kind: 'permission', message, hint: 'Choose a folder of your own.' }, { cause })
    })
    return
  }
  const obstacle = await obstacleTo(folder, host, 'x')
  if (obstacle === null) return
  const [first] = obstacle.paths
  throw new RemoteError({
    kind: 'permission',
    message: `Machines cannot reach “${folder}”: the user that QEMU runs as may not pass through “${first ?? folder}”.`,
    hint: 'Let it pass, which shows it nothing of what is there, or choose a storage pool.',
    ...(obstacle.commands.length > 0 ? { fix: [...obstacle.commands] } : {}),
  })
}

/** The same for the same folder, so that two who want it make one. */
const poolNameOf = (folder: string): string => {
  const words = basename(folder)
    .replaceAll(/[^A-Za-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 24)
  return [
    'vireo',
    ...(words === '' ? [] : [words]),
    createHash('sha256').update(folder).digest('hex').slice(0, 10),
  ].join('-')
}

/** The pool that is this folder, whoever made it. */
const poolAt = async (pools: readonly PoolFacts[], folder: string): Promise<PoolFacts | undefined> => {
  for (const pool of pools) {
    if (!pool.folder || pool.path === '') continue
    if (pool.path === folder || (await realpath(pool.path).catch(() => null)) === folder) return pool
  }
  return undefined
}

/**
 * The pool of a folder: the one it has, else the one that will be made for it, which is not there yet. Nothing is changed.
 * Throws `unsupported` on another computer's daemon, `not-found`, `invalid-input`, and `permission` with what would help.
 */
export const folderPlace = async (
  creation: Pick<Creation, 'pools'>,
  path: string,
  host: CreationHost,
): Promise<PoolFacts> => {
  if (!host.local)
    throw new RemoteError({
      kind: 'unsupported',
      message: 'A folder can be chosen only where machines run on this computer.',
      hint: 'Choose a storage pool.',
    })
  if (!isAbsolute(path))
    throw new RemoteError({ kind: 'invalid-input', message: 'Give the absolute path of a folder.' })
  const folder = await realFolder(path)
  await mustBeUsable(folder, host)
  const there = await poolAt(await creation.pools(), folder)
  const name = poolNameOf(folder)
  const { bavail, bsize } = await statfs(folder)
  const availableBytes = bavail * bsize
  if (there) return { ...there, availableBytes, ...(there.name === name ? { forFolder: 'there' } : {}) }
  return { name, path: folder, availableBytes, folder: true, active: false, forFolder: 'new' }
}
