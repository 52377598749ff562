/** A command over a direct way, with its limits: time, output, and an end of all that it began. */
import { randomBytes } from 'node:crypto'
import { RemoteError, type ExecEnd, type ExecSpec } from '@vireo/app-main/contract'
import type { Asking, ExecInput } from '../guest-agent.ts'
import { checkedPath } from '../qemu-ga/directory.ts'
import { output, type GuestShell } from '../shell/guest-shell.ts'
import type { DirectCommand, DirectWay } from './direct-way.ts'

/** Every process that a command begins inherits it, and is found by it. */
const MARK = 'VIREO_COMMAND'

/** Twice, because what dies may have begun something meanwhile. `$1` is the mark. */
const KILL = `
for round in 1 2 3; do
  found=$(grep -ls "$1" /proc/[0-9]*/environ 2>/dev/null)
  [ -n "$found" ] || break
  for one in $found; do one=\${one#/proc/}; kill -9 "\${one%/environ}" 2>/dev/null; done
done
:`

const FOLDER = `[ -d "$1" ] || { echo 'No such file or directory' >&2; exit 1; }; cd "$1"`
const WHO = 'id -u "$1" && id -g "$1" && { grep "^$1:" /etc/passwd | cut -d: -f6; }'
const KILL_SECONDS = 5

const ended = (): AbortSignal => AbortSignal.timeout(KILL_SECONDS * 1000)

const userOf = async (shell: GuestShell, user: string, asking: Asking) => {
  if (!/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}\$?$/.test(user))
    throw new RemoteError({ kind: 'invalid-input', message: 'That is no name of a user.' })
  const [uid, gid, home = ''] = (await output(shell, WHO, [user], asking)).split('\n')
  const number = (text: string | undefined): number => {
    if (/^\d{1,10}$/.test(text ?? '')) return Number(text)
    throw new RemoteError({ kind: 'refused', message: 'The guest did not tell who that user is.' })
  }
  return { uid: number(uid), gid: number(gid), env: { USER: user, ...(home.startsWith('/') ? { HOME: home } : {}) } }
}

const commandOf = async (
  shell: GuestShell,
  { args, shell: script = '', env, cwd, user }: ExecSpec,
  asking: Asking,
): Promise<DirectCommand> => {
  // Where the folder is missing LXD would run it in another one.
  if (cwd !== undefined) await output(shell, FOLDER, [checkedPath(cwd)], asking)
  const who = user === undefined ? null : await userOf(shell, user, asking)
  return {
    args: args ?? ['/bin/sh', '-c', script],
    ...(cwd === undefined ? {} : { cwd }),
    ...(who === null ? {} : { uid: who.uid, gid: who.gid }),
    env: { ...who?.env, ...env },
  }
}

/** Passes on so many bytes of each stream, and drops the rest. */
const limited = ({ onOutput }: ExecInput, most: number) => {
  const passed = { stdout: 0, stderr: 0 }
  let truncated = false
  return {
    truncated: () => truncated,
    take: async (stream: 'stdout' | 'stderr', bytes: Uint8Array): Promise<void> => {
      const part = bytes.subarray(0, most - passed[stream])
      if (part.length < bytes.length) truncated = true
      passed[stream] += part.length
      if (part.length > 0) await onOutput(stream, part)
    },
  }
}

export const directExec = async (
  way: DirectWay,
  shell: GuestShell,
  spec: ExecSpec,
  input: ExecInput,
  { signal }: Asking,
): Promise<ExecEnd> => {
  const command = await commandOf(shell, spec, { signal })
  const began = performance.now()
  const mark = randomBytes(16).toString('hex')
  const late = new AbortController()
  const timer = setTimeout(() => late.abort(new Error('late')), spec.timeoutSeconds * 1000)
  const { take, truncated } = limited(input, spec.maxOutputBytes)
  const marked = { ...command, env: { ...command.env, [MARK]: mark } }
  const both = AbortSignal.any([signal, late.signal])
  const end = (exitCode: number | null, timedOut: boolean): ExecEnd => ({
    ...{ exitCode, signal: timedOut ? 'SIGKILL' : null, timedOut, truncated: truncated() },
    durationMs: Math.round(performance.now() - began),
  })
  try {
    const { stdin } = input
    return end(await way.run(marked, { onOutput: take, ...(stdin && { stdin }) }, { signal: both }), false)
  } catch (error) {
    // The way killed the command itself, not what that began.
    if (both.aborted) await shell.run(KILL, [`${MARK}=${mark}`], { signal: ended() }).catch(() => undefined)
    if (late.signal.aborted && !signal.aborted) return end(null, true)
    throw error
  } finally {
    clearTimeout(timer)
  }
}
