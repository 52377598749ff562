/** Whether the user that machines run as reaches a file where it lies, and what would let them. */
import { execFile } from 'node:child_process'
import { readFile, realpath, stat } from 'node:fs/promises'
import { userInfo } from 'node:os'
import { dirname } from 'node:path'
import { promisify } from 'node:util'
import type { CreationHost } from '../../hypervisor/creation.ts'

/** Whom machines run as; numbers, as libvirt tells them. */
export interface MachineUser {
  readonly uid: number
  readonly gid: number
}

/** Why a file has to be copied, and how to do without. */
export interface Obstacle {
  /** For people: the name of the user that machines run as. */
  readonly user: string
  /** What that user may not enter or read, from the root on. */
  readonly paths: readonly string[]
  /** What a person would type so that the file can be used where it lies; none where nobody knows that user. */
  readonly commands: readonly string[]
}

type Right = 'r' | 'x'

const BITS: Readonly<Record<Right, number>> = { r: 4, x: 1 }
const GETFACL_MS = 5000
const execute = promisify(execFile)

/** What an access control list adds for one user, as `getfacl --numeric` prints it. */
export const aclGrants = (text: string, { uid, gid }: MachineUser, right: Right): boolean => {
  const bitsOf = (entry: string): string | undefined =>
    text
      .split('\n')
      .find(line => line.startsWith(`${entry}:`))
      ?.slice(entry.length + 1)
  const own = bitsOf(`user:${uid}`) ?? bitsOf(`group:${gid}`)
  if (own === undefined) return false
  return own.slice(0, 3).includes(right) && (bitsOf('mask:') ?? own).slice(0, 3).includes(right)
}

const aclOf = async (path: string): Promise<string> => {
  const args = ['--numeric', '--absolute-names', '--omit-header', '--', path]
  const options = { timeout: GETFACL_MS, env: { ...process.env, LC_ALL: 'C' } }
  // Without the program, or on a file system that has none, the mode is all there is.
  return execute('getfacl', args, options).then(
    ({ stdout }) => stdout,
    () => '',
  )
}

const allowed = async (path: string, right: Right, user: MachineUser | null): Promise<boolean> => {
  const { mode, uid, gid } = await stat(path)
  const bit = BITS[right]
  if (user === null) return (mode & bit) !== 0
  if (user.uid === 0) return true
  if (user.uid === uid) return (mode & (bit << 6)) !== 0
  if (user.gid === gid && (mode & (bit << 3)) !== 0) return true
  // A group that may not is refused what others may.
  if (user.gid !== gid && (mode & bit) !== 0) return true
  return aclGrants(await aclOf(path), user, right)
}

/** From the root on. */
const above = (path: string): string[] => {
  const parent = dirname(path)
  return parent === path ? [] : [...above(parent), parent]
}

const quoted = (word: string): string =>
  /^[\w.@%+=:,/][\w.@%+=:,/-]*$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`

/** Their name; their number where this computer has none for it. */
const nameOf = async ({ uid }: MachineUser): Promise<string> => {
  const lines = (await readFile('/etc/passwd', 'utf8').catch(() => '')).split('\n')
  return lines.map(line => line.split(':')).find(([, , id]) => id === String(uid))?.[0] ?? String(uid)
}

const commandOf = async (path: string, right: Right, name: string): Promise<string> => {
  const { uid } = await stat(path)
  const me = userInfo().uid
  return `${me === 0 || me === uid ? '' : 'sudo '}setfacl -m u:${name}:${right} -- ${quoted(path)}`
}

/** Null where they reach it: a file to be read, or with `x` a folder to be entered. Rejects where it is gone. */
export const obstacleTo = async (
  path: string,
  { machineUser }: Pick<CreationHost, 'machineUser'>,
  last: Right = 'r',
): Promise<Obstacle | null> => {
  const user = machineUser ?? null
  const real = await realpath(path)
  const folders = [...new Set([...above(path), ...above(real)])]
  const wants = [...folders.map(folder => [folder, 'x'] as const), [real, last] as const]
  const judged = await Promise.all(
    wants.map(async ([one, right]) => [one, right, await allowed(one, right, user)] as const),
  )
  const missing = judged.filter(([, , may]) => !may)
  if (missing.length === 0) return null
  const name = user === null ? '' : await nameOf(user)
  return {
    user: name,
    paths: missing.map(([one]) => one),
    commands: user === null ? [] : await Promise.all(missing.map(([one, right]) => commandOf(one, right, name))),
  }
}
