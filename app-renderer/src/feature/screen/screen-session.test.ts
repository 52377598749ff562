import { type AppError, RemoteError } from '@vireo/app-main/contract'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { MemoryStream } from '../console/memory-stream.ts'
import { ScreenSession, type ScreenSource } from './screen-session.ts'
import { HANDSHAKE_MS } from './screen-state.ts'

const ascii = (text: string) => new TextEncoder().encode(text)
const VERSION = ascii('RFB 003.008\n')
const NO_AUTH = Uint8Array.of(1, 1)
const VNC_AUTH = Uint8Array.of(1, 2)
const OK = Uint8Array.of(0, 0, 0, 0)
const serverInit = (name: string) => {
  const text = ascii(name)
  const head = [0, 64, 0, 48, 32, 24, 0, 1, 0, 255, 0, 255, 0, 255, 16, 8, 0, 0, 0, 0]
  return Uint8Array.of(...head, 0, 0, text.length >> 8, text.length & 255, ...text)
}

let session: ScreenSession
let canvas: { mockRestore(): void }
let streams: MemoryStream[]
let source: { [K in keyof ScreenSource]: ReturnType<typeof vi.fn<ScreenSource[K]>> }
const stream = () => streams.at(-1) ?? expect.fail('no stream was opened')
const turn = () => vi.advanceTimersByTimeAsync(0)
const state = () => session.snapshot.state

beforeEach(() => {
  vi.useFakeTimers()
  // happy-dom has no canvas; what is drawn is the browser specs' business.
  const context = new Proxy({}, { get: () => () => ({ data: [] }), set: () => true })
  canvas = vi.spyOn(HTMLCanvasElement.prototype, 'getContext').mockReturnValue(context as never)
  streams = []
  source = {
    open: vi.fn(async () => {
      streams.push(new MemoryStream())
      return stream()
    }),
    password: vi.fn(async () => null),
    onClipboard: vi.fn(),
  }
  const target = document.createElement('div')
  document.body.append(target)
  session = new ScreenSession(target, source)
})
afterEach(() => {
  session.dispose()
  canvas.mockRestore()
  vi.useRealTimers()
  document.body.replaceChildren()
})

const say = async (...messages: Uint8Array[]) => {
  for (const message of messages) stream().push(message)
  await turn()
}
const start = async () => {
  session.setAlive(true)
  await turn()
}
const connect = async (name = 'desktop') => {
  await start()
  await say(VERSION, NO_AUTH, OK, serverInit(name))
}

test('connects while the machine runs and lets go when it stops', async () => {
  await connect()
  expect(state()).toEqual({ kind: 'connected' })
  expect(session.snapshot.size).toEqual({ width: 64, height: 48 })
  session.setAlive(false)
  expect(state()).toEqual({ kind: 'off' })
  expect(stream().isClosed).toBe(true)
})

test('a dropped stream is opened again with growing pauses while the machine runs', async () => {
  await connect()
  stream().fail({ kind: 'connection', trouble: 'lost', message: 'gone' })
  await turn()
  expect(state()).toMatchObject({ kind: 'waiting', attempt: 0 })
  source.open.mockRejectedValue(new RemoteError({ kind: 'timeout', message: 'slow' }))
  await vi.advanceTimersByTimeAsync(500)
  expect(source.open).toHaveBeenCalledTimes(2)
  expect(state()).toMatchObject({ kind: 'waiting', attempt: 1, error: { message: 'slow' } })
  await vi.advanceTimersByTimeAsync(999)
  expect(source.open).toHaveBeenCalledTimes(2)
  await vi.advanceTimersByTimeAsync(1)
  expect(source.open).toHaveBeenCalledTimes(3)
})

test('a machine that stopped is not asked again until it runs', async () => {
  await connect()
  stream().fail(undefined)
  session.setAlive(false)
  await vi.advanceTimersByTimeAsync(60_000)
  expect(source.open).toHaveBeenCalledTimes(1)
  await connect()
  expect(state()).toEqual({ kind: 'connected' })
})

