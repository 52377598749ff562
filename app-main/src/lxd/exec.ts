/** Programs that the daemon runs inside an instance, on WebSockets. */
import type { WebSocket } from 'ws'
import { RemoteError } from '../contract/index.ts'
import { ByteLine } from './byte-line.ts'
import type { LxdClient } from './client.ts'
import { productName } from './failure.ts'
import { Descriptors, type Operation } from './schema.ts'

export interface ExecRequest {
  readonly command: readonly string[]
  readonly environment: Readonly<Record<string, string>>
  readonly cwd?: string | undefined
  /** Numbers; root unless told. */
  readonly user?: number | undefined
  readonly group?: number | undefined
}

export interface RunningExec {
  readonly stdin: ByteLine
  readonly stdout: ByteLine
  readonly stderr: ByteLine
  /** Resolves with its exit code, 128 and the signal's number where a signal ended it. */
  readonly ended: Promise<number>
  signal(number: number): void
  /** Lets go of the line; what still runs is not waited for. */
  close(): void
}

/** Input, both outputs, and what is said about it. */
const DESCRIPTORS = ['0', '1', '2', 'control'] as const
/** The daemon sends what was written, a few KiB a message. */
const MAX_MESSAGE = 1024 * 1024

/** Starts a program. Rejects with `not-found` when it is not there. `signal` counts until it runs. */
export const openExec = async (
  client: LxdClient,
  instance: string,
  request: ExecRequest,
  signal?: AbortSignal,
): Promise<RunningExec> => {
  const body = { ...request, interactive: false, 'wait-for-websocket': true }
  const operation = await client.begin('POST', client.path(['instances', instance, 'exec']), body, signal)
  return running(client, operation, await socketsOf(client, operation, DESCRIPTORS))
}

/** Opens the ways to a command, in the order of their names; all or none. */
export const socketsOf = async (
  client: LxdClient,
  operation: Operation | null,
  names: readonly string[],
): Promise<WebSocket[]> => {
  const open: WebSocket[] = []
  try {
    for (const secret of secretsOf(client, operation, names)) {
      const path = client.path(['operations', operation?.id ?? '', 'websocket'], { secret })
      open.push(await client.socket(path, MAX_MESSAGE))
    }
  } catch (error) {
    for (const socket of open) socket.terminate()
    throw error
  }
  return open
}

const secretsOf = (client: LxdClient, operation: Operation | null, names: readonly string[]): string[] => {
  const { data } = Descriptors.safeParse(operation?.metadata)
  return names.map(name => {
    const secret = data?.fds[name]
    if (secret !== undefined) return secret
    throw new RemoteError({ kind: 'refused', message: `${productName(client.product)} gave no way to the command.` })
  })
}

const running = (client: LxdClient, operation: Operation | null, open: readonly WebSocket[]): RunningExec => {
  const sockets = [...open]
  const control = sockets.pop()
  const lines = sockets.map(socket => new ByteLine(socket, { halfOpen: true }))
  // Whoever reads a line hears of its failure from the stream itself.
  for (const line of lines) line.on('error', () => undefined)
  control?.on('error', () => undefined)
  const [stdin, stdout, stderr] = lines
  if (!operation || !stdin || !stdout || !stderr || !control) throw new Error('no operation')
  const tell = (command: object): void => {
    if (control.readyState === control.OPEN) control.send(JSON.stringify(command))
  }
  return {
    ...{ stdin, stdout, stderr },
    ended: client.wait(operation, { deadlineMs: LONGEST_MS }).then(exitCodeOf),
    signal: number => tell({ command: 'signal', signal: number }),
    close() {
      for (const line of lines) line.destroy()
      control.close()
    },
  }
}

/** A day and a little: as long as any command may run. */
export const LONGEST_MS = 25 * 60 * 60_000

export const exitCodeOf = ({ metadata }: Operation): number => {
  const code = metadata?.['return']
  if (typeof code === 'number' && Number.isInteger(code) && code >= 0 && code < 256) return code
  throw new RemoteError({ kind: 'refused', message: 'The daemon did not tell how the command ended.' })
}
