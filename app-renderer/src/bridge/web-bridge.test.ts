import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createWebBridge } from './web-bridge.ts'

class FakeSocket extends EventTarget {
  static readonly OPEN = 1
  static all: FakeSocket[] = []
  readyState = 0
  binaryType = 'blob'
  readonly sent: unknown[] = []
  readonly url: string
  constructor(url: string) {
    super()
    this.url = url
    FakeSocket.all.push(this)
  }
  send(data: unknown) {
    this.sent.push(data)
  }
  close() {
    this.drop()
  }
  open() {
    this.readyState = FakeSocket.OPEN
    this.dispatchEvent(new Event('open'))
  }
  receive(data: unknown) {
    this.dispatchEvent(Object.assign(new Event('message'), { data }))
  }
  drop() {
    if (this.readyState === 3) return
    this.readyState = 3
    this.dispatchEvent(new Event('close'))
  }
}

const last = (): FakeSocket => {
  const socket = FakeSocket.all.at(-1)
  if (!socket) throw new Error('no WebSocket was made')
  return socket
}

const answer = (status: number, body: unknown) => vi.fn(async () => new Response(JSON.stringify(body), { status }))

const unheard = vi.fn(() => Promise.reject(new TypeError('Failed to fetch')))

beforeEach(() => {
  FakeSocket.all = []
  vi.useFakeTimers()
  vi.stubGlobal('WebSocket', FakeSocket)
})

afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

const ORIGIN = 'http://127.0.0.1:7000'

test('a call waits for the events, so that its answer is not older than the first of them', async () => {
  const fetched = answer(200, [1])
  vi.stubGlobal('fetch', fetched)
  const bridge = createWebBridge(ORIGIN)
  const reply = bridge.invoke('domain', 'list', undefined)
  await vi.advanceTimersByTimeAsync(10)
  expect(fetched).not.toHaveBeenCalled()
  last().open()
  expect(await reply).toEqual({ ok: true, value: [1] })
  expect(fetched).toHaveBeenCalledWith(
    `${ORIGIN}/api/v1/domain/list`,
    expect.objectContaining({ method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } }),
  )
})

test('a failure comes as data: the server’s own, one without a body that we know, none at all', async () => {
  const bridge = createWebBridge(ORIGIN)
  last().open()
  const error = { kind: 'not-found', message: 'There is no such machine.' }
  vi.stubGlobal('fetch', answer(404, { error }))
  expect(await bridge.invoke('domain', 'get', {})).toEqual({ ok: false, error })
  vi.stubGlobal('fetch', answer(502, 'Bad gateway'))
  expect(await bridge.invoke('domain', 'get', {})).toMatchObject({ ok: false, error: { kind: 'internal' } })
  vi.stubGlobal('fetch', unheard)
  const gone = bridge.invoke('domain', 'get', {})
  await vi.advanceTimersByTimeAsync(1000)
  expect(await gone).toMatchObject({ ok: false, error: { kind: 'connection', trouble: 'lost' } })
})

const CONTRACT = [
  { room: 'domain', name: 'list', kind: 'call', effect: 'read' },
  { room: 'domain', name: 'start', kind: 'call', effect: 'change' },
  { room: 'create', name: 'plan', kind: 'call', effect: 'inspect' },
  { room: 'domain', name: 'destroy', kind: 'call', effect: 'destroy' },
]

/** A server whose first answer to each path in `cuts` never arrives; counts what it was asked. */
const shaky = (...cuts: string[]) => {
  const asked: string[] = []
  const left = new Set(cuts)
  const fetched = async (url: string): Promise<Response> => {
    const path = url.slice(`${ORIGIN}/api/v1/`.length)
    asked.push(path)
    if (left.delete(path)) throw new TypeError('Failed to fetch')
    return new Response(JSON.stringify(path === 'contract.json' ? CONTRACT : { path }))
  }
  vi.stubGlobal('fetch', fetched)
  return asked
}

test.each([
  ['domain', 'list'],
  ['create', 'plan'],
])('%s.%s, which changes nothing, is asked once more when the network was cut under it', async (room, name) => {
  const path = `${room}/${name}`
  const asked = shaky(path, 'contract.json')
  const bridge = createWebBridge(ORIGIN)
  last().open()
  const reply = bridge.invoke(room, name, {})
  await vi.advanceTimersByTimeAsync(1000)
  expect(await reply).toEqual({ ok: true, value: { path } })
  expect(asked).toEqual([path, 'contract.json', 'contract.json', path])
})

