import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Duplex, PassThrough } from 'node:stream'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { bytePipe, encodeHello, HELLO_LIMIT, WINDOW } from '../../contract/index.ts'
import { feedEvents, TOO_SLOW } from './event-feed.ts'
import { serve, type WebServer } from './serve.ts'
import { socketPipe } from './socket-pipe.ts'
import { testDispatcher, type TestDispatcher } from './testing.ts'

let root: string
let server: WebServer
let dispatcher: TestDispatcher
let cookie: string

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'vireo-sockets-'))
  dispatcher = testDispatcher()
  server = await serve(dispatcher, { staticDir: root })
  const answer = await fetch(server.url, { redirect: 'manual' })
  cookie = (answer.headers.get('set-cookie') ?? '').split(';')[0] ?? ''
})

afterEach(async () => {
  await server.close()
  await rm(root, { recursive: true, maxRetries: 5 })
})

const connect = (path: string, headers: Record<string, string> = {}) =>
  new WebSocket(server.origin.replace('http', 'ws') + path, {
    headers: { cookie, origin: server.origin, ...headers },
  })

const HELLO = encodeHello({})

/** Opens a stream; `first` is what the socket says first. */
const stream = (path: string, first: string | Buffer = HELLO) => {
  const socket = connect(path)
  socket.once('open', () => socket.send(first))
  return { socket, pipe: bytePipe(socketPipe(socket), 'client') }
}

/** The HTTP status with which an upgrade was refused, or 101. */
const upgradeStatus = (socket: WebSocket): Promise<number> =>
  new Promise((resolve, reject) => {
    socket.on('open', () => resolve(101))
    socket.on('unexpected-response', (_request, response) => {
      resolve(response.statusCode ?? 0)
      socket.terminate()
    })
    socket.on('error', reject)
  })

const opened = (socket: WebSocket) => new Promise(resolve => socket.once('open', resolve))
const message = (socket: WebSocket) =>
  new Promise<unknown>(resolve => socket.once('message', data => resolve(JSON.parse((data as Buffer).toString()))))

test('a WebSocket without session, from another origin or to another host is refused', async () => {
  for (const path of ['/events', '/stream/domain/serial']) {
    expect(await upgradeStatus(connect(path, { cookie: '' }))).toBe(401)
    expect(await upgradeStatus(connect(path, { cookie: 'vireo=x' }))).toBe(401)
    expect(await upgradeStatus(connect(path, { origin: 'http://evil.example' }))).toBe(403)
    expect(await upgradeStatus(connect(path, { host: 'evil.example' }))).toBe(403)
  }
  const noOrigin = new WebSocket(`${server.origin.replace('http', 'ws')}/events`, { headers: { cookie } })
  expect(await upgradeStatus(noOrigin)).toBe(403)
  expect(await upgradeStatus(connect('/elsewhere'))).toBe(404)
})

test('an event reaches every window', async () => {
  const windows = [connect('/events'), connect('/events')]
  await Promise.all(windows.map(opened))
  const heard = Promise.all(windows.map(message))
  const event = { room: 'domain', name: 'changed', payload: { removed: ['a'] } }
  dispatcher.publish(event)
  expect(await heard).toEqual([event, event])
  for (const window of windows) window.terminate()
})

test('a window that does not keep up is cut off and hears no more', () => {
  const sent: string[] = []
  const closedWith: number[] = []
  const slow = {
    bufferedAmount: 0,
    send: (text: string) => void sent.push(text),
    close: (code: number) => void closedWith.push(code),
    terminate() {},
    on() {},
  }
  feedEvents(dispatcher, slow, 100)
  dispatcher.publish({ room: 'domain', name: 'changed', payload: 1 })
  slow.bufferedAmount = 101
  dispatcher.publish({ room: 'domain', name: 'changed', payload: 2 })
  slow.bufferedAmount = 0
  dispatcher.publish({ room: 'domain', name: 'changed', payload: 3 })
  expect(sent).toHaveLength(1)
  expect(closedWith).toEqual([TOO_SLOW])
})

test('a stream that cannot be opened ends with the reason', async () => {
  for (const [path, kind] of [
    ['/stream/domain/nothing', 'not-found'],
    ['/stream/__proto__/toString', 'not-found'],
    ['/stream/domain', 'not-found'],
    ['/stream/domain/serial?input={}', 'invalid-input'],
  ] as const) {
    await expect(stream(path).pipe.closed).resolves.toMatchObject({ kind })
  }
})

