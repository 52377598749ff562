/** The seam between the protocol and however its bytes travel. */
import type net from 'node:net'
import { userInfo } from 'node:os'
import type { Duplex } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { handleSocket, type HandleSocket } from './handle-socket.ts'
import { reusingSocket, type ReusingSocket } from './reusing-socket.ts'
import { AbortedError, ConnectionError, PermissionError } from './errors.ts'
import { groupRemedy, startRemedy } from './remedy.ts'
import { daemonMissing, SESSION_START_MS, startSessionDaemon } from './session-daemon.ts'
import { chooseSocket, findDaemon, type SocketChoice } from './socket-path.ts'
import type { ConnectionTarget } from './uri.ts'

/** A connected way to a daemon. */
export interface Transport {
  /** Bytes come as its `data`, unless there is `read`. */
  readonly stream: Duplex
  /**
   * Who hears what comes, in a buffer that the next read overwrites: a fresh one for every read is 64 KB of garbage, and
   * whoever floods us would decide how much of it lies about. Called once, before the stream is resumed.
   */
  read?(listener: (bytes: Buffer) => void): void
  /** For people, for instance `/run/libvirt/libvirt-sock`. */
  readonly description: string
  /** The next descriptor that the daemon passes; absent where descriptors cannot travel. */
  descriptor?(): Promise<net.Socket>
}

export interface DialOptions {
  readonly readOnly: boolean
  /** Makes a transport that can carry descriptors, where there is one: look for `descriptor`. */
  readonly descriptors?: boolean
  readonly signal: AbortSignal
}

export type Dial = (target: ConnectionTarget, options: DialOptions) => Promise<Transport>

/** Opens the transport that a URI names. ssh, TLS and TCP will have their files beside this one. */
export const dial: Dial = async (target, options) => {
  if (target.transport === 'unix') return dialUnix(target, options)
  throw new ConnectionError(
    'unsupported-driver',
    `Connections by ${target.transport} are not there yet: ${target.uri}`,
    {
      hint: 'Only daemons on this computer can be opened so far.',
    },
  )
}

const dialUnix: Dial = async (target, options) => {
  const choice = chooseSocket(target, options)
  try {
    return await connectUnix(choice, options)
  } catch (error) {
    if (!choice.session || !isAbsent(error) || process.env['LIBVIRT_AUTOSTART'] === '0') throw explain(error, choice)
  }
  await startSessionDaemon(choice)
  const deadline = Date.now() + SESSION_START_MS
  for (;;) {
    try {
      return await connectUnix(choice, options)
    } catch (error) {
      if (!isAbsent(error) || Date.now() > deadline) throw explain(error, choice)
    }
    if (options.signal.aborted) throw new AbortedError('Connecting', options.signal.reason)
    await sleep(50)
  }
}

const connectUnix = (choice: SocketChoice, { descriptors, signal }: DialOptions): Promise<Transport> =>
  new Promise((resolve, reject) => {
    const way: HandleSocket | ReusingSocket = (descriptors ? handleSocket() : undefined) ?? reusingSocket()
    const { socket } = way
    const fail = (error: Error) => {
      signal.removeEventListener('abort', abort)
      socket.destroy()
      reject(error)
    }
    const abort = () => fail(new AbortedError('Connecting', signal.reason))
    signal.addEventListener('abort', abort)
    socket.once('error', fail)
    socket.connect({ path: choice.path }, () => {
      signal.removeEventListener('abort', abort)
      socket.off('error', fail)
      const transport = { stream: socket, description: choice.path }
      if ('read' in way) return resolve({ ...transport, read: way.read })
      way.watch()
      resolve({ ...transport, descriptor: way.descriptor })
    })
    if (signal.aborted) abort()
  })

const codeOf = (error: unknown): unknown => (error instanceof Error && 'code' in error ? error.code : undefined)
const isAbsent = (error: unknown): boolean => ['ENOENT', 'ECONNREFUSED'].includes(String(codeOf(error)))

const explain = (error: unknown, choice: SocketChoice): unknown => {
  const code = codeOf(error)
  if (isAbsent(error)) {
    if (!findDaemon(choice.daemon)) return daemonMissing(choice)
    return new ConnectionError('not-running', `libvirt's daemon is not running: nobody answers at ${choice.path}.`, {
      cause: error,
      ...(choice.session ? { hint: `Start ${choice.daemon}.` } : startRemedy(choice.daemon)),
    })
  }
  if (code === 'EACCES' || code === 'EPERM') return noPermission(choice, error)
  // The queue of clients that wait to be accepted is full.
  if (code === 'EAGAIN') {
    return new ConnectionError('not-responding', `${choice.path} accepts no more connections.`, { cause: error })
  }
  if (error instanceof Error && typeof code === 'string') {
    return new ConnectionError('not-running', `${choice.path} could not be opened: ${error.message}`, { cause: error })
  }
  return error
}

const noPermission = (choice: SocketChoice, cause: unknown): PermissionError => {
  const { username } = userInfo()
  return new PermissionError(`${username} may not open ${choice.path}.`, {
    cause,
    ...groupRemedy(),
  })
}
