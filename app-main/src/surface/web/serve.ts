/** The browser surface: one HTTP server on loopback for one person. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { userInfo } from 'node:os'
import type { Duplex } from 'node:stream'
import { RemoteError } from '../../contract/index.ts'
import type { Dispatcher, Principal } from '../../dispatch/dispatcher.ts'
import { serveApi } from './api.ts'
import { DOWNLOAD_PATH, isAskedByPage, serveDownloads } from './download.ts'
import { cookieName, foreignHost, judge } from './guard.ts'
import { isOwnPeer } from './peer-user.ts'
import { sendJson, sendOn, sendRefusal } from './respond.ts'
import { Sessions } from './sessions.ts'
import { serveSockets } from './sockets.ts'
import { staticFiles } from './static-files.ts'

export interface ServeOptions {
  /** 0 or absent: any free one. */
  readonly port?: number
  /** The port to take when none is asked for, if it is free. */
  readonly preferredPort?: number | undefined
  /** A loopback address; `127.0.0.1` when absent. */
  readonly host?: string
  /** The built renderer. */
  readonly staticDir: string
  /** Look but change nothing. */
  readonly readOnly?: boolean
  /** The key of programs (`Authorization: Bearer`); random when absent. */
  readonly token?: string
  /** Signs sessions that outlive the server; random when absent. */
  readonly sessionSecret?: string | undefined
  /** How long a socket may leave open what stream it wants to be, in milliseconds. */
  readonly helloMs?: number
}

export interface WebServer {
  /** Opens a session once, then it is used up. */
  readonly url: string
  /**
   * The same for one more window. With `ownOnly` no other user of this computer can open it: for addresses that stand in
   * the arguments of a process, where everybody reads them.
   */
  freshUrl(options?: { ownOnly?: boolean }): string
  /** Where programs find it, without a token. */
  readonly origin: string
  readonly key: string
  /** Ends every connection. */
  close(): Promise<void>
}

const LOOPBACK = ['127.0.0.1', '::1', 'localhost']

const listen = (server: Server, port: number, host: string): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve((server.address() as AddressInfo).port)
    })
  })

const listenSomewhere = async (server: Server, options: ServeOptions, host: string): Promise<number> => {
  const { port, preferredPort = 0 } = options
  try {
    return await listen(server, port ?? preferredPort, host)
  } catch (error) {
    if (port !== undefined || preferredPort === 0) throw listenError(error, port ?? 0)
  }
  return listen(server, 0, host).catch((error: unknown) => {
    throw listenError(error, 0)
  })
}

const listenError = (error: unknown, port: number): RemoteError => {
  const inUse = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE'
  return new RemoteError(
    inUse
      ? { kind: 'precondition', message: `Port ${port} is in use.`, hint: 'Choose another one with --port.' }
      : { kind: 'internal', message: error instanceof Error ? error.message : 'The server could not start.' },
    { cause: error },
  )
}

/** Browsers fetch addresses ahead of their user; that must not use the token up. */
const isAhead = (request: IncomingMessage): boolean => /prefetch|prerender/.test(String(request.headers['sec-purpose']))

const cookieFor = (port: number, session: string): string =>
  `${cookieName(port)}=${session}; Path=/; HttpOnly; SameSite=Strict`

