/** A web server of files for tests: ranges as real ones do them, and every fault that one asks for. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Served {
  body: Buffer
  etag?: string
  type?: string
  /** Sent instead of everything else. */
  answer?: (request: IncomingMessage, response: ServerResponse) => void
  /** Breaks the connection after so many bytes of each answer. */
  breakAfter?: number
  /** Says nothing more after so many bytes. */
  stallAfter?: number
  /** Sends no length and no ranges. */
  chunked?: boolean
  ignoreRange?: boolean
  /** Waits for this before it sends the body. */
  gate?: Promise<void>
}

export interface FileServer extends AsyncDisposable {
  readonly origin: string
  readonly files: Map<string, Served>
  /** `GET /path bytes=…` of each request. */
  readonly requests: string[]
  put(path: string, body: Buffer | string, more?: Omit<Served, 'body'>): Served
}

const send = async (file: Served, request: IncomingMessage, response: ServerResponse): Promise<void> => {
  if (file.answer) return file.answer(request, response)
  const { body, etag, type = 'application/octet-stream' } = file
  const headers: Record<string, string | number> = { 'content-type': type, ...(etag === undefined ? {} : { etag }) }
  const [, from] = /^bytes=(\d+)-$/.exec(request.headers.range ?? '') ?? []
  const same = request.headers['if-range'] === undefined || request.headers['if-range'] === etag
  const ranged = from !== undefined && same && file.ignoreRange !== true && file.chunked !== true
  const start = ranged ? Number(from) : 0
  if (start >= body.length && ranged) {
    response.writeHead(416, { 'content-range': `bytes */${body.length}` }).end()
    return
  }
  const part = body.subarray(start)
  if (ranged) headers['content-range'] = `bytes ${start}-${body.length - 1}/${body.length}`
  if (file.chunked !== true) headers['content-length'] = part.length
  response.writeHead(ranged ? 206 : 200, headers)
  response.flushHeaders()
  await file.gate
  const most = file.breakAfter ?? file.stallAfter
  if (most === undefined) response.end(part)
  // An end, not a reset: that would take what was sent with it.
  else response.write(part.subarray(0, most), () => file.breakAfter !== undefined && response.socket?.end())
}

/** Listens on a free loopback port until it is disposed of. */
export const fileServer = async (): Promise<FileServer> => {
  const files = new Map<string, Served>()
  const requests: string[] = []
  const server = createServer((request, response) => {
    const path = request.url ?? '/'
    requests.push(`${request.method} ${path}${request.headers.range ? ` ${request.headers.range}` : ''}`)
    const file = files.get(path)
    if (file) void send(file, request, response)
    else response.writeHead(404).end('no')
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ...{ files, requests },
    put(path, body, more = {}) {
      const served = { body: Buffer.from(body), ...more }
      files.set(path, served)
      return served
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
}
