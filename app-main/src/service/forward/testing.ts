/** Two ends for tests of what stands between. */
import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'

export interface Guest extends AsyncDisposable {
  readonly port: number
  readonly sockets: readonly Socket[]
}

const portOf = (server: Server): number => (server.address() as AddressInfo).port

/** A server in the place of a machine. */
export const guestAt = async (host: string, serve: (socket: Socket) => void, port = 0): Promise<Guest> => {
  const sockets: Socket[] = []
  const server = createServer({ allowHalfOpen: true }, socket => {
    sockets.push(socket)
    socket.on('error', () => undefined)
    serve(socket)
  })
  server.listen(port, host)
  await once(server, 'listening')
  return {
    port: portOf(server),
    sockets,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

/** Says who it is, then what it hears. */
export const echo =
  (name = '') =>
  (socket: Socket): void => {
    if (name !== '') socket.write(`${name}\n`)
    socket.pipe(socket)
  }

export const clientOf = (port: number, host = '127.0.0.1'): Socket => {
  const socket = connect({ port, host, allowHalfOpen: true })
  socket.on('error', () => undefined)
  return socket
}

/** How a connection ended: everything it said, and the error's code. */
export const endOf = async (socket: Socket): Promise<{ text: string; code: string | null }> => {
  const chunks: Buffer[] = []
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  socket.on('end', () => socket.end())
  if (!socket.closed) await new Promise<void>(resolve => socket.once('close', () => resolve()))
  const { errored } = socket
  const code = errored !== null && 'code' in errored && typeof errored.code === 'string' ? errored.code : null
  return { text: Buffer.concat(chunks).toString(), code }
}

/** The first line that it says. */
export const lineOf = async (socket: Socket): Promise<string> => {
  let text = ''
  for await (const [chunk] of chunksOf(socket)) {
    text += String(chunk)
    if (text.includes('\n')) break
  }
  return text.slice(0, text.indexOf('\n'))
}

// Unlike the stream's own iterator it leaves the connection open.
const chunksOf = async function* (socket: Socket): AsyncGenerator<unknown[]> {
  for (;;) yield await once(socket, 'data')
}

/** A port that was free a moment ago. */
export const freePort = async (): Promise<number> => {
  await using guest = await guestAt('127.0.0.1', () => undefined)
  return guest.port
}