const openSession = async (
  sessions: Sessions,
  port: number,
  url: URL,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  if (request.method !== 'GET' || isAhead(request))
    return sendRefusal(request, response, 503, 'This address opens a session when a person visits it.')
  const session = await sessions.redeem(url.searchParams.get('token') ?? '', () => isOwnPeer(request.socket))
  if (session === undefined)
    return sendRefusal(
      request,
      response,
      401,
      'This address was already used, or never existed.',
      'Every address opens Vireo once. Run “npm start” or “vireo serve” again: it prints a fresh one.',
    )
  response.setHeader('set-cookie', cookieFor(port, session))
  // The cookie would not come along on a redirect from where another site sent the person.
  if (String(request.headers['sec-fetch-site']).endsWith('-site')) return sendOn(response, '/')
  response.writeHead(303, { location: '/', 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' })
  response.end()
}

interface Served {
  readonly port: number
  readonly origin: string
  readonly sessions: Sessions
  readonly freshUrl: WebServer['freshUrl']
}

const router = (dispatcher: Dispatcher, principal: Principal, options: ServeOptions, served: Served) => {
  const { port, origin, sessions, freshUrl } = served
  const api = serveApi(dispatcher, principal)
  const files = staticFiles(options.staticDir)
  const downloads = serveDownloads(dispatcher, principal)
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { headers, method, socket } = request
    const url = targetOf(request, origin)
    if (!url) return sendRefusal(request, response, 400, 'The address makes no sense.')
    if (url.pathname === '/' && url.searchParams.has('token') && !foreignHost(headers, port))
      return openSession(sessions, port, url, request, response)
    const active = method !== 'GET' && method !== 'HEAD'
    const verdict = await judge({ headers, port, active, isOwn: () => isOwnPeer(socket) }, sessions)
    if (!verdict.pass) return sendRefusal(request, response, verdict.status, verdict.message, verdict.hint)
    if (url.pathname === '/session' && method === 'POST' && verdict.by === 'key')
      return sendJson(response, 200, { url: freshUrl({ ownOnly: url.searchParams.has('own') }) })
    if (verdict.by === 'session' && verdict.renew)
      response.setHeader('set-cookie', cookieFor(port, sessions.newSession(verdict.renew)))
    if (url.pathname === DOWNLOAD_PATH)
      return verdict.by === 'key' || isAskedByPage(request)
        ? downloads(url, request, response)
        : sendRefusal(request, response, 403, 'A download begins in Vireo’s own window.')
    return url.pathname.startsWith('/api/')
      ? api(url.pathname, request, response)
      : files(url.pathname, request, response)
  }
}

type Connection = Duplex & { readonly remotePort?: number; readonly localPort?: number }

const upgrader =
  (sockets: ReturnType<typeof serveSockets>, { port, origin, sessions }: Served) =>
  async (request: IncomingMessage, connection: Connection, head: Buffer): Promise<void> => {
    // Who vanishes while being judged is nobody's concern.
    connection.on('error', () => {})
    const url = targetOf(request, origin)
    const isOwn = () => isOwnPeer(connection)
    const verdict = await judge({ headers: request.headers, port, active: true, isOwn }, sessions)
    const known = url && (url.pathname === '/events' || url.pathname.startsWith('/stream/'))
    if (verdict.pass && url && known) return sockets.accept(url, request, connection, head)
    const status = verdict.pass ? '404 Not Found' : verdict.status === 401 ? '401 Unauthorized' : '403 Forbidden'
    connection.end(`HTTP/1.1 ${status}\r\nconnection: close\r\n\r\n`)
  }

const targetOf = (request: IncomingMessage, origin: string): URL | undefined => {
  const target = request.url ?? ''
  // An absolute or protocol-relative target would name a host of its own.
  return target.startsWith('/') && !target.startsWith('//') ? (URL.parse(target, origin) ?? undefined) : undefined
}

/** Starts the server. Rejects with a RemoteError when the port is taken or the host is not loopback. */
export const serve = async (dispatcher: Dispatcher, options: ServeOptions): Promise<WebServer> => {
  const host = options.host ?? '127.0.0.1'
  if (!LOOPBACK.includes(host))
    throw new RemoteError({ kind: 'unsupported', message: `Vireo serves only this computer, not ${host}.` })
  const principal: Principal = {
    surface: 'browser',
    name: userInfo().username,
    ...(options.readOnly !== undefined && { readOnly: options.readOnly }),
  }
  const sockets = serveSockets(dispatcher, principal, options.helloMs)
  const server = createServer()
  const port = await listenSomewhere(server, options, host)
  const origin = `http://${host === '::1' ? '[::1]' : host}:${port}`
  const sessions = new Sessions({
    key: options.token,
    secret: options.sessionSecret,
    // A session of a window that may only look opens no other server of the same user.
    purpose: `${port} ${options.readOnly ? 'look' : 'all'}`,
  })
  const freshUrl: WebServer['freshUrl'] = which => `${origin}/?token=${sessions.newToken(which)}`
  const served = { port, origin, sessions, freshUrl }
  const route = router(dispatcher, principal, options, served)
  const upgrade = upgrader(sockets, served)
  server.on('request', (request, response) => {
    route(request, response).catch(() => response.destroy())
  })
  server.on('upgrade', (request: IncomingMessage, connection: Duplex, head: Buffer) => {
    upgrade(request, connection, head).catch(() => connection.destroy())
  })
  return {
    url: freshUrl(),
    freshUrl,
    origin,
    key: sessions.key,
    async close() {
      sockets.close()
      const closed = new Promise<void>(resolve => server.close(() => resolve()))
      server.closeAllConnections()
      await closed
    },
  }
}
