import { spawn } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { ConnectionError } from './errors.ts'
import { installRemedy } from './remedy.ts'
import { findDaemon, type SocketChoice } from './socket-path.ts'

/** How long a new daemon may take until its socket answers. */
export const SESSION_START_MS = 15_000

/**
 * Starts this user's own daemon for a socket that nobody serves. It ends by itself two minutes after its last client
 * left, as the one that libvirt's client starts. When several start at once, the daemons agree among themselves.
 * @throws {ConnectionError} `not-installed`, or `not-running` when it ends at once
 */
export const startSessionDaemon = async (choice: SocketChoice): Promise<void> => {
  const program = findDaemon(choice.daemon)
  if (!program) throw daemonMissing(choice)
  const child = spawn(program, ['--timeout=120'], { detached: true, stdio: 'ignore', cwd: '/' })
  child.unref()
  const failed = new Promise<never>((_, reject) => {
    child.once('error', cause => {
      reject(new ConnectionError('not-running', `${program} could not be started: ${cause.message}`, { cause }))
    })
  })
  // Just long enough to hear that the program could not be run at all.
  await Promise.race([failed, sleep(20)])
  child.removeAllListeners('error').on('error', () => undefined)
}

export const daemonMissing = (choice: SocketChoice): ConnectionError =>
  new ConnectionError('not-installed', `libvirt's daemon ${choice.daemon} is not installed on this computer.`, {
    ...installRemedy(),
  })
