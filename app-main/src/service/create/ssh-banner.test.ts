import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { speaksSsh } from './ssh-banner.ts'

const never = new AbortController().signal
let server: Server | undefined

const listening = async (greet: (socket: Socket) => void): Promise<number> => {
  const sockets = new Set<Socket>()
  server = createServer(socket => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    greet(socket)
  })
  server.once('close', () => undefined)
  await new Promise<void>(resolve => server?.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

afterEach(async () => {
  const ended = new Promise(resolve => (server ? server.close(resolve) : resolve(undefined)))
  server = undefined
  await ended
})

describe('an SSH server', () => {
  it('is known by its first words, also behind a greeting', async () => {
    const port = await listening(socket => void socket.write('Welcome\r\nSSH-2.0-OpenSSH_9.2p1\r\n'))
    expect(await speaksSsh('127.0.0.1', port, never)).toBe(true)
  })

  it.each([
    [
      'says something else',
      (socket: Socket) => void socket.write('HTTP/1.1 400 Bad Request\r\n\r\n', () => socket.end()),
    ],
    ['hangs up', (socket: Socket) => void socket.end()],
    ['never stops', (socket: Socket) => void socket.write('x'.repeat(100_000))],
  ])('is nobody who %s', async (_what, greet) => {
    expect(await speaksSsh('127.0.0.1', await listening(greet), never)).toBe(false)
  })

  it('is not waited for when it is silent or nobody wants to know', async () => {
    const port = await listening(() => undefined)
    expect(await speaksSsh('127.0.0.1', port, never, 50)).toBe(false)
    const stop = new AbortController()
    const asked = speaksSsh('127.0.0.1', port, stop.signal)
    stop.abort()
    expect(await asked).toBe(false)
    expect(await speaksSsh('127.0.0.1', 1, never)).toBe(false)
  })
})
