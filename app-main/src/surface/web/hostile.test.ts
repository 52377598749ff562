/** Whatever comes in is answered with a typed error or a closed connection, and the server goes on. */
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import type { Duplex } from 'node:stream'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { Emitter } from '../../base/emitter.ts'
import { AppError, contract, RemoteError, type VireoContract } from '../../contract/index.ts'
import { createDispatcher, type DispatcherOptions } from '../../dispatch/create-dispatcher.ts'
import { serve, type WebServer } from './serve.ts'

let folder: string
let server: WebServer

const entries = Object.entries(contract).flatMap(([room, all]) =>
  Object.entries(all).map(([name, entry]) => ({ room, name, kind: entry.kind })),
)

/** The real contract; what is valid after all finds nothing. */
const handlers = Object.fromEntries(
  Object.keys(contract).map(room => [
    room,
    Object.fromEntries(
      entries
        .filter(entry => entry.room === room)
        .map(({ name }) => [
          name,
          async (): Promise<Duplex> => {
            throw new RemoteError({ kind: 'not-found', message: 'There is no such thing.' })
          },
        ]),
    ),
  ]),
) as unknown as DispatcherOptions<VireoContract>['handlers']

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vireo-hostile-'))
  const audit = { write: async () => {} }
  server = await serve(createDispatcher({ contract, handlers, events: new Emitter(), audit }), { staticDir: folder })
})

afterAll(async () => {
  await server.close()
  await rm(folder, { recursive: true, maxRetries: 5 })
})

const authorization = () => `Bearer ${server.key}`

const post = async (
  path: string,
  body: string | Uint8Array<ArrayBuffer>,
): Promise<{ status: number; error: AppError }> => {
  const headers = { authorization: authorization(), 'content-type': 'application/json' }
  const answer = await fetch(server.origin + path, { method: 'POST', body, headers })
  const { error } = (await answer.json()) as { error: unknown }
  return { status: answer.status, error: AppError.parse(error) }
}

const calls = entries.filter(({ kind }) => kind === 'call')
const path = fc.constantFrom(...calls.map(({ room, name }) => `/api/v1/${room}/${name}`))
const settings = { numRuns: 300 }

test('any JSON to any call is a typed error, never one of our own making', async () => {
  const keys = fc.constantFrom('id', 'uri', 'ids', 'force', 'name', '__proto__', 'toString', 'takeOver', 'console')
  const input = fc.oneof(
    fc.json(),
    fc.dictionary(keys, fc.jsonValue()).map(value => JSON.stringify(value)),
  )
  await fc.assert(
    fc.asyncProperty(path, input, async (at, body) => {
      const { status, error } = await post(at, body)
      expect([400, 404]).toContain(status)
      expect(['invalid-input', 'not-found']).toContain(error.kind)
    }),
    settings,
  )
})

test('any bytes to any call are, too', async () => {
  await fc.assert(
    fc.asyncProperty(path, fc.uint8Array({ maxLength: 2000 }), async (at, body) => {
      expect(['invalid-input', 'not-found']).toContain((await post(at, new Uint8Array(body))).error.kind)
    }),
    settings,
  )
})

test('nesting a million deep is refused', async () => {
  const deep = '['.repeat(1_000_000) + ']'.repeat(1_000_000)
  for (const body of [deep, `{"id":${deep}}`, `{"a":`.repeat(1_000_000), `{"${'k'.repeat(5_000_000)}":1}`])
    expect((await post('/api/v1/domain/start', body)).error.kind).toBe('invalid-input')
})

test('bytes that are no HTTP end their connection and nothing else', async () => {
  const { hostname, port } = new URL(server.origin)
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 500 }), async bytes => {
      const socket = connect(Number(port), hostname)
      socket.on('error', () => {})
      socket.resume()
      socket.end(bytes)
      await once(socket, 'close')
    }),
    { numRuns: 100 },
  )
  expect(
    (await fetch(`${server.origin}/api/v1/contract.json`, { headers: { authorization: authorization() } })).status,
  ).toBe(200)
})

test('any input to any stream ends it with a typed error', async () => {
  const streams = fc.constantFrom(...entries.map(({ room, name }) => `${room}/${name}`))
  const first = fc.oneof(
    fc.json({ maxDepth: 3 }).map(input => `{"t":"hello","input":${input}}`),
    fc.json({ maxDepth: 3 }),
    fc.string(),
    fc.uint8Array({ maxLength: 100 }),
  )
  await fc.assert(
    fc.asyncProperty(streams, first, async (at, hello) => {
      const address = `${server.origin.replace('http', 'ws')}/stream/${at}`
      const socket = new WebSocket(address, { headers: { authorization: authorization() } })
      socket.once('open', () => socket.send(hello))
      const [data] = (await once(socket, 'message')) as [Buffer]
      const { t, error } = JSON.parse(data.toString()) as { t: string; error: unknown }
      expect(t).toBe('end')
      expect(['invalid-input', 'not-found']).toContain(AppError.parse(error).kind)
      socket.terminate()
    }),
    { numRuns: 150 },
  )
})

test('more sockets than anybody needs are refused, and there is room again when some have gone', async () => {
  const open = () =>
    new Promise<WebSocket | undefined>(resolve => {
      const socket = new WebSocket(`${server.origin.replace('http', 'ws')}/events`, {
        headers: { authorization: authorization() },
      })
      socket.on('open', () => resolve(socket))
      socket.on('error', () => resolve(undefined))
    })
  const sockets = await Promise.all(Array.from({ length: 300 }, open))
  expect(sockets.filter(Boolean)).toHaveLength(256)
  for (const socket of sockets) socket?.terminate()
  await expect.poll(async () => (await open())?.readyState).toBe(WebSocket.OPEN)
})
