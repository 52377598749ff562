/** From whatever waits on a serial line to a shell: by Enter, by logging in, or not at all. */
import { LOGIN_ACTION, RemoteError } from '../../../contract/index.ts'
import type { ConsoleLine } from './console-line.ts'
import type { Login } from './logins.ts'
import { lastLine, sightOf, type Sight } from './sight.ts'

/** Erases what somebody may have typed half, then Enter: the question to a line that says nothing. */
const PROBE = '\u0015\r'
const INTERRUPT = '\u0003'
/** A line is at rest when nothing came for so long; a guest that logs somebody in pauses longer. Milliseconds. */
const REST_MS = 250
const LOGIN_REST_MS = 700
/** What another holder of the line has seen comes at once. */
const BACKLOG_MS = 2000
/** A getty starts, a shell draws its prompt: in an emulated guest on a busy computer. */
export const ANSWER_MS = 6000
/** Names and passwords are looked up; a wrong password costs three seconds on purpose. */
const LOGIN_MS = 15_000

export interface ShellWish {
  readonly name: string
  readonly login: Login | undefined
  /** Nobody asked for this very way: what is not known is not touched. */
  readonly automatic: boolean
  readonly signal: AbortSignal
  /** How long Enter may take to be answered, in milliseconds. */
  readonly answerMs?: number | undefined
}

export interface OpenedShell {
  /** We logged in ourselves, and so we log out. */
  readonly ours: boolean
}

const unsupported = (message: string, hint: string): RemoteError =>
  new RemoteError({ kind: 'unsupported', message, hint })

/**
 * Finds an open shell or logs in. Rejects with `permission` when the login fails, `busy` when another Vireo runs a command
 * there, and `unsupported`, telling what was seen, when nothing is there that Vireo knows.
 */
export const openShell = async (line: ConsoleLine, wish: ShellWish): Promise<OpenedShell> => {
  await line.quiet(REST_MS, BACKLOG_MS, wish.signal)
  const first = sightOf(line.since(0))
  if (wish.automatic && !wish.login && first.kind !== 'shell' && first.kind !== 'activate')
    throw unseen(wish.name, first)
  const sight = await asked(line, first, wish)
  if (sight.kind === 'shell') return { ours: false }
  if (sight.kind !== 'login') throw refusal(line, sight, wish)
  if (!wish.login) throw needsLogin(wish.name)
  await logIn(line, wish.login, wish)
  return { ours: true }
}

/** Presses Enter where that is safe, until something known waits there. */
const asked = async (line: ConsoleLine, first: Sight, wish: ShellWish): Promise<Sight> => {
  let sight = first
  // A getty takes one Enter to wake up and another one to show its prompt.
  for (let tries = 0; tries < 3; tries++) {
    const safe = tries === 0 || sight.kind === 'silent' || sight.kind === 'activate'
    if (sight.kind === 'unknown' || sight.kind === 'password' || !safe) return sight
    const mark = line.mark
    await line.type(sight.kind === 'activate' ? '\r' : PROBE)
    await line.find(() => waiting(line.since(mark)), wish.answerMs ?? ANSWER_MS, wish.signal)
    await line.quiet(REST_MS, BACKLOG_MS, wish.signal)
    sight = sightOf(line.since(mark))
  }
  return sight
}

/** True when somebody there waits for input; what passes by does not. */
const waiting = (bytes: string): true | undefined =>
  ['silent', 'unknown', 'activate'].includes(sightOf(bytes).kind) ? undefined : true

const logIn = async (line: ConsoleLine, { user, password }: Login, wish: ShellWish): Promise<void> => {
  const next = async (typed: string): Promise<Sight> => {
    const mark = line.mark
    await line.type(`${typed}\r`)
    await line.find(() => answered(line.since(mark)), LOGIN_MS, wish.signal)
    // A greeting may hold anything, at the end of a piece of it as well.
    await line.quiet(LOGIN_REST_MS, BACKLOG_MS, wish.signal)
    const told = line.since(mark)
    if (FAILED.test(told)) throw wrongLogin(user, wish.name)
    return sightOf(told, { own: true })
  }
  const start = line.mark
  try {
    const first = await next(user)
    const sight = first.kind === 'password' && password !== null ? await next(password) : first
    if (sight.kind === 'shell') return
    if (sight.kind === 'login') throw wrongLogin(user, wish.name)
    throw sight.kind === 'password' ? unanswered(user, sight.line, password) : refusal(line, sight, wish)
  } catch (error) {
    // Whoever comes next finds the line as it was, and not a question that was left open.
    if (sightOf(line.since(start)).kind !== 'login') await line.type(INTERRUPT).catch(() => undefined)
    throw error
  }
}

const FAILED =
  /login incorrect|authentication failure|access denied|permission denied|account (?:is )?locked|maximum number of tries/i

const answered = (bytes: string): true | undefined =>
  FAILED.test(bytes) || !['silent', 'unknown'].includes(sightOf(bytes, { own: true }).kind) ? true : undefined

const wrongLogin = (user: string, name: string): RemoteError =>
  new RemoteError({
    ...{ kind: 'permission', action: LOGIN_ACTION },
    message: `“${name}” does not let “${user}” in on its serial line: the name or the password is wrong.`,
  })

const unanswered = (user: string, line: string, password: string | null): RemoteError =>
  new RemoteError({
    ...{ kind: 'permission', action: LOGIN_ACTION },
    message: `The guest asks “${user}” for ${password === null ? 'a password' : 'more than a password'}: ${line}`,
    hint: 'Log in on the Serial tab once, then try again.',
  })

const needsLogin = (name: string): RemoteError =>
  new RemoteError({
    ...{ kind: 'permission', action: LOGIN_ACTION },
    message: `The serial line of “${name}” asks for a login.`,
    hint: 'Give a user and password: vireo exec --method serial --login-user NAME, or Log in on the Commands tab.',
  })

const unseen = (name: string, { kind }: Sight): RemoteError =>
  kind === 'login'
    ? needsLogin(name)
    : unsupported(
        `It is not known what waits on the serial line of “${name}”, so nothing was typed there.`,
        'Choose the serial line (--method serial) to press Enter there, or give it a login.',
      )

const refusal = (line: ConsoleLine, sight: Sight, { name }: ShellWish): RemoteError => {
  if (sight.kind === 'vireo')
    return new RemoteError({
      kind: 'busy',
      message: `Another Vireo runs a command on the serial line of “${name}”.`,
      holder: 'another Vireo',
      hint: 'Wait for its end, or press Ctrl+C on the line.',
    })
  if (sight.kind === 'password')
    return unsupported(
      `The serial line of “${name}” asks for a password: ${sight.line}`,
      'Somebody is logging in there. Finish that on the Serial tab, or wait until it gives up.',
    )
  const seen = sight.kind === 'unknown' ? sight.line : lastLine(line.since(0))
  return unsupported(
    seen === ''
      ? `Nothing answers on the serial line of “${name}”.`
      : `No shell or login is waiting on the serial line of “${name}”. Its last line: ${seen}`,
    seen === ''
      ? 'The guest may still be starting, or has no console on that line (console=ttyS0 and a getty there).'
      : 'Leave on the Serial tab whatever runs there (q leaves a pager), or wait until the guest has started.',
  )
}
