/** Which daemon a URI means: `lxd:///`, `incus:///?project=web`, `lxd:///?socket=/path/unix.socket`. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { INCUS_SOCKETS, LXD_PACKAGE_SOCKET, LXD_SNAP_SOCKET } from '../base/lxd-sockets.ts'
import { RemoteError } from '../contract/index.ts'

export type Product = 'lxd' | 'incus'

export interface LxdTarget {
  readonly product: Product
  readonly project: string
  /** Where the daemon may listen, likeliest first; one when the URI names it. */
  readonly sockets: readonly string[]
}

const SCHEME = /^(lxd|incus):\/\//i

export const isLxdUri = (uri: string): boolean => SCHEME.test(uri)

/** Where a daemon listens, by whoever packaged it. */
export const usualSockets = (product: Product, env: NodeJS.ProcessEnv = process.env): string[] => {
  const named = product === 'lxd' ? env['LXD_SOCKET'] : env['INCUS_SOCKET']
  const folder = product === 'lxd' ? env['LXD_DIR'] : env['INCUS_DIR']
  const usual = product === 'lxd' ? [LXD_SNAP_SOCKET, LXD_PACKAGE_SOCKET] : [...INCUS_SOCKETS]
  if (named) return [named]
  return folder ? [join(folder, 'unix.socket')] : usual
}

/** The first that is there, else the first. */
export const likelySocket = (
  { sockets }: Pick<LxdTarget, 'sockets'>,
  exists: (path: string) => boolean = existsSync,
): string => sockets.find(exists) ?? sockets[0] ?? ''

/** A project's name is part of addresses; LXD itself allows no slash, space, quote or star in it. */
const PROJECT = /^[^\s/'"*\p{Cc}]{1,128}$/u

const refuse = (uri: string, why: string): never => {
  throw new RemoteError({
    kind: 'connection',
    trouble: 'unsupported-driver',
    message: `${JSON.stringify(uri.slice(0, 200))} cannot be opened: ${why}`,
    hint: 'Use an address such as lxd:///, incus:/// or lxd:///?project=web.',
  })
}

/** Throws `connection` / `unsupported-driver` for an address that cannot be served. */
export const lxdTarget = (uri: string, env: NodeJS.ProcessEnv = process.env): LxdTarget => {
  if (/\p{Cc}/u.test(uri)) return refuse(uri, 'it holds control characters.')
  const url = URL.parse(uri)
  if (url === null || !isLxdUri(uri)) return refuse(uri, 'it is no address of LXD or Incus.')
  if (url.host !== '') return refuse(uri, 'daemons on other computers cannot be reached yet.')
  if (url.pathname !== '' && url.pathname !== '/') return refuse(uri, 'a project is named with ?project=.')
  const product: Product = url.protocol === 'incus:' ? 'incus' : 'lxd'
  for (const name of url.searchParams.keys())
    if (name !== 'project' && name !== 'socket') refuse(uri, `${JSON.stringify(name)} means nothing here.`)
  const project = url.searchParams.get('project') ?? 'default'
  if (!PROJECT.test(project) || project === '.' || project === '..') refuse(uri, 'this is no name of a project.')
  const socket = url.searchParams.get('socket')
  if (socket !== null && !socket.startsWith('/')) refuse(uri, 'the path of a socket begins with a slash.')
  return { product, project, sockets: socket === null ? usualSockets(product, env) : [socket] }
}
