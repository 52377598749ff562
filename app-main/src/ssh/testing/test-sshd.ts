/** A real SSH server of a test's own: an ordinary process on a free loopback port, with keys and settings of its own. */
import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { chmod, mkdir, mkdtemp, rm, writeFile, copyFile } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'

const run = promisify(execFile)
const SSHD = '/usr/sbin/sshd'
/** Where it keeps nobody's files, when it runs as root. */
const EMPTY = '/run/sshd'

export interface TestSshd extends AsyncDisposable {
  readonly host: string
  readonly port: number
  readonly user: string
  /** A private key that it lets in, and one that it does not. */
  readonly key: string
  readonly wrongKey: string
  /** Its folder, for whatever else a test needs. */
  readonly folder: string
  stop(): Promise<void>
  start(): Promise<void>
  /** The same server shows another host key from its next start on. */
  renewHostKey(): Promise<void>
}

export const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() =>
        typeof address === 'object' && address ? resolve(address.port) : reject(new Error('no port')),
      )
    })
  })

const makeKey = async (path: string): Promise<string> => {
  await rm(path, { force: true })
  await rm(`${path}.pub`, { force: true })
  await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'vireo-test', '-f', path])
  return path
}

const answers = (port: number): Promise<boolean> =>
  new Promise(resolve => {
    const socket = connect(port, '127.0.0.1')
    socket.once('data', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })

/** Lines of sshd_config; the first of a kind counts, so these go before its own. */
const configOf = (folder: string, port: number, lines: readonly string[]): string =>
  [
    ...lines,
    `ListenAddress 127.0.0.1:${port}`,
    `HostKey ${join(folder, 'host-key')}`,
    `AuthorizedKeysFile ${join(folder, 'authorized_keys')}`,
    'PidFile none',
    'UsePAM no',
    'StrictModes no',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'PermitRootLogin yes',
    'PrintMotd no',
    // What somebody's own shell does at its start is no part of a test.
    `SetEnv HOME=${join(folder, 'home')}`,
    'LogLevel ERROR',
    '',
  ].join('\n')

/** Starts it. `lines` are further settings, as in sshd_config. */
export const testSshd = async (lines: readonly string[] = []): Promise<TestSshd> => {
  const folder = await mkdtemp(join(tmpdir(), 'vireo-sshd-'))
  if (process.getuid?.() === 0) await mkdir(EMPTY, { recursive: true, mode: 0o755 })
  const port = await freePort()
  await makeKey(join(folder, 'host-key'))
  const key = await makeKey(join(folder, 'key'))
  const wrongKey = await makeKey(join(folder, 'wrong-key'))
  await copyFile(`${key}.pub`, join(folder, 'authorized_keys'))
  await mkdir(join(folder, 'home'))
  await chmod(folder, 0o755)
  await writeFile(join(folder, 'sshd_config'), configOf(folder, port, lines))
  let child: ChildProcess | null = null
  let said = ''
  const start = async (): Promise<void> => {
    const started = spawn(SSHD, ['-D', '-e', '-f', join(folder, 'sshd_config')], {
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    child = started
    started.stderr?.on('data', (bytes: Buffer) => (said += bytes.toString()))
    while (!(await answers(port))) {
      if (started.exitCode !== null) throw new Error(`sshd ended with ${started.exitCode}: ${said}`)
      await sleep(20)
    }
  }
  const stop = async (): Promise<void> => {
    const ending = child
    child = null
    if (!ending || ending.exitCode !== null) return
    const ended = new Promise(resolve => ending.once('exit', resolve))
    ending.kill('SIGTERM')
    await ended
  }
  /** Who is logged in outlives the server that listens. */
  const endSessions = async (): Promise<void> => {
    const parent = child?.pid
    const found =
      parent === undefined ? null : await run('ps', ['-o', 'pid=', '--ppid', String(parent)]).catch(() => null)
    for (const pid of found?.stdout.match(/\d+/g) ?? []) process.kill(Number(pid), 'SIGTERM')
  }
  await start()
  return {
    ...{ host: '127.0.0.1', port, user: userInfo().username, key, wrongKey, folder, start, stop },
    renewHostKey: async () => void (await makeKey(join(folder, 'host-key'))),
    async [Symbol.asyncDispose]() {
      await endSessions()
      await stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
