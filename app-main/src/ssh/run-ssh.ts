/** One short run of ssh whose words are read and not shown. */
import { spawn } from 'node:child_process'
import { RemoteError } from '../contract/index.ts'
import { plainEnvironment } from './client-options.ts'
import { clientMissing } from './diagnose.ts'

export interface ShortRun {
  /** Null: killed, because its time was up. */
  readonly code: number | null
  readonly said: string
}

const KEPT = 16 * 1024
/** A connection that goes on in the background may keep standard error open (OpenSSH before 8.5), in milliseconds. */
const LINGER_MS = 100

/** Rejects with `unsupported` where there is no ssh, and with the signal's reason when aborted: it is dead by then. */
export const runSsh = (
  program: string,
  args: readonly string[],
  { ms, signal }: { readonly ms: number; readonly signal?: AbortSignal | undefined },
): Promise<ShortRun> =>
  new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(aborted(signal))
    const child = spawn(program, args, {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: plainEnvironment(),
      // Ctrl+C in our terminal is ours alone.
      detached: true,
    })
    let said = ''
    child.stderr.on('data', (bytes: Buffer) => (said = `${said}${bytes.toString('utf8')}`.slice(-KEPT)))
    const timer = setTimeout(() => child.kill('SIGKILL'), ms)
    const kill = () => void child.kill('SIGKILL')
    signal?.addEventListener('abort', kill, { once: true })
    let lingering: NodeJS.Timeout | undefined
    const finish = () => {
      clearTimeout(timer)
      clearTimeout(lingering)
      signal?.removeEventListener('abort', kill)
      child.stderr.destroy()
      if (signal?.aborted) reject(aborted(signal))
      else resolve({ code: child.exitCode, said })
    }
    child.once('error', error => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', kill)
      reject(clientMissing(error))
    })
    child.once('exit', () => (lingering = setTimeout(finish, LINGER_MS)))
    child.once('close', finish)
  })

export const aborted = (signal: AbortSignal): RemoteError =>
  signal.reason instanceof RemoteError
    ? signal.reason
    : new RemoteError({ kind: 'cancelled', message: 'It was cancelled.' })
