/** Runs one suite with a deadline, so that nothing of it is left when it fails or hangs. */
import { spawn, type ChildProcess } from 'node:child_process'
import { chmod, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { until } from '../fixture/wait.ts'
import type { Figure } from './report.ts'

const read = async (path: string): Promise<string> => readFile(path, 'latin1').catch(() => '')

/**
 * Every process with the folder in its environment. Daemons, guests and browsers leave their parent's process group, but
 * each has its home or its temporary files below the suite's folder; nobody else has.
 */
export const livingIn = async (folder: string): Promise<number[]> => {
  const found: number[] = []
  for (const pid of (await readdir('/proc')).map(Number).filter(one => one > 0 && one !== process.pid)) {
    if ((await read(`/proc/${pid}/environ`)).includes(folder)) found.push(pid)
  }
  return found
}

const kill = (pid: number): void => {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    // It has ended by itself.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}

/** Ends whatever lives in the folder, and removes it. */
export const clear = async (folder: string): Promise<void> => {
  await until(`the processes of ${folder} to end`, async () => {
    const living = await livingIn(folder)
    for (const pid of living) kill(pid)
    return living.length === 0
  })
  await rm(folder, { recursive: true, force: true, maxRetries: 5 })
}

const ended = async (child: ChildProcess, seconds: number, stop: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`not done within ${seconds} s`)), seconds * 1000)
    stop.addEventListener('abort', () => reject(new Error('interrupted')), { once: true })
    child.once('error', reject)
    child.once('exit', (code, signal) => {
      clearTimeout(timer)
      if (code === 0) resolve()
      else reject(new Error(`ended with ${code ?? signal}`))
    })
  })

/** The figures of a suite. Rejects with what it said last when it fails, and when it is not done in time. */
export const runSuite = async (name: string, seconds: number, stop: AbortSignal): Promise<Figure[]> => {
  // Short, because sockets below it may have 107 characters.
  const folder = await mkdtemp(join(tmpdir(), 'vbn-'))
  // Guests and their daemon may be another user.
  await chmod(folder, 0o755)
  const file = join(folder, 'figures.json')
  const program = join(dirname(fileURLToPath(import.meta.url)), 'one-suite.ts')
  const child = spawn(process.execPath, [program, name, file], {
    stdio: ['ignore', 'inherit', 'pipe'],
    env: { ...process.env, TMPDIR: folder },
  })
  let said = ''
  child.stderr.on('data', (text: Buffer) => (said = (said + text.toString()).slice(-4000)))
  try {
    await ended(child, seconds, stop)
    return JSON.parse(await readFile(file, 'utf8')) as Figure[]
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : String(error)}\n${said.trim()}`, { cause: error })
  } finally {
    await clear(folder)
  }
}
