/** The bridge of the browser surface: fetch for calls, one WebSocket for events, one for each byte stream. */
import { RemoteError, bytePipe, changesNothing, encodeHello } from '@vireo/app-main/contract'
import type { AppError, ByteStream, ContractDescription, Reply } from '@vireo/app-main/contract'
import type { Bridge } from './bridge.ts'
import { eventSocket } from './event-socket.ts'
import { socketPipe } from './socket-pipe.ts'

const GONE: AppError = {
  kind: 'connection',
  trouble: 'lost',
  message: 'The Vireo server does not answer.',
  hint: 'Start it again with “npm start” or “vireo serve”.',
}

const isAppError = (value: unknown): value is AppError =>
  typeof value === 'object' && value !== null && 'kind' in value && 'message' in value

const failure = (status: number, body: unknown): AppError => {
  const error = typeof body === 'object' && body !== null && 'error' in body ? body.error : undefined
  return isAppError(error)
    ? error
    : { kind: 'internal', message: `The Vireo server answered with HTTP status ${status}.` }
}

/** Milliseconds before a request is made again: what changed the network has passed by then. */
const AGAIN_MS = 150

/** What became of one attempt; null when no whole answer came, and so nobody knows what the server did. */
const attempt = async (path: string, init?: RequestInit): Promise<Reply | null> => {
  try {
    const response = await fetch(path, { credentials: 'same-origin', ...init })
    const body: unknown = await response.json()
    return response.ok ? { ok: true, value: body } : { ok: false, error: failure(response.status, body) }
  } catch {
    return null
  }
}

/**
 * Chromium cuts every request under way when a network interface comes or goes, and with a machine its tap device does. What
 * only reads is asked once more; `mayRepeat` is consulted only then.
 */
const request = async (path: string, mayRepeat: () => Promise<boolean>, init?: RequestInit): Promise<Reply> => {
  const first = await attempt(path, init)
  if (first) return first
  await new Promise(resolve => setTimeout(resolve, AGAIN_MS))
  const second = (await mayRepeat()) ? await attempt(path, init) : null
  return second ?? { ok: false, error: GONE }
}

const always = () => Promise.resolve(true)

/** The contract as the server tells it, and from it which calls only read. Failures are not kept. */
const contractOf = (origin: string) => {
  let reads: ReadonlySet<string> | undefined
  const describe = async (): Promise<ContractDescription> => {
    const reply = await request(`${origin}/api/v1/contract.json`, always)
    if (!reply.ok) throw new RemoteError(reply.error)
    const entries = reply.value as ContractDescription
    const reading = entries.filter(({ kind, effect }) => kind === 'call' && changesNothing(effect))
    reads = new Set(reading.map(({ room, name }) => `${room}.${name}`))
    return entries
  }
  const isRead = async (room: string, name: string): Promise<boolean> => {
    if (!reads) await describe().catch(() => undefined)
    return reads?.has(`${room}.${name}`) ?? false
  }
  return { describe, isRead }
}

const openStream = async (origin: string, room: string, name: string, input: unknown): Promise<ByteStream> => {
  const hello = encodeHello(input)
  const socket = new WebSocket(`${origin}/stream/${encodeURIComponent(room)}/${encodeURIComponent(name)}`)
  socket.addEventListener('open', () => socket.send(hello))
  const pipe = bytePipe(socketPipe(socket), 'client')
  const refused = await Promise.race([pipe.opened.then(() => null), pipe.closed.then(error => error ?? GONE)])
  if (refused) throw new RemoteError(refused)
  return pipe
}

/** `origin` is the page's own; WebSockets follow its scheme. */
export const createWebBridge = (origin: string = location.origin): Bridge => {
  const webSocketOrigin = origin.replace(/^http/, 'ws')
  const events = eventSocket(`${webSocketOrigin}/events`)
  const contract = contractOf(origin)
  return {
    async invoke(room, name, input) {
      // Events first: what a list answers must not be older than the first event that follows it.
      await events.settled
      const path = `${origin}/api/v1/${encodeURIComponent(room)}/${encodeURIComponent(name)}`
      return request(path, () => contract.isRead(room, name), {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(input ?? {}),
      })
    },
    subscribe: events.subscribe,
    openStream: (room, name, input) => openStream(webSocketOrigin, room, name, input),
    describe: contract.describe,
    online: events.online,
  }
}
