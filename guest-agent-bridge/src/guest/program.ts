/** Which file a command's name means, and whether the rules let it run. */
import type { SecurityRules } from './config.ts'
import { RpcError } from './rpc-error.ts'
import { failedWith, here, SysError, type Sys } from './sys.ts'

/** The agent's own, wherever it was started from. */
export const searchPath = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin']

const ENOENT = 2

const isProgram = (sys: Sys, path: string): boolean => {
  try {
    const stat = sys.statAt(here, path, true)
    return stat.kind === 'file' && (stat.mode & 0o111) !== 0
  } catch (error) {
    if (failedWith(error, 'ENOENT', 'ENOTDIR', 'EACCES', 'ELOOP', 'ENAMETOOLONG')) return false
    throw error
  }
}

/** A name without a slash is looked for in the agent's own path. Throws ENOENT as the system would. */
export const findProgram = (sys: Sys, name: string): string => {
  if (name.includes('/')) return name
  const found = searchPath.map(folder => `${folder}/${name}`).find(path => isProgram(sys, path))
  if (found === undefined || name === '') throw new SysError(ENOENT, 'exec')
  return found
}

/** A name in its real folder; the name itself is not followed: with busybox every command is a link to the same file. */
const placeOf = (sys: Sys, path: string): string | null => {
  const slash = path.lastIndexOf('/')
  try {
    const fd = sys.openAt(here, slash <= 0 ? '/' : path.slice(0, slash), sys.open.path | sys.open.directory)
    try {
      const folder = sys.readLinkAt(here, `/proc/self/fd/${fd}`)
      return `${folder === '/' ? '' : folder}/${path.slice(slash + 1)}`
    } finally {
      sys.close(fd)
    }
  } catch (error) {
    if (failedWith(error, 'ENOENT', 'ENOTDIR', 'EACCES', 'ELOOP')) return null
    throw error
  }
}

const placeOfEntry = (sys: Sys, entry: string): string | null => {
  if (entry.includes('/')) return placeOf(sys, entry)
  const found = searchPath.map(folder => `${folder}/${entry}`).find(path => isProgram(sys, path))
  return found === undefined ? null : placeOf(sys, found)
}

const baseName = (path: string): string => path.slice(path.lastIndexOf('/') + 1)

const realName = (sys: Sys, path: string): string | null => {
  try {
    return sys.readLinkAt(here, path)
  } catch (error) {
    if (failedWith(error, 'EINVAL', 'ENOENT', 'EACCES', 'ENOTDIR', 'ELOOP')) return null
    throw error
  }
}

const isBlocked = (sys: Sys, path: string, blocked: readonly string[]): boolean => {
  const names = [path, realName(sys, path)].flatMap(name => (name === null ? [] : [baseName(name)]))
  return blocked.some(entry => names.includes(baseName(entry)))
}

/** With a whitelist in force nobody slips another program in through the environment. */
const harmless = /^(?:LANG|LC_[A-Z]+|LANGUAGE|TZ|TERM|COLUMNS|LINES|NO_COLOR)$/

const refuse = (name: string): never => {
  throw new RpcError('permission', `Command not allowed: ${name.slice(0, 200)}`)
}

const refuseEnvironment = (env: Readonly<Record<string, string>>): void => {
  const bad = Object.keys(env).find(name => !harmless.test(name))
  if (bad !== undefined) throw new RpcError('permission', `Environment variable not allowed: ${bad}`)
}

/** Gives the file to run. Throws -32001 when the rules forbid it, ENOENT when there is none. */
export const allowedProgram = (
  sys: Sys,
  rules: SecurityRules,
  name: string,
  env: Readonly<Record<string, string>>,
): string => {
  const { commandWhitelists, commandBlocklist } = rules
  const restricted = commandWhitelists.length > 0
  // What is not on the list is refused whether it exists or not.
  if (restricted && name.includes('/') && !name.startsWith('/')) return refuse(name)
  const path = restricted ? (placeOfEntry(sys, name) ?? refuse(name)) : findProgram(sys, name)
  if (commandWhitelists.some(list => !list.some(entry => placeOfEntry(sys, entry) === path))) return refuse(name)
  if (isBlocked(sys, path, commandBlocklist)) return refuse(name)
  if (restricted) refuseEnvironment(env)
  return path
}

/** A shell can name a blocked program in many ways; this catches the plain one. A whitelist without the shell is the wall. */
export const checkScript = (rules: SecurityRules, script: string): void => {
  const words = new Set(script.split(/[^\w.+-]+/))
  const blocked = rules.commandBlocklist.find(entry => words.has(baseName(entry)))
  if (blocked !== undefined) refuse(blocked)
}