test.each<AppError>([
  { kind: 'permission', message: 'read-only' },
  { kind: 'unsupported', message: 'SPICE only' },
  { kind: 'not-found', message: 'gone' },
])('a failure of kind $kind waits for a person', async error => {
  source.open.mockRejectedValue(new RemoteError(error))
  await start()
  await vi.advanceTimersByTimeAsync(60_000)
  expect(state()).toEqual({ kind: 'failed', error })
  expect(source.open).toHaveBeenCalledTimes(1)
})

test('garbage instead of VNC is a typed failure, not a crash, and closes the stream', async () => {
  await start()
  await say(ascii('HTTP/1.1 200 OK\r\n\r\n<script>'))
  expect(state()).toMatchObject({ kind: 'failed', error: { kind: 'refused' } })
  expect(stream().isClosed).toBe(true)
  session.retry()
  await turn()
  expect(state()).toEqual({ kind: 'open' })
})

test.each([
  ['an unknown message', Uint8Array.of(77, 1, 2, 3)],
  ['an unknown encoding', Uint8Array.of(0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0, 1, 0x11, 0x22, 0x33, 0x44)],
  ['a colour map nobody asked for', Uint8Array.of(1, 0, 0, 0, 0, 1)],
  ['a broken zlib stream', Uint8Array.of(0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 6, 0, 0, 0, 2, 255, 255)],
])('%s after the handshake is a typed failure', async (_, bytes) => {
  await connect()
  await say(bytes)
  expect(state()).toMatchObject({ kind: 'failed', error: { kind: 'refused' } })
})

test('a desktop name is bounded text, whatever it holds', async () => {
  await connect(`<img src=x onerror=alert(1)>\u0007${'x'.repeat(5000)}`)
  expect(session.snapshot.name).toMatch(/^<img src=x onerror=alert\(1\)> x+$/)
  expect(session.snapshot.name?.length).toBeLessThanOrEqual(200)
  expect(document.querySelector('img')).toBeNull()
})

test('the password that the host knows is used without asking', async () => {
  source.password.mockResolvedValue('secret')
  await start()
  await say(VERSION, VNC_AUTH, new Uint8Array(16))
  expect(source.password).toHaveBeenCalledTimes(1)
  expect(stream().written.at(-1)).toHaveLength(16)
  await say(OK, serverInit('x'))
  expect(state()).toEqual({ kind: 'connected' })
})

test('a wrong password is asked for again, on a new connection', async () => {
  await start()
  await say(VERSION, VNC_AUTH, new Uint8Array(16))
  expect(state()).toEqual({ kind: 'password', wrong: false, user: false })
  session.givePassword({ password: 'wrong' })
  await say(Uint8Array.of(0, 0, 0, 1), Uint8Array.of(0, 0, 0, 2, 110, 111))
  expect(streams).toHaveLength(2)
  await say(VERSION, VNC_AUTH, new Uint8Array(16))
  expect(state()).toEqual({ kind: 'password', wrong: true, user: false })
})

test('a server that refuses everybody is not asked in a loop, and its reason is shown', async () => {
  await start()
  await say(VERSION, Uint8Array.of(0), Uint8Array.of(0, 0, 0, 4), ascii('busy'))
  await vi.advanceTimersByTimeAsync(60_000)
  expect(state()).toEqual({ kind: 'failed', error: { kind: 'refused', message: 'busy' } })
  expect(streams).toHaveLength(1)
})

test('a server that stops in the middle of its handshake is let go and tried again', async () => {
  await start()
  await say(VERSION)
  await vi.advanceTimersByTimeAsync(HANDSHAKE_MS - 1)
  expect(state()).toEqual({ kind: 'open' })
  await vi.advanceTimersByTimeAsync(1)
  expect(state()).toMatchObject({ kind: 'waiting', error: { kind: 'timeout' } })
  expect(stream().isClosed).toBe(true)
  await vi.advanceTimersByTimeAsync(5000)
  expect(streams.length).toBeGreaterThan(1)
})

test('nobody is hurried while typing a password', async () => {
  await start()
  await say(VERSION, VNC_AUTH, new Uint8Array(16))
  await vi.advanceTimersByTimeAsync(10 * HANDSHAKE_MS)
  expect(state()).toMatchObject({ kind: 'password' })
})

test('what a disposed session was still waiting for is closed when it comes', async () => {
  session.setAlive(true)
  session.dispose()
  await turn()
  expect(stream().isClosed).toBe(true)
})
