/** WebSockets: one of events per window, one per byte stream. */
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer, type WebSocket } from 'ws'
import { bytePipe, WINDOW } from '../../contract/index.ts'
import type { Dispatcher, Principal } from '../../dispatch/dispatcher.ts'
import { joinDuplex } from '../../dispatch/pipe-duplex.ts'
import { entryOf } from './api.ts'
import { feedEvents } from './event-feed.ts'
import { socketPipe } from './socket-pipe.ts'

/** Milliseconds between heartbeats; a peer that missed one is gone. Rare: on this computer only a stopped program is silent. */
const HEARTBEAT_MS = 120_000
/** Windows and streams together; a person has a handful. */
const SOCKET_LIMIT = 256

const parseInput = (url: URL): { ok: true; input: unknown } | { ok: false } => {
  try {
    return { ok: true, input: JSON.parse(url.searchParams.get('input') ?? '{}') as unknown }
  } catch {
    return { ok: false }
  }
}

const serveStream = async (dispatcher: Dispatcher, principal: Principal, url: URL, socket: WebSocket) => {
  const pipe = bytePipe(socketPipe(socket), 'server')
  const entry = entryOf(url.pathname, '/stream/')
  if (!entry) return pipe.end({ kind: 'not-found', message: 'There is no stream at this address.' })
  const parsed = parseInput(url)
  if (!parsed.ok) return pipe.end({ kind: 'invalid-input', message: 'The input is not JSON.' })
  let gone = false
  void pipe.closed.then(() => (gone = true))
  const opened = await dispatcher.open(principal, entry.room, entry.name, parsed.input)
  if (!opened.ok) return pipe.end(opened.error)
  if (gone) return void opened.stream.destroy()
  return joinDuplex(pipe, opened.stream)
}

/** Ends connections whose other side vanished without a word. */
const heartbeat = (server: WebSocketServer): NodeJS.Timeout => {
  const waiting = new WeakSet<WebSocket>()
  return setInterval(() => {
    for (const socket of server.clients) {
      if (waiting.has(socket)) {
        socket.terminate()
        continue
      }
      waiting.add(socket)
      socket.once('pong', () => waiting.delete(socket))
      socket.ping()
    }
  }, HEARTBEAT_MS).unref()
}

export const serveSockets = (dispatcher: Dispatcher, principal: Principal) => {
  const server = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: WINDOW })
  const timer = heartbeat(server)
  return {
    /** The caller has checked who asks. */
    accept(url: URL, request: IncomingMessage, connection: Duplex, head: Buffer): void {
      if (server.clients.size >= SOCKET_LIMIT) {
        connection.end('HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\n\r\n')
        return
      }
      server.handleUpgrade(request, connection, head, socket => {
        // A broken frame closes the socket by itself; the close is what anybody listens to.
        socket.on('error', () => {})
        if (url.pathname === '/events') feedEvents(dispatcher, socket)
        else void serveStream(dispatcher, principal, url, socket)
      })
    },
    close(): void {
      clearInterval(timer)
      for (const socket of server.clients) {
        socket.close(1001, 'going away')
        setTimeout(() => socket.terminate(), 500).unref()
      }
      server.close()
    },
  }
}