test('an answer that was cut in the middle is asked for once more', async () => {
  const bodies = [new Response('[{"id"'), new Response(JSON.stringify(CONTRACT)), new Response('[1]')]
  vi.stubGlobal('fetch', async () => bodies.shift())
  const bridge = createWebBridge(ORIGIN)
  last().open()
  const reply = bridge.invoke('domain', 'list', {})
  await vi.advanceTimersByTimeAsync(1000)
  expect(await reply).toEqual({ ok: true, value: [1] })
})

test.each(['start', 'destroy', 'unheard-of'])('domain.%s is never asked twice: it may have been done', async name => {
  const asked = shaky(`domain/${name}`)
  const bridge = createWebBridge(ORIGIN)
  last().open()
  await bridge.describe()
  const reply = bridge.invoke('domain', name, {})
  await vi.advanceTimersByTimeAsync(1000)
  expect(await reply).toMatchObject({ ok: false, error: { kind: 'connection', trouble: 'lost' } })
  expect(asked).toEqual(['contract.json', `domain/${name}`])
})

test('an answer, whatever it says, is not asked for again', async () => {
  const fetched = answer(500, { error: { kind: 'internal', message: 'broken' } })
  vi.stubGlobal('fetch', fetched)
  const bridge = createWebBridge(ORIGIN)
  last().open()
  expect(await bridge.invoke('domain', 'list', {})).toMatchObject({ ok: false, error: { message: 'broken' } })
  expect(fetched).toHaveBeenCalledTimes(1)
})

test('events reach subscribers; what is no event is ignored', () => {
  const bridge = createWebBridge(ORIGIN)
  const heard: unknown[][] = []
  const dispose = bridge.subscribe((...event) => heard.push(event))
  last().open()
  for (const data of ['{', 'null', '{"room":1,"name":"x","payload":0}', new ArrayBuffer(1)]) last().receive(data)
  last().receive('{"room":"domain","name":"changed","payload":{"a":1}}')
  dispose()
  last().receive('{"room":"domain","name":"changed","payload":2}')
  expect(heard).toEqual([['domain', 'changed', { a: 1 }]])
})

test('a server that goes is offline until it is back; attempts grow rarer but never stop', async () => {
  const bridge = createWebBridge(ORIGIN)
  const flips: boolean[] = []
  bridge.online.listen(online => flips.push(online))
  last().open()
  expect(flips).toEqual([])
  last().drop()
  expect(bridge.online.get()).toBe(false)
  for (let attempt = 0; attempt < 10; attempt++) {
    const before = FakeSocket.all.length
    await vi.advanceTimersByTimeAsync(5000)
    expect(FakeSocket.all.length).toBe(before + 1)
    last().drop()
  }
  await vi.advanceTimersByTimeAsync(5000)
  last().open()
  expect(flips).toEqual([false, true])
})

test('a stream opens when the server says so', async () => {
  const bridge = createWebBridge(ORIGIN)
  const opening = bridge.openStream('domain', 'serial', { id: 'a b' })
  const socket = last()
  expect(socket.url).toBe('ws://127.0.0.1:7000/stream/domain/serial')
  expect(socket.binaryType).toBe('arraybuffer')
  expect(socket.sent).toEqual([])
  socket.open()
  expect(socket.sent.splice(0)).toEqual(['{"t":"hello","input":{"id":"a b"}}'])
  socket.receive('{"t":"open"}')
  const stream = await opening
  await stream.write(Uint8Array.of(1, 2))
  expect(socket.sent).toEqual([Uint8Array.of(1, 2)])
})

test('an input that no server would take is refused before there is a socket', async () => {
  const bridge = createWebBridge(ORIGIN)
  const before = FakeSocket.all.length
  const opening = bridge.openStream('guest', 'exec', { shell: 'ä'.repeat(600_000) })
  await expect(opening).rejects.toMatchObject({ detail: { kind: 'invalid-input' } })
  expect(FakeSocket.all.length).toBe(before)
})

test('a refused stream rejects with the reason, a cut one with a lost connection', async () => {
  const bridge = createWebBridge(ORIGIN)
  const refused = bridge.openStream('domain', 'serial', {})
  last().receive('{"t":"end","error":{"kind":"busy","message":"in use","holder":"x"}}')
  await expect(refused).rejects.toMatchObject({ detail: { kind: 'busy' } })
  const cut = bridge.openStream('domain', 'serial', {})
  last().drop()
  await expect(cut).rejects.toMatchObject({ detail: { kind: 'connection' } })
})
