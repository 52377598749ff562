/** What Node made of a program once, so that it starts without compiling it anew. */
import { lstatSync, mkdirSync, readdirSync, realpathSync, rmSync, statSync } from 'node:fs'
import { enableCompileCache } from 'node:module'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'

const WRITABLE_BY_OTHERS = 0o022
const STICKY = 0o1000
/** Of so many builds of the program the caches are kept. */
const KEPT = 3

/** Where the caches of all builds lie. */
export const compileCacheFolder = (environment: NodeJS.ProcessEnv = process.env): string => {
  const own = environment['XDG_CACHE_HOME']
  if (own) return join(own, 'vireo', 'code')
  if (process.getuid?.() === 0) return '/var/cache/vireo/code'
  return join(environment['HOME'] || homedir(), '.cache', 'vireo', 'code')
}

/**
 * What lies in the cache is run: nobody but this user and root may be able to put anything there, nor to replace a folder
 * above it.
 */
const onlyOurs = (folder: string, uid: number): boolean => {
  const { mode, uid: owner } = lstatSync(folder)
  if (owner !== uid || (mode & 0o077) !== 0) return false
  for (let at = folder; at !== dirname(at); at = dirname(at)) {
    const above = lstatSync(dirname(at))
    if (above.uid !== uid && above.uid !== 0) return false
    // Where anybody may write, a sticky folder still keeps what is in it from others.
    if ((above.mode & WRITABLE_BY_OTHERS) !== 0 && (above.mode & STICKY) === 0) return false
  }
  return true
}

/** Whoever runs us by sudo with the home of another user must not find folders of root's there. */
const mayMake = (folder: string, uid: number): boolean => {
  const facts = lstatSync(folder, { throwIfNoEntry: false })
  return facts ? facts.uid === uid : folder !== dirname(folder) && mayMake(dirname(folder), uid)
}

const removeOld = (folder: string): void => {
  const found = readdirSync(folder).map(name => ({
    path: join(folder, name),
    at: lstatSync(join(folder, name)).mtimeMs,
  }))
  for (const { path } of found.sort((one, other) => other.at - one.at).slice(KEPT)) {
    rmSync(path, { recursive: true, force: true })
  }
}

/**
 * The folder for this build of `program`, made where it was missing; undefined where none can be had that is safe.
 * Caches of older builds are removed then. Never throws.
 */
export const compileCacheFor = (program: string, folder = compileCacheFolder()): string | undefined => {
  const uid = process.getuid?.()
  if (uid === undefined) return undefined
  try {
    const { mtimeMs, size } = statSync(program)
    const build = join(folder, `${Math.trunc(mtimeMs).toString(36)}-${size.toString(36)}`)
    if (!mayMake(folder, uid)) return undefined
    // Machines must be able to reach the images that lie beside ours.
    mkdirSync(dirname(folder), { recursive: true })
    const isNew = mkdirSync(build, { recursive: true, mode: 0o700 }) !== undefined
    const real = realpathSync(build)
    if (!onlyOurs(real, uid)) return undefined
    if (isNew) removeOld(dirname(real))
    return real
  } catch {
    // A home that cannot be written, or none: the program starts a little more slowly.
    return undefined
  }
}

/** Lets Node keep what it compiles from now on. Whoever named a cache by NODE_COMPILE_CACHE keeps that one. */
export const openCompileCache = (program: string): void => {
  if (process.env['NODE_COMPILE_CACHE'] || process.env['NODE_DISABLE_COMPILE_CACHE']) return
  const folder = compileCacheFor(program)
  if (folder !== undefined) enableCompileCache(folder)
}
