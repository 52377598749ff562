/** Whom to reach, and the names of what OpenSSH keeps about it. Host, user and key come from people and guests: never an option. */
import { createHash } from 'node:crypto'
import { RemoteError, SshHost, SshKeyFile, SshPort, SshUser } from '../contract/index.ts'

export interface SshTarget {
  /** Names the machine's host key, whatever its address is today: `[a-z0-9-]`. */
  readonly alias: string
  /** A host name or an address. */
  readonly host: string
  readonly port: number
  /** Null: whom OpenSSH takes. */
  readonly user: string | null
  /** An absolute path on this computer; null: the keys that OpenSSH takes. */
  readonly keyFile: string | null
}

/** A stable name for a machine's host key, from anything that is the machine's alone. */
export const hostAlias = (id: string): string => `vireo-${createHash('sha256').update(id).digest('hex').slice(0, 32)}`

const check = (what: string, schema: { safeParse(value: unknown): { success: boolean } }, value: unknown): void => {
  if (schema.safeParse(value).success) return
  throw new RemoteError({ kind: 'invalid-input', message: `That is no ${what} for SSH: ${JSON.stringify(value)}.` })
}

/** Throws `invalid-input` for what ssh could take for an option, a command or a pattern. */
export const checkedTarget = (target: SshTarget): SshTarget => {
  const { alias, host, port, user, keyFile } = target
  if (!/^[a-z0-9][a-z0-9-]{0,63}$/.test(alias)) throw new RemoteError({ kind: 'internal', message: 'A bad alias.' })
  check('host', SshHost, host)
  check('port', SshPort, port)
  if (user !== null) check('user', SshUser, user)
  if (keyFile !== null) check('key file', SshKeyFile, keyFile)
  return target
}

/** Short, because a socket's path is: everything that makes it another connection is in the hash. */
export const socketName = ({ alias, host, port, user, keyFile }: SshTarget): string =>
  `ssh-${createHash('sha256')
    .update(JSON.stringify([alias, host, port, user, keyFile]))
    .digest('hex')
    .slice(0, 16)}`

/** For people: `root@10.0.0.5 port 2222`. */
export const spoken = ({ host, port, user }: SshTarget): string =>
  `${user === null ? '' : `${user}@`}${host}${port === 22 ? '' : ` port ${port}`}`
