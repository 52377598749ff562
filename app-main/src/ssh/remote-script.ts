/**
 * What runs in the guest around a command. The login shell there may be any (fish, csh, ...), so it sees nothing but a constant
 * line; the script itself, with the command and its secrets, goes ahead of the command's input and stands in no list of processes.
 */
import { randomBytes } from 'node:crypto'
import { RemoteError, type ExecSpec } from '../contract/index.ts'

export interface RemoteScript {
  /** For the login shell. */
  readonly command: string
  /** Sent first on its standard input. */
  readonly head: Buffer
  /** Stands before everything that the script itself says. */
  readonly mark: string
}

/** Any text as one word of a POSIX shell. */
export const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`

/** How long the guest lets a command live that nobody kills in time, beyond its time, in seconds. */
const GRACE = 20

/**
 * `$1` mark, `$2` user, `$3` folder, `$4` seconds, then the command. It leads a session of its own, which is killed as a whole. Both
 * its streams begin with a line of ours: what a login shell wrote before is not the command's.
 */
const SCRIPT = String.raw`
mark=$1 user=$2 dir=$3 seconds=$4
shift 4
fail() { printf '\n%s fail %s\n' "$mark" "$1" >&2; exit 0; }
if [ -n "$user" ]; then
  uid=$(id -u "$user" 2>/dev/null) || fail no-user
  if [ "$uid" != "$(id -u)" ]; then
    if [ "$(id -u)" != 0 ]; then
      command -v sudo >/dev/null || fail no-sudo
      sudo -n -u "$user" true >/dev/null 2>&1 || fail no-sudo
      set -- sudo -n -H -u "$user" -- "$@"
    else
      entry=$(getent passwd "$user" 2>/dev/null || grep "^$user:" /etc/passwd)
      HOME=$(printf '%s\n' "$entry" | cut -d: -f6)
      export HOME USER="$user" LOGNAME="$user"
      if command -v runuser >/dev/null; then set -- runuser -u "$user" -- "$@"
      elif command -v su >/dev/null; then set -- su -p -s /bin/sh -c 'exec "$@"' -- "$user" sh "$@"
      else fail no-switch; fi
    fi
  fi
fi
[ -z "$dir" ] || cd "$dir" 2>/dev/null || fail no-folder
if command -v setsid >/dev/null; then leader=setsid; else leader=; fi
exec 3<&0
$leader /bin/sh -c '
mark=$1
shift
printf "\n%s start %s\n" "$mark" $$
printf "\n%s start %s\n" "$mark" $$ >&2
exec "$@"' sh "$mark" "$@" <&3 3<&- &
pid=$!
$leader /bin/sh -c 'sleep "$1"; kill -TERM "-$2"; sleep 3; kill -KILL "-$2"' sh "$seconds" "$pid" </dev/null >/dev/null 2>&1 3<&- &
dog=$!
exec 3<&-
wait "$pid"
code=$?
kill -KILL "-$dog" 2>/dev/null || kill -KILL "$dog" 2>/dev/null
printf '\n%s end %s\n' "$mark" "$code" >&2
exit "$code"
`

const checked = (what: string, text: string): string => {
  if (!text.includes('\0')) return text
  throw new RemoteError({ kind: 'invalid-input', message: `${what} holds a NUL character.` })
}

const checkedUser = (user: string): string => {
  if (/^(?:[A-Za-z0-9_][A-Za-z0-9_.@-]{0,63}\$?)?$/.test(user)) return user
  throw new RemoteError({ kind: 'invalid-input', message: 'That is no name of a user.' })
}

/** With its environment, which `env` sets last of all: those who change the user clean it. */
const commandOf = ({ args, shell, env }: ExecSpec): string[] => {
  const words = (args ?? ['/bin/sh', '-c', shell ?? '']).map(word => checked('The command', word))
  const variables = Object.entries(env).map(([name, value]) => `${name}=${checked(name, value)}`)
  // A program whose name holds “=” would be one more variable.
  const program = variables.length > 0 && words[0]?.includes('=') ? ['/bin/sh', '-c', 'exec "$@"', 'sh'] : []
  return [...(variables.length > 0 ? ['env', ...variables] : []), ...program, ...words]
}

/** Throws `invalid-input` for what cannot be said to a shell. */
export const remoteScript = (spec: ExecSpec): RemoteScript => {
  const mark = `vireo-${randomBytes(12).toString('hex')}`
  const { user = '', cwd = '', timeoutSeconds } = spec
  const words = [
    mark,
    checkedUser(user),
    checked('The folder', cwd),
    String(timeoutSeconds + GRACE),
    ...commandOf(spec),
  ]
  const head = Buffer.from(`set -- ${words.map(quoted).join(' ')}\n${SCRIPT}`)
  // Byte by byte, so that nothing of the command's own input is taken.
  const command = `exec /bin/sh -c 'v=$(dd bs=1 count=${head.length} 2>/dev/null; echo x); eval "\${v%x}"'`
  return { command, head, mark }
}

/** Kills all of a command: politely, and two seconds later not. `pid` leads its session. */
export const killScript = (pid: number): string =>
  `exec /bin/sh -c 'k() { kill "$1" -${pid} 2>/dev/null || sudo -n kill "$1" -${pid} 2>/dev/null || ` +
  `kill "$1" ${pid} 2>/dev/null; }; ` +
  'k -TERM; for i in 1 2 3 4 5 6 7 8 9 10; do k -0 || exit 0; sleep 0.2 2>/dev/null || sleep 1; done; ' +
  "k -KILL'"
