/** Which socket a URI means, chosen as libvirt's own client does (remote_sockets.c). */
import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import type { ConnectionTarget } from './uri.ts'

export interface SocketChoice {
  readonly path: string
  /** Program that serves it, for instance `virtqemud`. */
  readonly daemon: string
  /** True when the daemon belongs to this user, and is ours to start. */
  readonly session: boolean
}

/** What the choice depends on; tests bring their own. */
export interface Surroundings {
  readonly uid: number
  readonly env: NodeJS.ProcessEnv
  readonly exists: (path: string) => boolean
}

const here = (): Surroundings => ({ uid: process.geteuid?.() ?? 0, env: process.env, exists: existsSync })

/** Folders in which a daemon may be installed. */
const PROGRAM_FOLDERS = ['/usr/sbin', '/usr/local/sbin', '/usr/bin', '/usr/libexec', '/sbin']

/** Full path of a daemon's program, undefined when it is not installed. */
export const findDaemon = (daemon: string, { env, exists }: Surroundings = here()): string | undefined => {
  const folders = [...PROGRAM_FOLDERS, ...(env['PATH'] ?? '').split(':').filter(folder => folder.startsWith('/'))]
  return folders.map(folder => join(folder, daemon)).find(exists)
}

const sessionFolder = (env: NodeJS.ProcessEnv): string => {
  const runtime = env['XDG_RUNTIME_DIR'] || env['XDG_CACHE_HOME'] || join(env['HOME'] || homedir(), '.cache')
  return join(runtime, 'libvirt')
}

/** The test driver runs in every daemon, so an ordinary user's own one will do. */
const isSession = (target: ConnectionTarget, uid: number): boolean =>
  uid !== 0 && (target.path === '/session' || target.driver === 'test')

/**
 * Chooses the socket for a target. Direct means the daemon of one driver (`virtqemud-sock`), legacy the one for all
 * drivers (`libvirt-sock`), which libvirtd or virtproxyd serves. Auto takes whichever exists, direct first.
 */
export const chooseSocket = (
  target: ConnectionTarget,
  options: { readOnly: boolean },
  surroundings: Surroundings = here(),
): SocketChoice => {
  const session = isSession(target, surroundings.uid)
  if (target.socket) return { path: target.socket, daemon: 'libvirtd', session: false }
  const folder = session ? sessionFolder(surroundings.env) : '/run/libvirt'
  const suffix = options.readOnly && !session ? 'sock-ro' : 'sock'
  const direct = target.driver === 'test' ? 'virtqemud' : `virt${target.driver}d`
  const candidates: SocketChoice[] = [
    { path: join(folder, `${direct}-${suffix}`), daemon: direct, session },
    { path: join(folder, `libvirt-${suffix}`), daemon: 'libvirtd', session },
  ]
  // Only a daemon of all drivers is sure to have the test driver.
  if (target.driver === 'test') candidates.reverse()
  const [first, second] = candidates as [SocketChoice, SocketChoice]
  if (target.mode === 'direct') return target.driver === 'test' ? second : first
  if (target.mode === 'legacy') return target.driver === 'test' ? first : second
  const running = candidates.find(candidate => surroundings.exists(candidate.path))
  if (running) return running
  return candidates.find(candidate => findDaemon(candidate.daemon, surroundings)) ?? second
}
