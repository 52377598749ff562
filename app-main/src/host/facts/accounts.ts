/** Users and groups as the local database has them. */
import type { Machine } from '../machine.ts'

export interface Group {
  readonly name: string
  readonly gid: number
  readonly members: readonly string[]
}

export interface Accounts {
  readonly groups: readonly Group[]
  /** Ids by login name. */
  readonly users: ReadonlyMap<string, { readonly uid: number; readonly gid: number }>
}

/** `login`: this process has it. `stale`: the database has it, and the login is older. `no`: neither. `missing`: there is no such group. */
export type Membership = 'root' | 'login' | 'stale' | 'no' | 'missing'

const rows = (text: string | undefined) => (text ?? '').split('\n').map(line => line.split(':'))

export const readAccounts = async ({ files }: Machine): Promise<Accounts> => {
  const [group, passwd] = await Promise.all([files.read('/etc/group'), files.read('/etc/passwd')])
  return {
    groups: rows(group).flatMap(([name, , gid, members]) =>
      name && gid ? [{ name, gid: Number(gid), members: (members ?? '').split(',').filter(Boolean) }] : [],
    ),
    users: new Map(
      rows(passwd).flatMap(([name, , uid, gid]) =>
        name && uid && gid ? [[name, { uid: Number(uid), gid: Number(gid) }] as const] : [],
      ),
    ),
  }
}

export const groupNamed = ({ groups }: Accounts, name: string): Group | undefined =>
  groups.find(group => group.name === name)

export const groupName = ({ groups }: Accounts, gid: number): string =>
  groups.find(group => group.gid === gid)?.name ?? `${gid}`

/** Is `user` in this group, by the database? */
export const isMember = (accounts: Accounts, user: string, { gid, members }: Group): boolean =>
  members.includes(user) || accounts.users.get(user)?.gid === gid

export const membershipOf = (accounts: Accounts, { user }: Machine, group: string): Membership => {
  if (user.uid === 0) return 'root'
  const found = groupNamed(accounts, group)
  if (!found) return 'missing'
  if (user.groups.includes(found.gid)) return 'login'
  return found.members.includes(user.name) || accounts.users.get(user.name)?.gid === found.gid ? 'stale' : 'no'
}
