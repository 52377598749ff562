/** The bridge of the browser surface: fetch for calls, one WebSocket for events, one for each byte stream. */
import { RemoteError, bytePipe } from '@vireo/app-main/contract'
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

const request = async (path: string, init?: RequestInit): Promise<Reply> => {
  try {
    const response = await fetch(path, { credentials: 'same-origin', ...init })
    const body: unknown = await response.json()
    return response.ok ? { ok: true, value: body } : { ok: false, error: failure(response.status, body) }
  } catch {
    return { ok: false, error: GONE }
  }
}

const openStream = async (origin: string, room: string, name: string, input: unknown): Promise<ByteStream> => {
  const query = encodeURIComponent(JSON.stringify(input ?? {}))
  const socket = new WebSocket(
    `${origin}/stream/${encodeURIComponent(room)}/${encodeURIComponent(name)}?input=${query}`,
  )
  const pipe = bytePipe(socketPipe(socket), 'client')
  const refused = await Promise.race([pipe.opened.then(() => null), pipe.closed.then(error => error ?? GONE)])
  if (refused) throw new RemoteError(refused)
  return pipe
}

/** `origin` is the page's own; WebSockets follow its scheme. */
export const createWebBridge = (origin: string = location.origin): Bridge => {
  const webSocketOrigin = origin.replace(/^http/, 'ws')
  const events = eventSocket(`${webSocketOrigin}/events`)
  return {
    async invoke(room, name, input) {
      // Events first: what a list answers must not be older than the first event that follows it.
      await events.settled
      return request(`${origin}/api/v1/${encodeURIComponent(room)}/${encodeURIComponent(name)}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(input ?? {}),
      })
    },
    subscribe: events.subscribe,
    openStream: (room, name, input) => openStream(webSocketOrigin, room, name, input),
    async describe() {
      const reply = await request(`${origin}/api/v1/contract.json`)
      if (!reply.ok) throw new RemoteError(reply.error)
      return reply.value as ContractDescription
    },
    online: events.online,
  }
}
