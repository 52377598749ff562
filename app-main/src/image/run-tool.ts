/** Programs of the system that work on files: bounded in time and output, ended with the task they work for. */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { RemoteError } from '../contract/index.ts'

/** What a program may say, bytes; what is more is let go, oldest first. */
const MOST_SAID = 64 * 1024

export interface ToolOptions {
  readonly signal: AbortSignal
  /** Milliseconds. */
  readonly ms: number
  readonly cwd?: string
  /** Gets what it says line by line, where carriage returns end lines too. */
  readonly onLine?: (line: string) => void
  readonly environment?: NodeJS.ProcessEnv
}

export interface ToolEnd {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

const SYSTEM_FOLDERS = ['/usr/local/sbin', '/usr/sbin', '/sbin']

/** The path of a program, also of those an ordinary user's PATH leaves out. */
export const findTool = (name: string, environment: NodeJS.ProcessEnv = process.env): string | undefined =>
  [...(environment['PATH'] ?? '').split(':'), ...SYSTEM_FOLDERS]
    .filter(folder => folder.startsWith('/'))
    .map(folder => join(folder, name))
    .find(path => existsSync(path))

/** Throws `unsupported` with the package to install. */
export const needTool = (name: string, debianPackage: string): string => {
  const path = findTool(name)
  if (path !== undefined) return path
  throw new RemoteError({
    kind: 'unsupported',
    message: `The program ${name} is needed for this and is not installed.`,
    hint: `Install it; on Debian and Ubuntu it is in the package ${debianPackage}.`,
  })
}

const keepTail = (text: string, more: string) => (text + more).slice(-MOST_SAID)

/** Runs a program without a shell; rejects with `cancelled` or `timeout`, else tells how it ended. */
export const runTool = (program: string, args: readonly string[], options: ToolOptions): Promise<ToolEnd> =>
  new Promise((resolve, reject) => {
    const { signal, ms, cwd, onLine, environment = process.env } = options
    if (signal.aborted) return reject(cancelled(signal))
    const child = spawn(program, args, {
      ...(cwd === undefined ? {} : { cwd }),
      env: { ...environment, LC_ALL: 'C.UTF-8', LANGUAGE: '' },
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own: what it starts ends with it.
      detached: true,
    })
    const said = { out: '', err: '' }
    let late = false
    const end = () => {
      clearTimeout(timer)
      clearTimeout(patience)
      signal.removeEventListener('abort', stop)
    }
    let patience: NodeJS.Timeout | undefined
    const stop = () => {
      killGroup(child.pid, 'SIGTERM')
      patience = setTimeout(() => killGroup(child.pid, 'SIGKILL'), 5000)
    }
    const timer = setTimeout(() => {
      late = true
      stop()
    }, ms)
    signal.addEventListener('abort', stop)
    const listen = (name: 'out' | 'err') => {
      let rest = ''
      return (text: string) => {
        said[name] = keepTail(said[name], text)
        const lines = keepTail(rest, text).split(/[\r\n]/)
        rest = lines.pop() ?? ''
        for (const line of lines) onLine?.(line)
      }
    }
    child.stdout.setEncoding('utf8').on('data', listen('out'))
    child.stderr.setEncoding('utf8').on('data', listen('err'))
    child.once('error', error => {
      end()
      reject(error)
    })
    child.once('close', code => {
      end()
      if (signal.aborted) reject(cancelled(signal))
      else if (late)
        reject(new RemoteError({ kind: 'timeout', message: `${program} took longer than ${ms / 1000} s.` }))
      else resolve({ code, ...said })
    })
  })

const killGroup = (pid: number | undefined, name: NodeJS.Signals): void => {
  if (pid === undefined) return
  try {
    process.kill(-pid, name)
  } catch {
    // It has ended already.
  }
}

export const cancelled = (signal: AbortSignal): RemoteError =>
  signal.reason instanceof RemoteError
    ? signal.reason
    : new RemoteError({ kind: 'cancelled', message: 'The work on the image was cancelled.' })

/** The last thing a program said, one line, for messages. */
export const lastWords = ({ err, out }: ToolEnd): string =>
  (err.trim() || out.trim()).split('\n').at(-1)?.slice(0, 300) ?? ''
