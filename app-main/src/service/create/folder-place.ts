/** A folder of this computer that somebody named for the disks of a machine. */
import { createHash } from 'node:crypto'
import { access, constants, realpath, stat, statfs } from 'node:fs/promises'
import { basename, dirname, isAbsolute } from 'node:path'
import { RemoteError } from '../../contract/index.ts'
import type { Creation, CreationHost, PoolFacts } from '../../hypervisor/creation.ts'
import { findTool, runTool } from '../../image/run-tool.ts'

const ACL_PATIENCE_MS = 5000
const SEARCH = 0o1
/** The system's own, where a disk has no business. */
const SYSTEM = /^\/(?:$|(?:bin|boot|dev|etc|lib\d*|proc|run|sbin|sys|usr)(?:\/|$))/

type User = NonNullable<CreationHost['machineUser']>

/** Whether a list of `getfacl --numeric` lets a user search; such lists stand beside the mode. */
export const aclAllows = (list: string, { uid, gid }: User): boolean => {
  const entries = list.split('\n').map(line => line.split('#')[0]?.trim().split(':') ?? [])
  const rights = (kind: string, id: string) => entries.find(([is, who]) => is === kind && who === id)?.[2]
  const masked = (text: string | undefined): boolean =>
    Boolean(text?.includes('x')) && (rights('mask', '') ?? 'x').includes('x')
  const own = rights('user', String(uid))
  return own === undefined ? masked(rights('group', String(gid))) : masked(own)
}

const listedFor = async (folder: string, user: User, signal: AbortSignal): Promise<boolean> => {
  const program = findTool('getfacl')
  if (program === undefined) return false
  const { code, out } = await runTool(program, ['-cnp', '--', folder], { signal, ms: ACL_PATIENCE_MS })
  return code === 0 && aclAllows(out, user)
}

const passes = async (folder: string, user: User, signal: AbortSignal): Promise<boolean> => {
  const { mode, uid, gid } = await stat(folder)
  const shift = uid === user.uid ? 6 : gid === user.gid ? 3 : 0
  if (((mode >> shift) & SEARCH) !== 0) return true
  return listedFor(folder, user, signal)
}

/** The first folder on the way that the machines' user cannot pass; null: it reaches `path`. */
const obstacleOf = async (path: string, user: User, signal: AbortSignal): Promise<string | null> => {
  if (user.uid === 0) return null
  const way = [path]
  for (let at = path; at !== dirname(at); at = dirname(at)) way.unshift(dirname(at))
  for (const folder of way) if (!(await passes(folder, user, signal))) return folder
  return null
}

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

const mustBeUsable = async (folder: string, host: CreationHost, signal: AbortSignal): Promise<void> => {
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
  const user = host.machineUser ?? null
  // Nobody knows as whom machines run: then only what everybody may do is sure.
  const obstacle = await obstacleOf(folder, user ?? { uid: -1, gid: -1 }, signal)
  if (obstacle === null) return
  const who = user === null ? 'o' : `u:${user.uid}`
  const command = user === null ? ['chmod', 'o+x', obstacle] : ['setfacl', '-m', `${who}:x`, obstacle]
  const quoted = command
    .map(word => (/^[\w.:+/-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`))
    .join(' ')
  throw new RemoteError({
    kind: 'permission',
    message: `Machines cannot reach “${folder}”: the user that QEMU runs as may not pass through “${obstacle}”.`,
    hint: 'Let it pass, which shows it nothing of what is there, or choose a storage pool.',
    fix: [quoted],
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
  signal: AbortSignal,
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
  await mustBeUsable(folder, host, signal)
  const there = await poolAt(await creation.pools(), folder)
  const name = poolNameOf(folder)
  const { bavail, bsize } = await statfs(folder)
  const availableBytes = bavail * bsize
  if (there) return { ...there, availableBytes, ...(there.name === name ? { forFolder: 'there' } : {}) }
  return { name, path: folder, availableBytes, folder: true, active: false, forFolder: 'new' }
}
