/** What may stand in an answer file. What is checked elsewhere is checked here again: this is where it would break out. */
import { HOSTNAME, LOGIN_NAME, PasswordHash, RemoteError } from '../contract/index.ts'
import { isIPv4 } from 'node:net'

const wrong = (what: string): RemoteError =>
  new RemoteError({ kind: 'invalid-input', message: `The answer file cannot be made: ${what}.` })

const matching =
  (pattern: RegExp, most: number, what: string) =>
  (value: string): string => {
    if (value.length > most || !pattern.test(value)) throw wrong(what)
    return value
  }

/** They throw `invalid-input`, and give what they were given. */
export const hostname = matching(HOSTNAME, 253, 'the host name is none')
export const loginName = matching(LOGIN_NAME, 32, 'the user’s name is none')
export const diskName = matching(/^\/dev\/[a-z]{3}$/, 8, 'the disk is none')
export const mirrorHost = matching(/^[A-Za-z0-9.-]+(?::\d{1,5})?$/, 259, 'the mirror’s host is none')
export const mirrorFolder = matching(/^\/[A-Za-z0-9._~/+-]*$/, 1024, 'the mirror’s folder is none')

export const passwordHash = (value: string): string => {
  if (!PasswordHash.safeParse(value).success) throw wrong('the password is no hash')
  return value
}

export const ipv4 = (value: string): string => {
  if (!isIPv4(value)) throw wrong('an address is no IPv4 address')
  return value
}

/** Debconf takes a line that ends in a backslash together with the next one. */
export const oneLine = (value: string): string => {
  if (/\p{Cc}|\p{Zl}|\p{Zp}/u.test(value) || value.endsWith('\\')) throw wrong('an answer is more than one line')
  return value
}
