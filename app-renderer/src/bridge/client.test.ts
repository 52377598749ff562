import { expect, test } from 'vitest'
import type { ByteStream, ConnectionUri, Reply } from '@vireo/app-main/contract'
import { contract } from '@vireo/app-main/contract'
import type { Bridge } from './bridge.ts'
import { createClient } from './client.ts'

const bridge = (reply: Reply = { ok: true, value: [] }) => {
  const asked: unknown[][] = []
  const listeners = new Set<(room: string, name: string, payload: unknown) => void>()
  const value: Bridge = {
    async invoke(...args) {
      asked.push(['invoke', ...args])
      return reply
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    async openStream(...args) {
      asked.push(['stream', ...args])
      return {} as ByteStream
    },
    describe: async () => [],
    online: { get: () => true, listen: () => () => {} },
  }
  return {
    bridge: value,
    asked,
    listeners,
    fire: (...event: [string, string, unknown]) => listeners.forEach(l => l(...event)),
  }
}

test('a call is invoked and gives its value', async () => {
  const { bridge: carrier, asked } = bridge({ ok: true, value: [1] })
  const uri = 'qemu:///system' as ConnectionUri
  expect(await createClient(carrier).domain.list({ connection: uri })).toEqual([1])
  expect(asked).toEqual([['invoke', 'domain', 'list', { connection: uri }]])
})

test('a failure is thrown as the typed error', async () => {
  const error = { kind: 'busy', message: 'in use', holder: 'somebody' } as const
  const client = createClient(bridge({ ok: false, error }).bridge)
  await expect(client.domain.list({})).rejects.toMatchObject({ name: 'RemoteError', message: 'in use', detail: error })
})

test('an event reaches its listener and no other, until it is disposed', () => {
  const { bridge: carrier, fire, listeners } = bridge()
  const heard: unknown[] = []
  const dispose = createClient(carrier).connection.removed(payload => heard.push(payload))
  fire('connection', 'removed', 1)
  fire('connection', 'changed', 2)
  fire('domain', 'removed', 3)
  dispose()
  fire('connection', 'removed', 4)
  expect(heard).toEqual([1])
  expect(listeners.size).toBe(0)
})

test('exactly the streams of the contract are opened as streams', async () => {
  const { bridge: carrier, asked } = bridge()
  const client = createClient(carrier) as unknown as Record<
    string,
    Record<string, (input: unknown) => Promise<unknown>>
  >
  const expected: unknown[][] = []
  for (const [room, entries] of Object.entries(contract))
    for (const [name, entry] of Object.entries(entries)) {
      if (entry.kind === 'event') continue
      await client[room]?.[name]?.({})
      expected.push([entry.kind === 'stream' ? 'stream' : 'invoke', room, name, {}])
    }
  expect(asked).toEqual(expected)
})

test('a client is no promise, and the same function each time', async () => {
  const client = createClient(bridge().bridge)
  expect(await Promise.resolve(client)).toBe(client)
  expect(client.domain.start).toBe(client.domain.start)
  await expect(client.domain.get({ id: 'x' })).resolves.toEqual([])
})
