/** How commands get an administrator's rights. */
import { RemoteError, type AppError, type HostPlan } from '../../contract/index.ts'

export interface ElevationFacts {
  readonly uid: number
  /** Whether the commands need rights at all. */
  readonly needed: boolean
  /** A person sits at the terminal that this process has. */
  readonly terminal: boolean
  readonly pkexec: string | undefined
  readonly sudo: string | undefined
  /** There is no desktop that could ask for a password, and sudo needs none. */
  readonly silentSudo: boolean
}

export interface Elevation {
  readonly kind: HostPlan['elevation']
  /** What stands before the shell. */
  readonly prefix: readonly string[]
}

/** At a terminal sudo asks there; elsewhere pkexec opens the desktop's own dialogue. Undefined where there is no way. */
export const elevationFor = (facts: ElevationFacts): Elevation | undefined => {
  const { uid, needed, terminal, pkexec, sudo, silentSudo } = facts
  if (!needed || uid === 0) return { kind: 'none', prefix: [] }
  const bySudo: Elevation | undefined = sudo
    ? { kind: 'sudo', prefix: terminal ? [sudo, '--'] : [sudo, '-n', '--'] }
    : undefined
  const byPkexec: Elevation | undefined = pkexec ? { kind: 'pkexec', prefix: [pkexec] } : undefined
  return terminal || silentSudo ? (bySudo ?? byPkexec) : (byPkexec ?? bySudo)
}

export const noElevation = (commands: readonly string[]): AppError => ({
  kind: 'permission',
  message: 'This needs an administrator’s rights, and neither pkexec nor sudo is installed.',
  hint: 'Run these commands as root, then look again:',
  fix: [...commands],
})

const diagnoses: readonly [
  RegExp,
  AppError['kind'] & ('precondition' | 'permission' | 'unsupported'),
  string,
  string,
][] = [
  [
    /could not get lock|unable to acquire the dpkg|waiting for cache lock|unable to lock database|zypp.*locked|another app is currently holding/i,
    'precondition',
    'Another program is installing packages right now.',
    'Wait until it has finished (an automatic update may take some minutes), then try again.',
  ],
  [
    /no space left on device|not enough free space|don't have enough free space/i,
    'precondition',
    'The disk is full.',
    'Make room, then try again.',
  ],
  [
    /temporary failure resolving|could not resolve|failed to fetch|could not connect|network is unreachable|cannot download|failed retrieving|temporary error/i,
    'precondition',
    'The package servers cannot be reached.',
    'Check the network connection (and a proxy, where you need one), then try again.',
  ],
  [
    /unable to locate package|has no installation candidate|no match for argument|no provider of|target not found|unable to select packages/i,
    'unsupported',
    'Your package sources do not have all of it.',
    'Enable the main repository of your distribution and refresh its index, then try again.',
  ],
  [
    /dpkg was interrupted/i,
    'precondition',
    'An earlier installation was interrupted.',
    'Run “sudo dpkg --configure -a”, then try again.',
  ],
  [
    /not in the sudoers file|a password is required|incorrect password|a terminal is required|not authorized|no authentication agent/i,
    'permission',
    'The system did not give administrator’s rights for this.',
    'Ask an administrator of this computer to run the commands, or run them in a terminal with sudo.',
  ],
  [
    /module \S+ is in use/i,
    'precondition',
    'The kernel module is in use.',
    'Stop the machines that use it, then try again.',
  ],
]

/** What went wrong, from how the commands ended; `lines` are the last they wrote. Null when nothing did. */
export const troubleOf = (
  code: number | null,
  kind: HostPlan['elevation'],
  lines: readonly string[],
): RemoteError | null => {
  if (code === 0) return null
  if (kind === 'pkexec' && code === 126)
    return new RemoteError({
      kind: 'cancelled',
      message: 'The question for the password was dismissed. Nothing was changed.',
    })
  const text = lines.join('\n')
  const last = lines.findLast(line => line.trim() !== '' && !line.startsWith('$ ')) ?? ''
  const found = diagnoses.find(([pattern]) => pattern.test(text))
  if (found)
    return new RemoteError({ kind: found[1], message: `${found[2]} ${last}`.trim().slice(0, 500), hint: found[3] })
  if (kind === 'pkexec' && code === 127)
    return new RemoteError({
      kind: 'permission',
      message: 'The system did not give administrator’s rights for this.',
      hint: 'Ask an administrator of this computer to run the commands.',
    })
  const command = lines.findLast(line => line.startsWith('$ '))?.slice(2, 120) ?? 'The command'
  const how = code === null ? 'was ended' : `failed (exit ${code})`
  return new RemoteError({
    kind: 'precondition',
    message: `“${command}” ${how}: ${last}`.slice(0, 600),
    hint: 'Its output stands on the card.',
  })
}
