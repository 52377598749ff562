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
  vi.stubGlobal(
    'fetch',
    vi.fn(() => Promise.reject(new TypeError('refused'))),
  )
  expect(await bridge.invoke('domain', 'get', {})).toMatchObject({
    ok: false,
    error: { kind: 'connection', trouble: 'lost' },
  })
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
  expect(socket.url).toBe(`ws://127.0.0.1:7000/stream/domain/serial?input=${encodeURIComponent('{"id":"a b"}')}`)
  expect(socket.binaryType).toBe('arraybuffer')
  socket.open()
  socket.receive('{"t":"open"}')
  const stream = await opening
  await stream.write(Uint8Array.of(1, 2))
  expect(socket.sent).toEqual([Uint8Array.of(1, 2)])
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
