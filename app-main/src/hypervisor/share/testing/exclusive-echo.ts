/** An echo line that serves one client at a time, as a hypervisor's console does. */
import { createInterface } from 'node:readline'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { once } from 'node:events'
import type { Duplex } from 'node:stream'
import { RemoteError } from '../../../contract/index.ts'
import type { OpenRaw } from '../shared-lines.ts'

/** Listens on `path`; answers each line `x` with `echo x`, and remembers it. */
export const exclusiveEcho = async (path: string): Promise<Server & { hangUp(): void; heard: string[] }> => {
  const heard: string[] = []
  let holder: Socket | null = null
  const server = createServer(socket => {
    socket.on('error', () => socket.destroy())
    socket.once('data', first => {
      const force = first.toString() === 'force\n'
      if (holder !== null && !force) {
        socket.end('busy\n')
        return
      }
      holder?.destroy()
      holder = socket
      socket.write('open\n')
      const lines = createInterface({ input: socket })
      lines.on('error', () => socket.destroy())
      lines.on('line', text => {
        heard.push(text)
        socket.write(`echo ${text}\n`)
      })
      socket.on('close', () => {
        if (holder === socket) holder = null
      })
    })
  })
  server.listen(path)
  await once(server, 'listening')
  return Object.assign(server, { hangUp: () => void holder?.end(), heard })
}

/** Opens the line behind `path`, in any process. */
export const openEcho =
  (path: string): OpenRaw =>
  async ({ force }): Promise<Duplex> => {
    const socket = connect(path)
    await once(socket, 'connect')
    socket.write(force ? 'force\n' : 'ask\n')
    const [answer] = (await once(socket, 'data')) as [Buffer]
    if (answer.toString() === 'open\n') return socket
    socket.destroy()
    throw new RemoteError({ kind: 'busy', message: 'The line is in use.', holder: 'another program' })
  }
