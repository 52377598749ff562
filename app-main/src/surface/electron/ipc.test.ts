import { EventEmitter } from 'node:events'
import { PassThrough } from 'node:stream'
import type { MessagePortMain } from 'electron'
import { expect, test } from 'vitest'
import { Emitter } from '../../base/emitter.ts'
import { bytePipe, type Reply } from '../../contract/index.ts'
import type { Dispatcher, PublishedEvent } from '../../dispatch/dispatcher.ts'
import { INVOKE, isTrusted, MESSAGE, serveIpc } from './ipc.ts'
import { portPipe } from './port-pipe.ts'

/** A port as Electron's: messages are copied and arrive in a later turn, after `start`. */
class Port extends EventEmitter {
  peer: Port | undefined
  #started = false
  readonly #queue: unknown[] = []
  postMessage(data: unknown) {
    this.peer?.receive(structuredClone(data))
  }
  receive(data: unknown) {
    if (this.#started) setImmediate(() => this.emit('message', { data, ports: [] }))
    else this.#queue.push(data)
  }
  start() {
    this.#started = true
    for (const data of this.#queue.splice(0)) this.receive(data)
  }
  close() {
    setImmediate(() => this.peer?.emit('close'))
  }
}

const makeChannel = () => {
  const [port1, port2] = [new Port(), new Port()]
  port1.peer = port2
  port2.peer = port1
  return { port1: port1 as unknown as MessagePortMain, port2: port2 as unknown as MessagePortMain }
}

const setUp = () => {
  const events = new Emitter<PublishedEvent>()
  const calls: unknown[][] = []
  const stream = new PassThrough()
  const dispatcher: Dispatcher = {
    async call(principal, room, name, input) {
      calls.push([principal, room, name, input])
      return { ok: true, value: 'answer' }
    },
    async open(_principal, _room, name) {
      return name === 'serial'
        ? { ok: true, stream }
        : { ok: false, error: { kind: 'not-found', message: 'There is no such stream.' } }
    },
    onEvent: events.event,
    dispose() {},
  }
  const sent: unknown[] = []
  const ignored: boolean[] = []
  const posted: { message: unknown; ports: MessagePortMain[] }[] = []
  const handlers = new Map<string, (event: never, message: unknown) => Promise<Reply>>()
  const contents = {
    send: (channel: string, event: unknown) => void sent.push([channel, event]),
    postMessage: (_channel: string, message: unknown, ports: MessagePortMain[] = []) =>
      void posted.push({ message, ports }),
    isDestroyed: () => false,
    isCrashed: () => false,
    setIgnoreMenuShortcuts: (ignore: boolean) => void ignored.push(ignore),
  }
  const ipcMain = {
    handle: (channel: string, handler: (event: never, message: unknown) => Promise<Reply>) =>
      void handlers.set(channel, handler),
    removeHandler: (channel: string) => void handlers.delete(channel),
  }
  const principal = { surface: 'electron', name: 'me' } as const
  const owned = serveIpc({ ipcMain, makeChannel, contents }, dispatcher, principal)
  const own = { sender: contents, senderFrame: { parent: null, url: 'app://vireo/' } }
  const invoke = (message: unknown, event: object = own) => handlers.get(INVOKE)?.(event as never, message)
  return { events, calls, stream, sent, ignored, posted, handlers, invoke, own, owned, contents }
}

test('a call goes to the dispatcher and its reply comes back as data', async () => {
  const { invoke, calls } = setUp()
  const reply = await invoke({ kind: 'call', room: 'domain', name: 'list', input: {} })
  expect(reply).toEqual({ ok: true, value: 'answer' })
  expect(calls).toEqual([[{ surface: 'electron', name: 'me' }, 'domain', 'list', {}]])
})

test('only our page in the main frame of our window is heard', async () => {
  const { invoke, own, calls } = setUp()
  const strangers = [
    { ...own, sender: {} },
    { ...own, senderFrame: null },
    { ...own, senderFrame: { parent: {}, url: 'app://vireo/' } },
    { ...own, senderFrame: { parent: null, url: 'https://evil.example/' } },
  ]
  for (const event of strangers)
    expect(await invoke({ kind: 'call', room: 'domain', name: 'list', input: {} }, event)).toMatchObject({
      ok: false,
      error: { kind: 'refused' },
    })
  expect(calls).toEqual([])
  expect(isTrusted(own as never, own.sender)).toBe(true)
})

test.each([
  undefined,
  null,
  'call',
  [],
  {},
  { kind: 'call' },
  { kind: 'call', room: 1, name: 'list', input: {} },
  { kind: 'stream', room: 'domain', name: 'serial', input: {} },
  { kind: 'eval', room: 'a', name: 'b', input: {} },
])('a message that makes no sense is an answer, not a crash: %j', async message => {
  const { invoke, calls } = setUp()
  expect(await invoke(message)).toMatchObject({ ok: false, error: { kind: 'invalid-input' } })
  expect(calls).toEqual([])
})

test('the contract is described without its schemas', async () => {
  const reply = await setUp().invoke({ kind: 'describe' })
  expect(reply?.ok && reply.value).toContainEqual(
    expect.objectContaining({ room: 'domain', name: 'start', kind: 'call', title: 'Start' }),
  )
})

test('events reach the window until it is disposed or crashed', () => {
  const { events, sent, owned, contents } = setUp()
  const event = { room: 'domain', name: 'changed', payload: 1 }
  events.fire(event)
  contents.isCrashed = () => true
  events.fire(event)
  contents.isCrashed = () => false
  owned.dispose()
  events.fire(event)
  expect(sent).toEqual([[MESSAGE, event]])
})

test('a stream is a port that carries bytes both ways and lets go when it is closed', async () => {
  const { invoke, posted, stream } = setUp()
  expect(await invoke({ kind: 'stream', id: 'x1', room: 'domain', name: 'serial', input: {} })).toEqual({
    ok: true,
    value: null,
  })
  expect(posted[0]?.message).toEqual({ port: 'x1' })
  const [port] = posted[0]?.ports ?? []
  if (!port) throw new Error('no port was posted')
  const client = bytePipe(portPipe(port), 'client')
  await client.opened
  const echoed = new Promise(resolve => client.onData((bytes, done) => (done(), resolve(bytes))))
  await client.write(Buffer.from('a longer pool slice').subarray(2, 8))
  expect(Buffer.from((await echoed) as Uint8Array).toString()).toBe('longer')
  const gone = new Promise(resolve => stream.once('close', resolve))
  client.close()
  await gone
})

test('a stream that cannot be opened posts no port', async () => {
  const { invoke, posted } = setUp()
  expect(await invoke({ kind: 'stream', id: 'x', room: 'domain', name: 'nothing', input: {} })).toMatchObject({
    ok: false,
  })
  expect(posted).toEqual([])
})

test('the shortcuts of the menu rest while a console has the keys, and nonsense changes nothing', async () => {
  const { invoke, ignored } = setUp()
  for (const held of [true, false]) await invoke({ kind: 'keys', held })
  expect(await invoke({ kind: 'keys', held: 'yes' })).toMatchObject({ ok: false, error: { kind: 'invalid-input' } })
  expect(ignored).toEqual([true, false])
})
