/** A server that other processes of this user can find: a second start asks it for a fresh address. */
import { readFile, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { writeFileAtomic } from '../../base/json-file.ts'
import { createLog } from '../../base/log.ts'
import { runtimeFolder } from '../../base/runtime-folder.ts'
import type { Dispatcher } from '../../dispatch/dispatcher.ts'
import { rememberedPort, rememberPort, sessionSecret } from './remembered.ts'
import { serve, type ServeOptions, type WebServer } from './serve.ts'

const log = createLog('web')

export interface RunningServer extends WebServer {
  /** Resolves when the server has ended, by `close` or by a signal. */
  readonly closed: Promise<void>
}

export interface RunOptions extends ServeOptions {
  /** The only connections it serves; all that the person has when absent. */
  readonly connections?: readonly string[] | undefined
}

interface Announcement {
  readonly pid: number
  readonly key: string
  readonly connections?: readonly string[]
}

const announced = async (file: string): Promise<Announcement | undefined> => {
  try {
    const value: unknown = JSON.parse(await readFile(file, 'utf8'))
    if (typeof value !== 'object' || value === null || !('pid' in value && 'key' in value)) return undefined
    const { pid, key } = value
    if (typeof pid !== 'number' || typeof key !== 'string') return undefined
    return {
      pid,
      key,
      ...('connections' in value && Array.isArray(value.connections) && { connections: value.connections }),
    }
  } catch {
    return undefined
  }
}

const runs = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

/** Does a server that shows everything run already? One of a few connections does not take its place. */
const isTaken = async (file: string): Promise<boolean> => {
  const other = await announced(file)
  return other !== undefined && !other.connections && runs(other.pid)
}

const announce = async (file: string, server: WebServer, { readOnly, connections }: RunOptions): Promise<void> => {
  // Whoever starts Vireo next means to use it: to one that only looks they are not led, nor to its port.
  if (readOnly) return
  await rememberPort(dirname(file), Number(new URL(server.origin).port))
  if (connections && (await isTaken(file))) return
  const { origin, key } = server
  // The key opens everything, so the file is this user's alone (0600 in a 0700 folder).
  await writeFileAtomic(file, JSON.stringify({ pid: process.pid, origin, key, connections }))
}

/**
 * Starts the server where the last one of this user was, if it can, and with its sessions, so that windows go on; writes
 * `server.json` into the runtime folder, and ends both on SIGINT, SIGTERM and SIGHUP. The caller disposes the dispatcher
 * after `closed`. Rejects as `serve` does.
 */
export const runServer = async (dispatcher: Dispatcher, options: RunOptions): Promise<RunningServer> => {
  const folder = await runtimeFolder()
  const secret = await sessionSecret(folder).catch((error: unknown) => {
    log.warn('sessions will not outlive this server', { folder, error })
    return undefined
  })
  const preferredPort = options.readOnly ? undefined : await rememberedPort(folder)
  const server = await serve(dispatcher, { preferredPort, sessionSecret: secret, ...options })
  const file = join(folder, 'server.json')
  await announce(file, server, options).catch((error: unknown) =>
    log.warn('cannot be announced: a second start will not find this server', { file, error }),
  )
  let settle = () => {}
  const closed = new Promise<void>(resolve => (settle = resolve))
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  let closing = false
  const close = async () => {
    if (closing) return closed
    closing = true
    for (const signal of signals) process.off(signal, onSignal)
    if ((await announced(file))?.key === server.key) await rm(file, { force: true })
    await server.close()
    settle()
    return undefined
  }
  const onSignal = () => void close()
  for (const signal of signals) process.on(signal, onSignal)
  return { ...server, closed, close }
}
