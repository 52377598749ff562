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

const announce = async (file: string, server: WebServer): Promise<void> => {
  await rememberPort(dirname(file), Number(new URL(server.origin).port))
  // The key opens everything, so the file is this user's alone (0600 in a 0700 folder).
  await writeFileAtomic(file, JSON.stringify({ pid: process.pid, origin: server.origin, key: server.key }))
}

const isOurs = async (file: string): Promise<boolean> => {
  try {
    const value: unknown = JSON.parse(await readFile(file, 'utf8'))
    return typeof value === 'object' && value !== null && 'pid' in value && value.pid === process.pid
  } catch {
    return false
  }
}

/**
 * Starts the server where the last one of this user was, if it can, and with its sessions, so that windows go on; writes
 * `server.json` into the runtime folder, and ends both on SIGINT, SIGTERM and SIGHUP. The caller disposes the dispatcher
 * after `closed`. Rejects as `serve` does.
 */
export const runServer = async (dispatcher: Dispatcher, options: ServeOptions): Promise<RunningServer> => {
  const folder = await runtimeFolder()
  const secret = await sessionSecret(folder).catch((error: unknown) => {
    log.warn('sessions will not outlive this server', { folder, error })
    return undefined
  })
  const preferredPort = await rememberedPort(folder)
  const server = await serve(dispatcher, { preferredPort, sessionSecret: secret, ...options })
  const file = join(folder, 'server.json')
  await announce(file, server).catch((error: unknown) =>
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
    if (await isOurs(file)) await rm(file, { force: true })
    await server.close()
    settle()
    return undefined
  }
  const onSignal = () => void close()
  for (const signal of signals) process.on(signal, onSignal)
  return { ...server, closed, close }
}
