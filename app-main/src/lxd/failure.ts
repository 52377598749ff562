/** What can go wrong with a daemon, in the contract's words. */
import { existsSync } from 'node:fs'
import { userInfo } from 'node:os'
import { RemoteError } from '../contract/index.ts'
import type { Product } from './target.ts'

interface Words {
  readonly name: string
  /** The group whose members may use the socket. */
  readonly group: string
  readonly unit: string
  readonly programs: readonly string[]
  readonly install: string
}

const WORDS: Readonly<Record<Product, Words>> = {
  lxd: {
    name: 'LXD',
    group: 'lxd',
    unit: 'lxd.socket',
    programs: ['/usr/bin/lxd', '/usr/sbin/lxd', '/snap/bin/lxd'],
    install: 'Install LXD: the package lxd, or “snap install lxd”.',
  },
  incus: {
    name: 'Incus',
    group: 'incus-admin',
    unit: 'incus.socket',
    programs: ['/usr/bin/incusd', '/usr/libexec/incus/incusd', '/opt/incus/bin/incusd'],
    install: 'Install Incus: the package incus.',
  },
}

export const productName = (product: Product): string => WORDS[product].name

/** Whatever else the daemon says, this much of it is shown. */
const MAX_TEXT = 2000

/** What a daemon said, as one harmless line. */
export const daemonText = (text: string): string =>
  text
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    .slice(0, MAX_TEXT)
    .trim()

export const protocolError = (message: string, cause?: unknown): RemoteError =>
  new RemoteError({ kind: 'connection', trouble: 'protocol', message }, { cause })

export const lostError = (product: Product, cause?: unknown): RemoteError =>
  new RemoteError(
    { kind: 'connection', trouble: 'lost', message: `The connection to ${productName(product)} is lost.` },
    { cause },
  )

const codeOf = (error: unknown): string => (error instanceof Error && 'code' in error ? String(error.code) : '')

/** Why the socket at `path` could not be used. */
export const dialError = (product: Product, path: string, error: unknown): RemoteError => {
  const { name, group, unit, programs, install } = WORDS[product]
  const trouble = (detail: Omit<Extract<RemoteError['detail'], { kind: 'connection' }>, 'kind'>) =>
    new RemoteError({ kind: 'connection', ...detail }, { cause: error })
  switch (codeOf(error)) {
    case 'ENOENT':
      if (!programs.some(program => existsSync(program)))
        return trouble({ trouble: 'not-installed', message: `${name} is not installed.`, hint: install })
      return trouble({
        trouble: 'not-running',
        message: `${name} is not running: nobody listens at ${path}.`,
        fix: [`sudo systemctl start ${unit}`],
      })
    case 'ECONNREFUSED':
      return trouble({
        trouble: 'not-running',
        message: `${name} is not running, although its socket ${path} is there.`,
        fix: [`sudo systemctl restart ${unit}`],
      })
    case 'EACCES':
    case 'EPERM':
      return trouble({
        trouble: 'no-permission',
        message: `This user may not use ${name}: ${path} is for root and the group ${group}.`,
        hint: `Become a member of the group ${group}; its members are as powerful as root. A login keeps the groups it began with: log in again afterwards.`,
        fix: [`sudo usermod -aG ${group} ${userInfo().username}`],
      })
    default:
      return lostError(product, error)
  }
}

/** A refusal by HTTP status. */
export const refusal = (status: number, text: string): RemoteError => {
  const message = daemonText(text) || `The daemon refused with status ${status}.`
  if (status === 400) return new RemoteError({ kind: 'invalid-input', message })
  if (status === 401 || status === 403) return new RemoteError({ kind: 'permission', message })
  if (status === 404) return new RemoteError({ kind: 'not-found', message })
  if (status === 409 || status === 412 || status === 423) return new RemoteError({ kind: 'precondition', message })
  if (status === 501) return new RemoteError({ kind: 'unsupported', message })
  return new RemoteError({ kind: 'refused', message })
}

export const isNotFound = (error: unknown): boolean => error instanceof RemoteError && error.detail.kind === 'not-found'
export const isTimeout = (error: unknown): boolean => error instanceof RemoteError && error.detail.kind === 'timeout'

/** Every failure as a `RemoteError`. */
export const toRemoteError = (error: unknown): RemoteError =>
  error instanceof RemoteError
    ? error
    : new RemoteError(
        { kind: 'internal', message: error instanceof Error ? error.message : String(error) },
        { cause: error },
      )
