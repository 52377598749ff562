/** What an agent without a command of its own can still find out by running `/bin/sh` in the guest. */
import { RemoteError } from '@vireo/app-main/contract'
import type { Asking } from '../guest-agent.ts'
import { plainText } from '../plain-text.ts'

export interface ShellEnd {
  /** Null when a signal ended it. */
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs a script; `args` are its `$1`, `$2`, ... Rejects with a `RemoteError` when it cannot be run. */
export interface GuestShell {
  run(script: string, args: readonly string[], asking: Asking): Promise<ShellEnd>
}

/** Begins every script of ours: plain English, and a mark by which its process is known. */
export const PRELUDE = 'LC_ALL=C; export LC_ALL; '

/** Gives what a script wrote; rejects when it failed, by what the system said in plain English. */
export const output = async (
  shell: GuestShell,
  script: string,
  args: readonly string[],
  asking: Asking,
): Promise<string> => {
  const end = await shell.run(`${PRELUDE}${script}`, args, asking)
  if (end.code === 0) return end.stdout
  throw shellFailure(end)
}

const KINDS = [
  [/no such file|not found|no such process|could not be found|not loaded/i, 'not-found'],
  [/permission denied|operation not permitted|access denied/i, 'permission'],
  [/file exists|not empty|read-only|no space|is a directory|not a directory/i, 'precondition'],
] as const

export const shellFailure = ({ code, stderr }: ShellEnd): RemoteError => {
  const kind = KINDS.find(([pattern]) => pattern.test(stderr))?.[1] ?? 'refused'
  const said = plainText(stderr.trim().split('\n').at(-1) ?? '', 300)
  return new RemoteError({ kind, message: `The guest said: ${said || `exit code ${code ?? 'none'}`}` })
}
