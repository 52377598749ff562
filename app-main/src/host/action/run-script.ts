/** Runs the lines of a plan, with rights where they need some, and tells what they write. */
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { scriptOf } from './command.ts'
import type { Elevation } from './elevation.ts'

export interface ScriptOptions {
  readonly elevation: Elevation
  readonly signal: AbortSignal
  readonly onLine: (line: string) => void
  /** Cancelling was in vain: the commands are root's, and go on to their own end. */
  readonly onUnstoppable?: () => void
}

/** A line longer than this is cut. */
const LINE = 2000
/** Also C1: some terminals take U+009B for the beginning of an escape sequence. */
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g
/** Colours and cursor movements of programs that think they have a terminal. */
const ESCAPE = /\u001b\[[0-?]*[ -/]*[@-~]/g

export const cleanLine = (line: string): string => {
  // A bar that is drawn over itself: what stands there last counts.
  const last = line.replace(/\r+$/, '').split('\r').at(-1) ?? ''
  return last.replace(ESCAPE, '').replace(CONTROL, '\ufffd').slice(0, LINE)
}

/**
 * Gives the exit code, null when a signal ended it. Cancelling asks the commands to end and waits for them: half an
 * installation must not go on unseen. Rejects when there is no shell or nothing that gives rights.
 */
export const runScript = (
  lines: readonly string[],
  { elevation, signal, onLine, onUnstoppable }: ScriptOptions,
): Promise<number | null> =>
  new Promise((resolve, reject) => {
    const [program, ...args] = [...elevation.prefix, '/bin/sh', '-c', scriptOf(lines)]
    const child = spawn(program ?? '/bin/sh', args, {
      cwd: '/',
      env: { ...process.env, LC_ALL: 'C', LANGUAGE: '' },
      stdio: ['ignore', 'pipe', 'pipe'],
      // sudo asks at the terminal, which a session of its own would not have.
      detached: elevation.kind !== 'sudo',
    })
    const stop = (): void => {
      // Never started: and 0 would be our own group.
      if (child.pid === undefined) return
      try {
        process.kill(elevation.kind === 'sudo' ? child.pid : -child.pid, 'SIGTERM')
      } catch (error) {
        // Else it has just ended.
        if (error instanceof Error && 'code' in error && error.code === 'EPERM') onUnstoppable?.()
      }
    }
    for (const stream of [child.stdout, child.stderr])
      createInterface({ input: stream, crlfDelay: Infinity }).on('line', line => onLine(cleanLine(line)))
    child.once('error', error => {
      signal.removeEventListener('abort', stop)
      reject(error)
    })
    child.once('close', code => {
      signal.removeEventListener('abort', stop)
      resolve(code)
    })
    if (signal.aborted) stop()
    else signal.addEventListener('abort', stop)
  })
