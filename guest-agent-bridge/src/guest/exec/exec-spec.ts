/** From what the host asks to what the system is asked: the program by the rules, the environment, the user. */
import type { vireo } from '../../protocol/index.ts'
import type { Config } from '../config.ts'
import { allowedProgram, checkScript } from '../program.ts'
import { RpcError } from '../rpc-error.ts'
import { environment, environmentList } from '../runner.ts'
import type { SpawnSpec, Sys } from '../sys.ts'
import { findGroup, findUser, identityOf, type User } from '../users.ts'

const SHELL = '/bin/sh'
/** One argument may have 128 KiB; characters take up to three bytes of UTF-8 for each of their units. */
const ARGUMENT_UNITS = 40_000

/** A script longer than one argument may be comes in pieces, which the shell joins. */
export const shellArguments = (script: string): [string, ...string[]] => {
  if (script.length <= ARGUMENT_UNITS) return ['sh', '-c', script]
  const pieces: string[] = []
  for (let at = 0; at < script.length;) {
    let end = Math.min(script.length, at + ARGUMENT_UNITS)
    const last = script.charCodeAt(end - 1)
    // Not between the halves of a surrogate pair.
    if (last >= 0xd800 && last < 0xdc00 && end < script.length) end--
    pieces.push(script.slice(at, end))
    at = end
  }
  const joined = pieces.map((_, index) => `\${${index + 1}}`).join('')
  return ['sh', '-c', `eval "${joined}"`, 'sh', ...pieces]
}

const userOf = (sys: Sys, name: string): User => {
  const user = findUser(sys, name)
  if (!user) throw new RpcError('notFound', `User not found: ${name}`)
  return user
}

type Who = Pick<vireo.ExecStart, 'user' | 'group'>

/** Whom to become, and what the environment says of him. */
const identity = (
  sys: Sys,
  who: Who,
): { readonly user: SpawnSpec['user']; readonly variables: Record<string, string> } => {
  if (who.user === undefined && who.group === undefined) return { user: undefined, variables: {} }
  const user = userOf(sys, who.user ?? String(sys.uid))
  const group = who.group === undefined ? null : findGroup(sys, who.group)
  if (who.group !== undefined && group === null) throw new RpcError('notFound', `Group not found: ${who.group}`)
  const same = user.uid === sys.uid && group === null
  if (sys.uid !== 0 && !same) {
    throw new RpcError('permission', `Only root can run commands as another user; the agent runs as user ${sys.uid}`)
  }
  return {
    // Becoming oneself needs rights that only root has.
    user: same && sys.uid !== 0 ? undefined : identityOf(sys, user, group?.gid),
    variables: { HOME: user.home, USER: user.name, LOGNAME: user.name, SHELL: user.shell },
  }
}

export type Wanted = Pick<vireo.ExecStart, 'shell' | 'args' | 'cwd' | 'env' | 'user' | 'group'>

/** Throws -32001 by the rules, -32002 for what is not there. */
export const spawnSpec = (sys: Sys, config: Config, wanted: Wanted): Omit<SpawnSpec, 'stdio'> => {
  const { shell, args, cwd, env } = wanted
  const [name = '', ...rest] = shell === undefined ? (args ?? []) : shellArguments(shell)
  const path = allowedProgram(sys, config.security, shell === undefined ? name : SHELL, env)
  if (shell !== undefined) checkScript(config.security, shell)
  const who = identity(sys, wanted)
  return {
    path,
    args: [name, ...rest],
    env: environmentList({ ...environment(), ...who.variables, ...env }),
    ...(cwd === undefined ? {} : { directory: cwd }),
    ...(who.user ? { user: who.user } : {}),
  }
}

/** Seconds a command may take, in milliseconds. */
export const allowedTimeout = (config: Pick<Config, 'maxExecTimeoutSeconds'>, seconds: number): number =>
  1000 * Math.min(seconds, config.maxExecTimeoutSeconds ?? Infinity)
