/** Users and groups from /etc/passwd and /etc/group: a static binary has no name service. */
import { readText } from './files.ts'
import type { Sys } from './sys.ts'

export interface User {
  readonly name: string
  readonly uid: number
  readonly gid: number
  readonly home: string
  readonly shell: string
}

export interface Group {
  readonly name: string
  readonly gid: number
  readonly members: readonly string[]
}

const rows = (text: string | null): string[][] =>
  (text ?? '')
    .split('\n')
    .filter(line => line !== '' && !line.startsWith('#') && !line.startsWith('+') && !line.startsWith('-'))
    .map(line => line.split(':'))

const id = (text: string | undefined): number | null =>
  text !== undefined && /^\d{1,10}$/.test(text) ? Number(text) : null

export const parseUsers = (text: string | null): User[] =>
  rows(text).flatMap(([name = '', , uidText, gidText, , home = '', shell = '']) => {
    const [uid, gid] = [id(uidText), id(gidText)]
    if (name === '' || uid === null || gid === null) return []
    return [{ name, uid, gid, home: home === '' ? '/' : home, shell: shell === '' ? '/bin/sh' : shell }]
  })

export const parseGroups = (text: string | null): Group[] =>
  rows(text).flatMap(([name = '', , gidText, members = '']) => {
    const gid = id(gidText)
    if (name === '' || gid === null) return []
    return [{ name, gid, members: members.split(',').filter(member => member !== '') }]
  })

export const allUsers = (sys: Sys): User[] => parseUsers(readText(sys, '/etc/passwd'))
export const allGroups = (sys: Sys): Group[] => parseGroups(readText(sys, '/etc/group'))

/** The user of this name or, when it is a number, of this id; null when there is none. */
export const findUser = (sys: Sys, nameOrId: string): User | null => {
  const users = allUsers(sys)
  return users.find(user => user.name === nameOrId) ?? users.find(user => String(user.uid) === nameOrId) ?? null
}

export const findGroup = (sys: Sys, nameOrId: string): Group | null => {
  const groups = allGroups(sys)
  return groups.find(group => group.name === nameOrId) ?? groups.find(group => String(group.gid) === nameOrId) ?? null
}

/** Whom to become to be this user: its group and all groups that name it. */
export const identityOf = (
  sys: Sys,
  user: User,
  gid: number = user.gid,
): { readonly uid: number; readonly gid: number; readonly groups: readonly number[] } => {
  const others = allGroups(sys).filter(group => group.members.includes(user.name))
  return { uid: user.uid, gid, groups: [...new Set([gid, ...others.map(group => group.gid)])] }
}
