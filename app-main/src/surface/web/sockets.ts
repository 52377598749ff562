/** WebSockets: one of events per window, one per byte stream. */
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer, type RawData, type WebSocket } from 'ws'
import { bytePipe, HELLO_LIMIT, parseHello, WINDOW, type AppError } from '../../contract/index.ts'
import type { Dispatcher, Principal } from '../../dispatch/dispatcher.ts'
import { giveUp, joinDuplex } from '../../dispatch/pipe-duplex.ts'
import { entryOf } from './api.ts'
import { feedEvents } from './event-feed.ts'
import { socketPipe, textOf } from './socket-pipe.ts'

/** Milliseconds between heartbeats; a peer that missed one is gone. Rare: on this computer only a stopped program is silent. */
const HEARTBEAT_MS = 120_000
/** Windows and streams together; a person has a handful. */
const SOCKET_LIMIT = 256
/** How long a socket may stand open without having said what it wants to be, in milliseconds. */
const HELLO_MS = 10_000
const IN_ADDRESS = 'A stream’s input is its first message and never part of its address.'

interface Served {
  readonly dispatcher: Dispatcher
  readonly principal: Principal
  readonly helloMs: number
}

const refuse = (socket: WebSocket, error: AppError): void => bytePipe(socketPipe(socket), 'server').end(error)

const openStream = async (
  { dispatcher, principal }: Served,
  { room, name }: { readonly room: string; readonly name: string },
  input: unknown,
  socket: WebSocket,
): Promise<void> => {
  const pipe = bytePipe(socketPipe(socket), 'server')
  let gone = false
  void pipe.closed.then(() => (gone = true))
  const opened = await dispatcher.open(principal, room, name, input)
  if (!opened.ok) return pipe.end(opened.error)
  if (gone) return giveUp(opened.stream)
  return joinDuplex(pipe, opened.stream)
}

/** Waits for the input, which is the socket's first message; nobody may keep a socket open without it. */
const serveStream = (served: Served, url: URL, socket: WebSocket): void => {
  const entry = entryOf(url.pathname, '/stream/')
  if (!entry) return refuse(socket, { kind: 'not-found', message: 'There is no stream at this address.' })
  if (url.searchParams.has('input')) return refuse(socket, { kind: 'invalid-input', message: IN_ADDRESS })
  const late = setTimeout(() => {
    socket.off('message', first)
    refuse(socket, { kind: 'timeout', message: 'Nobody said what the stream is to be.' })
  }, served.helloMs)
  const first = (data: RawData, isBinary: boolean): void => {
    clearTimeout(late)
    const hello = parseHello(isBinary ? undefined : textOf(data))
    if (hello.ok) void openStream(served, entry, hello.input, socket)
    else refuse(socket, { kind: 'invalid-input', message: hello.message })
  }
  socket.once('message', first).once('close', () => clearTimeout(late))
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

export const serveSockets = (dispatcher: Dispatcher, principal: Principal, helloMs = HELLO_MS) => {
  const served: Served = { dispatcher, principal, helloMs }
  const maxPayload = Math.max(WINDOW, HELLO_LIMIT)
  const server = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload })
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
        else serveStream(served, url, socket)
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
