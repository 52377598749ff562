/** A person's command in the guest: as another user, in a folder, with bounded output, and all of it killable. */
import { constants } from 'node:os'
import { Readable } from 'node:stream'
import { RemoteError, type ExecEnd, type ExecSpec } from '@vireo/app-main/contract'
import type { Asking, ExecInput } from '../guest-agent.ts'
import { plainText } from '../plain-text.ts'
import { badAnswer } from '../rpc-failure.ts'
import { output } from '../shell/guest-shell.ts'
import { run, type Ended } from './run.ts'
import { qemuGaShell } from './shell.ts'
import { BLOCK_BYTES, type Talk } from './talk.ts'
import { fill } from './write-file.ts'

/** An answer carries both streams in base64, and libvirt takes none over 4 MiB. */
const MAX_OUTPUT = 1_310_720
const MAX_STDIN = 16 * 1024 * 1024
const PATH = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/**
 * Runs `$5...` as user `$2` in folder `$3` with input from file `$4`, and lets at most `$1` bytes of each stream through: what
 * is beyond is read and dropped. The last line of standard output is the exit code, or what is missing. It leads a session, so
 * that all of it is one process group. SIGTERM ends the command, and not those who hand over what it has said.
 */
const SCRIPT = `
max=$1 user=$2 dir=$3 input=$4
shift 4
exec 6>&1 7>&2
trap : TERM
report() { printf '\\n%s' "$1" >&6; exit 0; }
limit() { trap '' TERM; head -c "$max"; cat >/dev/null; }
if [ -n "$input" ]; then exec <"$input"; rm -f "$input"; fi
if [ -n "$user" ]; then
  uid=$(id -u "$user" 2>/dev/null) || report no-user
  if [ "$uid" != "$(id -u)" ]; then
    entry=$(getent passwd "$user" 2>/dev/null || grep "^$user:" /etc/passwd)
    [ -n "\${HOME:-}" ] || HOME=$(printf '%s\\n' "$entry" | cut -d: -f6)
    export HOME USER="$user" LOGNAME="$user"
    if command -v runuser >/dev/null; then set -- runuser -u "$user" -- "$@"
    elif command -v su >/dev/null; then set -- su -p -s /bin/sh -c 'exec "$@"' -- "$user" sh "$@"
    else report no-switch; fi
  fi
fi
[ -z "$dir" ] || cd "$dir" 2>/dev/null || report no-folder
code=$( {
  { { "$@" 2>&8 4>&- 6>&- 7>&- 8>&-; echo $? >&4; } 8>&1 >&5 5>&- 2>/dev/null | limit 4>&- 5>&- >&7; } 5>&1 | limit 4>&- >&6
} 4>&1 )
report "\${code:-killed}"
`

export const exec = async (talk: Talk, spec: ExecSpec, input: ExecInput, { signal }: Asking): Promise<ExecEnd> => {
  const user = checkedUser(spec.user)
  const limit = Math.min(spec.maxOutputBytes, MAX_OUTPUT)
  const stdin = input.stdin === undefined ? undefined : await collected(input.stdin)
  const large = stdin !== undefined && stdin.length > BLOCK_BYTES ? await upload(talk, stdin, signal) : ''
  const folder = checkedText('The folder', spec.cwd ?? '')
  const argv = spec.args ?? ['/bin/sh', '-c', spec.shell ?? '']
  const started = performance.now()
  const end = await run(talk, {
    path: 'setsid',
    args: ['/bin/sh', '-c', SCRIPT, 'sh', String(limit + 1), user, folder, large, ...argv],
    env: [PATH, ...Object.entries(spec.env).map(([name, value]) => `${name}=${checkedText(name, value)}`)],
    ...(stdin === undefined || large !== '' ? {} : { stdin }),
    seconds: spec.timeoutSeconds,
    signal,
  })
  const durationMs = performance.now() - started
  const { stdout, report } = split(end)
  if (report !== null && !/^(?:\d{1,3}|killed)$/.test(report)) throw missing(report, spec)
  await input.onOutput('stdout', stdout.subarray(0, limit))
  await input.onOutput('stderr', end.stderr.subarray(0, limit))
  const truncated = stdout.length > limit || end.stderr.length > limit
  return { ...outcome(end, report), timedOut: end.timedOut, truncated, durationMs }
}

/** The wrapper's report stands behind the last line feed; one that was killed left none. */
const split = ({ stdout, exitCode }: Ended): { stdout: Buffer; report: string | null } => {
  if (exitCode === null) return { stdout, report: null }
  const at = stdout.lastIndexOf('\n')
  if (exitCode !== 0 || at < 0) throw badAnswer('guest-exec', 'the command ended without a report')
  return { stdout: stdout.subarray(0, at), report: stdout.subarray(at + 1).toString('latin1') }
}

const SIGNALS = new Map(Object.entries(constants.signals).map(([name, number]) => [number, name]))

/** The shell says 128 and the signal's number for what a signal ended. */
const outcome = (end: Ended, report: string | null): Pick<ExecEnd, 'exitCode' | 'signal'> => {
  if (report === 'killed') return { exitCode: null, signal: 'SIGTERM' }
  const code = report === null ? null : Number(report)
  const signal = code === null ? end.signal : code - 128
  const name = signal === null ? undefined : SIGNALS.get(signal)
  if (name !== undefined) return { exitCode: null, signal: name }
  return code === null ? { exitCode: null, signal: `signal ${signal}` } : { exitCode: code, signal: null }
}

const missing = (report: string, { user, cwd }: ExecSpec): RemoteError => {
  const what: Readonly<Record<string, RemoteError>> = {
    'no-user': new RemoteError({ kind: 'not-found', message: `There is no user “${user}” in the guest.` }),
    'no-folder': new RemoteError({ kind: 'not-found', message: `There is no folder “${cwd}” in the guest.` }),
    'no-switch': new RemoteError({ kind: 'unsupported', message: 'The guest has neither runuser nor su.' }),
  }
  return Object.hasOwn(what, report) ? (what[report] ?? badReport(report)) : badReport(report)
}

const badReport = (report: string): RemoteError => badAnswer('guest-exec', `it reports “${plainText(report, 100)}”`)

const checkedUser = (user = ''): string => {
  if (/^(?:[A-Za-z0-9_][A-Za-z0-9_.@-]{0,63}\$?)?$/.test(user)) return user
  throw new RemoteError({ kind: 'invalid-input', message: 'That is no name of a user.' })
}

const checkedText = (what: string, text: string): string => {
  if (!text.includes('\0')) return text
  throw new RemoteError({ kind: 'invalid-input', message: `${what} holds a NUL character.` })
}

/** Input that is too long for a question goes ahead in a file, which the command's wrapper removes. */
const upload = async (talk: Talk, stdin: Buffer, signal: AbortSignal): Promise<string> => {
  const path = await output(qemuGaShell(talk), 'umask 077; mktemp /tmp/.vireo-XXXXXXXX | tr -d "\\n"', [], { signal })
  await fill(talk, path, Readable.from([stdin]), { signal })
  return path
}

const collected = async (stdin: AsyncIterable<Uint8Array>): Promise<Buffer> => {
  const parts: Uint8Array[] = []
  let length = 0
  for await (const part of stdin) {
    parts.push(part)
    length += part.length
    if (length > MAX_STDIN)
      throw new RemoteError({
        kind: 'unsupported',
        message: 'qemu-ga takes at most 16 MiB of input for a command.',
        hint: 'Copy the input into the guest as a file, or install the Vireo agent.',
      })
  }
  return Buffer.concat(parts)
}
