/** Passwords of people inside a machine: set there, or used to log in on its serial line. */
import { RemoteError, type GuestLogin } from '../../contract/index.ts'
import { askSecrets, secretFromInput } from './ask-secret.ts'
import type { Parts } from './parts.ts'
import { note } from './terminal.ts'
import { withMachine } from './with-machine.ts'

type Options = Readonly<Record<string, unknown>>

const invalid = (message: string): RemoteError => new RemoteError({ kind: 'invalid-input', message })

const newPassword = async (user: string): Promise<string> => {
  if (!process.stdin.isTTY) return secretFromInput()
  const [first = '', second] = await askSecrets([`New password for ${user}`, 'The same again'])
  if (first !== second) throw invalid('The two passwords differ. Nothing was changed.')
  return first
}

/** `vireo guest set-password NAME USER` */
export const setPasswordCommand = (words: readonly string[], options: Options, parts: Parts): Promise<number> => {
  const [name = '', user = ''] = words
  const connections = options['connection'] as readonly string[] | undefined
  return withMachine(parts, { name, connections }, async (session, { id }) => {
    const password = await newPassword(user)
    if (password === '') throw invalid('An empty password is none. Nothing was changed.')
    await session.known('guest', 'setPassword', { id, user, password })
    note(`The password of ${user} is set.`)
    return 0
  })
}

/** The login that `exec` was given: the password from the environment, standard input or the terminal. */
export const loginOf = async (options: Options): Promise<GuestLogin | undefined> => {
  const { loginUser: user, loginPasswordStdin: piped } = options
  if (typeof user !== 'string') {
    if (piped === true) throw invalid('--login-password-stdin needs --login-user.')
    return undefined
  }
  if (piped === true) return { user, password: await secretFromInput() }
  const known = process.env['VIREO_LOGIN_PASSWORD']
  if (known !== undefined) return { user, password: known }
  // Without anybody to ask it may be a user who has none.
  if (!process.stdin.isTTY) return { user, password: null }
  const [password = ''] = await askSecrets([`Password of ${user} in the machine`])
  return { user, password: password === '' ? null : password }
}
