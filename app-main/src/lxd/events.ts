/** The daemon's news: which instances changed. */
import type { WebSocket } from 'ws'
import { disposable, type Disposable } from '../base/disposable.ts'
import type { LxdClient } from './client.ts'
import { LifecycleEvent } from './schema.ts'

export interface InstanceNews {
  /** Names of the instances to look at again. */
  readonly names: readonly string[]
  /** It is about a snapshot of theirs. */
  readonly snapshots: boolean
}

export interface FollowOptions {
  readonly onNews: (news: InstanceNews) => void
  /** Called once when the daemon ended it or does not answer any more; not after `dispose`. */
  readonly onClosed: (reason: 'ended' | 'silent') => void
  /** How often the daemon is asked whether it is there, in milliseconds. */
  readonly heartbeatMs?: number
}

const HEARTBEAT_MS = 15_000
/** One event is a few hundred bytes. */
const MAX_EVENT = 1024 * 1024

/** Resolves when the daemon tells of everything that happens from now on. */
export const followEvents = async (client: LxdClient, options: FollowOptions): Promise<Disposable> => {
  const socket = await client.socket(client.path(['events'], { type: 'lifecycle' }), MAX_EVENT)
  let over = false
  const end = (reason: 'ended' | 'silent' | null): void => {
    if (over) return
    over = true
    clearInterval(heart)
    socket.terminate()
    if (reason !== null) options.onClosed(reason)
  }
  const heart = beat(socket, options.heartbeatMs ?? HEARTBEAT_MS, () => end('silent'))
  socket.on('error', () => end('ended'))
  socket.on('close', () => end('ended'))
  socket.on('message', data => {
    const news = over ? null : newsIn(textOf(data))
    if (news !== null && news.names.length > 0) options.onNews(news)
  })
  return disposable(() => end(null))
}

/** A daemon that is stopped or stuck answers no ping, although its socket stays open. */
const beat = (socket: WebSocket, everyMs: number, silent: () => void): NodeJS.Timeout => {
  let answered = true
  const heard = () => (answered = true)
  socket.on('pong', heard)
  socket.on('message', heard)
  const timer = setInterval(() => {
    if (!answered) return silent()
    answered = false
    socket.ping()
  }, everyMs)
  return timer.unref()
}

const textOf = (data: Buffer | ArrayBuffer | Buffer[]): string =>
  Array.isArray(data) ? Buffer.concat(data).toString() : Buffer.from(data as ArrayBuffer).toString()

/** Older daemons say `containers` where newer ones say `instances`. */
const SOURCE = /^\/1\.0\/(?:instances|containers|virtual-machines)\/([^/?]+)(\/snapshots(?:[/?]|$))?/

/** The instances that an event is about; none for what is no such event. */
export const newsIn = (text: string): InstanceNews => {
  const nothing = { names: [], snapshots: false }
  let raw: unknown
  try {
    raw = JSON.parse(text)
  } catch {
    return nothing
  }
  const { data } = LifecycleEvent.safeParse(raw)
  if (data === undefined) return nothing
  const { source, context } = data.metadata
  const [, part, snapshot] = SOURCE.exec(source) ?? []
  const name = decoded(part)
  // Of a snapshot that is renamed it tells the snapshot's old name.
  const old = snapshot === undefined ? context?.['old_name'] : undefined
  const names = [name, typeof old === 'string' ? old : undefined].flatMap(one =>
    one !== undefined && one.length < 256 ? [one] : [],
  )
  return { names, snapshots: snapshot !== undefined }
}

const decoded = (part: string | undefined): string | undefined => {
  try {
    return part === undefined ? undefined : decodeURIComponent(part)
  } catch {
    return undefined
  }
}