test('the input is the first message, however long a script it holds', async () => {
  dispatcher.makeStream = () => new PassThrough()
  const script = 'echo "one line of many"\n'.repeat(13_000)
  expect(script.length).toBeGreaterThan(300_000)
  const { pipe, socket } = stream('/stream/domain/serial', encodeHello({ id: 'a', spec: { shell: script } }))
  await pipe.opened
  expect(dispatcher.opened).toEqual([{ id: 'a', spec: { shell: script } }])
  expect(socket.url).not.toContain('?')
  pipe.close()
})

test.each([
  ['no JSON', '{"t":"hel'],
  ['no hello', '{"t":"open"}'],
  ['no object', '"hello"'],
  ['bytes', Buffer.from(HELLO)],
])('a first message that is %s ends the stream with the reason, and opens nothing', async (_what, first) => {
  dispatcher.makeStream = () => new PassThrough()
  await expect(stream('/stream/domain/serial', first).pipe.closed).resolves.toMatchObject({ kind: 'invalid-input' })
  expect(dispatcher.opened).toEqual([])
})

test('a first message beyond the limit closes the socket', async () => {
  const { socket, pipe } = stream('/stream/domain/serial', JSON.stringify('x'.repeat(HELLO_LIMIT)))
  const code = new Promise(resolve => socket.once('close', resolve))
  expect(await code).toBe(1009)
  await expect(pipe.closed).resolves.toMatchObject({ kind: 'connection' })
})

test('who never says what the stream is to be is sent away', async () => {
  const impatient = await serve(dispatcher, { staticDir: root, helloMs: 30, token: 'k' })
  const socket = new WebSocket(`${impatient.origin.replace('http', 'ws')}/stream/domain/serial`, {
    headers: { authorization: 'Bearer k' },
  })
  const pipe = bytePipe(socketPipe(socket), 'client')
  await expect(pipe.closed).resolves.toMatchObject({ kind: 'timeout' })
  expect(dispatcher.opened).toEqual([])
  await impatient.close()
})

test('bytes travel to a stream and back, and closing it lets the stream go', async () => {
  const far = new PassThrough()
  dispatcher.makeStream = () => far
  const { pipe } = stream('/stream/domain/serial')
  await pipe.opened
  const echoed = new Promise<string>(resolve =>
    pipe.onData((bytes, done) => (done(), resolve(String(Buffer.from(bytes))))),
  )
  await pipe.write(Buffer.from('ping'))
  await expect(echoed).resolves.toBe('ping')
  const gone = new Promise(resolve => far.once('close', resolve))
  pipe.close()
  await gone
})

test('a client that reads nothing makes a flooding stream wait', async () => {
  let produced = 0
  dispatcher.makeStream = () =>
    new Duplex({
      read() {
        produced += 65_536
        setImmediate(() => this.push(Buffer.alloc(65_536)))
      },
      write: (_bytes, _encoding, done) => done(),
    })
  const { pipe } = stream('/stream/domain/serial')
  await pipe.opened
  let release = () => {}
  const first = new Promise<void>(resolve =>
    pipe.onData((_bytes, done) => {
      release = done
      resolve()
    }),
  )
  await first
  // Until the flood stands still: two looks in a row find the same count.
  for (let before = -1; before !== produced;) {
    before = produced
    await new Promise(resolve => setTimeout(resolve, 50))
  }
  expect(produced).toBeLessThanOrEqual(2 * WINDOW)
  const held = produced
  release()
  while (produced === held) await new Promise(resolve => setTimeout(resolve, 5))
  pipe.close()
})

test('a client that breaks the protocol is cut off and its stream let go', async () => {
  const far = new PassThrough()
  dispatcher.makeStream = () => far
  const { socket, pipe } = stream('/stream/domain/serial')
  await pipe.opened
  const gone = new Promise(resolve => far.once('close', resolve))
  socket.send('{"t":"ack","bytes":99}')
  await gone
  await expect(pipe.closed).resolves.toMatchObject({ kind: 'refused' })
})

test('a message longer than any that may come closes the socket', async () => {
  dispatcher.makeStream = () => new PassThrough()
  const { socket, pipe } = stream('/stream/domain/serial')
  await pipe.opened
  const code = new Promise(resolve => socket.once('close', resolve))
  socket.send(Buffer.alloc(HELLO_LIMIT + 1))
  expect(await code).toBe(1009)
})

test('closing the server ends windows and streams', async () => {
  const far = new PassThrough()
  dispatcher.makeStream = () => far
  const events = connect('/events')
  await opened(events)
  const { pipe } = stream('/stream/domain/serial')
  await pipe.opened
  const ended = new Promise(resolve => events.once('close', resolve))
  const gone = new Promise(resolve => far.once('close', resolve))
  await server.close()
  expect(await ended).toBe(1001)
  await expect(pipe.closed).resolves.toMatchObject({ kind: 'connection' })
  await gone
  server = await serve(dispatcher, { staticDir: root })
})
