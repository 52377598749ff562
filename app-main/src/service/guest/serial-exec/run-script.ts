/** The script that runs a person's command in the guest: as a user, in a folder, bounded, and its end told in a file. */
import { constants } from 'node:os'
import { RemoteError, type ExecEnd, type ExecSpec } from '../../../contract/index.ts'

/** A longer argument is refused by the kernel (128 KiB): such a script goes ahead as a file. */
export const INLINE_LIMIT = 100_000

export interface RunScript {
  readonly text: string
  /** The shell script that is too long for an argument. */
  readonly file: string | null
}

const quoted = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`

const checked = (what: string, text: string): string => {
  if (!text.includes('\0')) return text
  throw new RemoteError({ kind: 'invalid-input', message: `${what} holds a NUL character.` })
}

const checkedUser = (user: string): string => {
  if (/^[A-Za-z0-9_][A-Za-z0-9_.@-]{0,63}\$?$/.test(user)) return user
  throw new RemoteError({ kind: 'invalid-input', message: 'That is no name of a user.' })
}

/**
 * `$1` is the helper's folder: `in` is the input, `out` and `err` take what the command writes, `end` its exit code or what
 * was missing, `lost` says that a disk was full. The script leads a session, so that all of it is one process group; a
 * SIGTERM ends the command, and not those who keep what it has said.
 */
const script = (limit: number): readonly string[] => [
  'd=$1',
  'trap : TERM',
  'echo $$ >"$d/pid"',
  'report() { echo "$1" >"$d/end.new"; mv "$d/end.new" "$d/end"; exit 0; }',
  // Nobody could kill what had not told its number.
  '[ -s "$d/pid" ] || report no-room',
  // `head` would keep what it has until it has much; a file that may not grow ends `cat` instead.
  `limit() { trap '' TERM; ( ulimit -c 0; ulimit -f ${Math.ceil(limit / 512)}; exec cat ) 2>/dev/null || : >"$d/lost"; cat >/dev/null; }`,
]

const switchUser = (user: string): readonly string[] => [
  `u=${quoted(user)}`,
  'uid=$(id -u "$u" 2>/dev/null) || report no-user',
  'if [ "$uid" != "$(id -u)" ]; then',
  '  [ "$(id -u)" = 0 ] || report not-root',
  '  entry=$(getent passwd "$u" 2>/dev/null || grep "^$u:" /etc/passwd)',
  `  HOME=$(printf '%s\\n' "$entry" | cut -d: -f6)`,
  '  export HOME USER="$u" LOGNAME="$u"',
  '  if command -v runuser >/dev/null; then set -- "$(command -v runuser)" -u "$u" -- "$@"',
  `  elif command -v su >/dev/null; then set -- "$(command -v su)" -p -s /bin/sh -c 'exec "$@"' -- "$u" sh "$@"`,
  '  else report no-switch; fi',
  'fi',
]

/** Throws `invalid-input` for what no command can have. */
export const runScript = (spec: ExecSpec, limit: number): RunScript => {
  const long = (spec.shell?.length ?? 0) > INLINE_LIMIT
  const argv = spec.args ?? (long ? ['/bin/sh', '/proc/self/fd/9'] : ['/bin/sh', '-c', spec.shell ?? ''])
  const variables = Object.entries(spec.env).map(([name, value]) => `export ${name}=${quoted(checked(name, value))}; `)
  const text = [
    ...script(limit),
    `set -- ${argv.map(one => quoted(checked('The command', one))).join(' ')}`,
    ...(spec.user === undefined ? [] : switchUser(checkedUser(spec.user))),
    ...(spec.cwd === undefined
      ? []
      : [`cd ${quoted(checked('The folder', spec.cwd))} 2>/dev/null || report no-folder`]),
    // Whoever the command runs as may read it, and reaches it by this descriptor alone.
    ...(long ? ['chmod 644 "$d/script"; exec 9<"$d/script"'] : []),
    'exec 3<"$d/in"',
    'code=$( {',
    `  { { ( ${variables.join('')}exec "$@" <&3 2>&8 3>&- 4>&- 8>&- ); echo $? >&4; } 8>&1 >&5 5>&- 2>/dev/null |`,
    '    limit 4>&- 5>&- >"$d/err"; } 5>&1 | limit 4>&- >"$d/out"',
    '} 4>&1 )',
    'report "${code:-ended}"',
    '',
  ].join('\n')
  return { text, file: long ? checked('The command', spec.shell ?? '') : null }
}

const SIGNALS = new Map(Object.entries(constants.signals).map(([name, number]) => [number, name]))

/** What the word in `end` stands for. Throws what was missing; the shell says 128 and the signal's number for what a signal ended. */
export const outcomeOf = (word: string, { user, cwd }: ExecSpec): Pick<ExecEnd, 'exitCode' | 'signal'> => {
  if (word === 'killed') return { exitCode: null, signal: 'SIGKILL' }
  // A signal to the whole group ends whoever would have told the code, too.
  if (word === 'ended') return { exitCode: null, signal: 'SIGTERM' }
  if (word === 'no-user')
    throw new RemoteError({ kind: 'not-found', message: `There is no user “${user}” in the guest.` })
  if (word === 'no-folder')
    throw new RemoteError({ kind: 'not-found', message: `There is no folder “${cwd}” in the guest.` })
  if (word === 'no-switch')
    throw new RemoteError({ kind: 'unsupported', message: 'The guest has neither runuser nor su.' })
  if (word === 'not-root')
    throw new RemoteError({
      kind: 'unsupported',
      message: 'Who is logged in on the serial line is not root and cannot become somebody else.',
      hint: 'Log in as root there, or as that user.',
    })
  if (word === 'no-room')
    throw new RemoteError({ kind: 'refused', message: 'The guest has no room for temporary files.' })
  if (!/^\d{1,3}$/.test(word))
    throw new RemoteError({ kind: 'refused', message: 'The guest does not tell how the command ended.' })
  const code = Number(word)
  const signal = SIGNALS.get(code - 128)
  return signal === undefined ? { exitCode: code, signal: null } : { exitCode: null, signal }
}
