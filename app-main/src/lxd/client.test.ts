import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { LxdClient } from './client.ts'
import { isTimeout } from './failure.ts'
import { Server } from './schema.ts'
import { fakeLxd, json, refuse, silence, sync, type FakeLxd } from './testing/fake-lxd.ts'

let fake: FakeLxd
let client: LxdClient
beforeEach(async () => {
  fake = await fakeLxd()
  client = new LxdClient({ product: 'lxd', socket: fake.socket, project: 'default' })
})
afterEach(async () => {
  client.dispose()
  await fake[Symbol.asyncDispose]()
})

const detail = (facts: object) => expect.objectContaining({ detail: expect.objectContaining(facts) })
const ID = '11111111-2222-4333-8444-555555555555'
const operation = (facts: object) => ({ id: ID, class: 'task', status_code: 103, may_cancel: false, err: '', ...facts })
const begins = (facts: object = {}) => json({ type: 'async', metadata: operation(facts) })

describe('asking', () => {
  it('gives what the daemon knows, and keeps what is not known', async () => {
    expect(await client.get('/1.0', Server)).toMatchObject({ environment: { server_version: '5.0.2' } })
    fake.answers.set('GET /1.0', sync({ auth: 'trusted', api_extensions: null, future: [1] }))
    expect(await client.get('/1.0', Server)).toMatchObject({ api_extensions: [], future: [1] })
  })

  it('escapes what goes into an address, and names the project', () => {
    const web = new LxdClient({ product: 'lxd', socket: fake.socket, project: 'a&b' })
    expect(web.path(['instances', '../x?y'], { recursion: 1, target: undefined })).toBe(
      '/1.0/instances/..%2Fx%3Fy?recursion=1&project=a%26b',
    )
    expect(client.path(['instances'])).toBe('/1.0/instances')
  })

  it.each([
    [404, 'not-found'],
    [403, 'permission'],
    [400, 'invalid-input'],
    [409, 'precondition'],
    [500, 'refused'],
  ])('says a refusal %i as %s, in one harmless line', async (status, kind) => {
    fake.answers.set('GET /1.0', refuse(status, 'No\n\u001b[31mway\u0007'))
    await expect(client.get('/1.0', Server)).rejects.toEqual(detail({ kind, message: 'No [31mway' }))
  })

  it.each([
    ['no JSON', 'not json'],
    ['no answer of the kind', '{"type":"weird"}'],
    ['a list', '[]'],
    ['null', 'null'],
    ['other facts', '{"type":"sync","metadata":{"auth":7}}'],
    ['nothing', ''],
  ])('refuses nonsense: %s', async (_what, text) => {
    fake.answers.set('GET /1.0', response => response.end(text))
    await expect(client.get('/1.0', Server)).rejects.toEqual(detail({ kind: 'connection', trouble: 'protocol' }))
  })

  it('stops reading an answer that is too long', async () => {
    fake.answers.set('GET /1.0', response => {
      const more = () => {
        while (!response.destroyed && response.write('x'.repeat(65_536)));
      }
      response.on('drain', more)
      more()
    })
    const asked = client.get('/1.0', z.unknown(), { limitBytes: 1_000_000 })
    await expect(asked).rejects.toEqual(detail({ kind: 'connection', trouble: 'protocol' }))
  })

  it('gives up on a daemon that stalls, before and in the middle of its answer', async () => {
    fake.answers.set('GET /1.0', silence)
    await expect(client.get('/1.0', Server, { deadlineMs: 50 })).rejects.toSatisfy(isTimeout)
    fake.answers.set('GET /1.0', response => void response.write('{"type":'))
    await expect(client.get('/1.0', Server, { deadlineMs: 50 })).rejects.toSatisfy(isTimeout)
  })

  it('says that an answer broke off', async () => {
    fake.answers.set('GET /1.0', response => {
      response.writeHead(200, { 'content-length': 1000 })
      response.write('{')
      setImmediate(() => response.destroy())
    })
    await expect(client.get('/1.0', Server)).rejects.toEqual(detail({ kind: 'connection', trouble: 'lost' }))
  })

  it('can be given up', async () => {
    fake.answers.set('GET /1.0', silence)
    const abort = new AbortController()
    const asked = client.get('/1.0', Server, { signal: abort.signal })
    abort.abort()
    await expect(asked).rejects.toEqual(detail({ kind: 'cancelled' }))
  })
})

describe('a socket that cannot be used', () => {
  const at = (socket: string) => new LxdClient({ product: 'lxd', socket, project: 'default' }).get('/1.0', Server)

  it('is said as what it is', async () => {
    await expect(at('/nowhere/unix.socket')).rejects.toEqual(detail({ kind: 'connection' }))
    await fake[Symbol.asyncDispose]()
    await expect(at('/dev/null')).rejects.toEqual(detail({ kind: 'connection', trouble: 'not-running' }))
    fake = await fakeLxd()
  })
})

describe('operations', () => {
  const waits = `GET /1.0/operations/${ID}/wait`

  it('are waited for, round after round, with their progress', async () => {
    const rounds = [operation({ metadata: { progress: 'half' } }), operation({ status_code: 200 })]
    fake.answers.set('PUT /1.0/x', begins())
    fake.answers.set(waits, (response, request) => sync(rounds.shift())(response, request))
    const told: unknown[] = []
    const end = await client.change('PUT', '/1.0/x', {}, { onProgress: ({ metadata }) => told.push(metadata) })
    expect(end?.status_code).toBe(200)
    expect(told[0]).toEqual({ progress: 'half' })
  })

  it.each([
    ['The instance is already running', 'precondition'],
    ['Instance not found', 'not-found'],
    ['No space left on device', 'refused'],
    ['', 'refused'],
  ])('that fail with %j are %s', async (err, kind) => {
    fake.answers.set('PUT /1.0/x', begins())
    fake.answers.set(waits, sync(operation({ status_code: 400, err })))
    await expect(client.change('PUT', '/1.0/x')).rejects.toEqual(detail({ kind }))
  })

  it('are cancelled by whoever gives up, where they can be', async () => {
    fake.answers.set('POST /1.0/x', begins({ may_cancel: true }))
    fake.answers.set(waits, silence)
    const abort = new AbortController()
    const waiting = client.change('POST', '/1.0/x', {}, { signal: abort.signal })
    setTimeout(() => abort.abort(), 50)
    await expect(waiting).rejects.toEqual(detail({ kind: 'cancelled' }))
    expect(fake.asked).toContain(`DELETE /1.0/operations/${ID}`)
  })

  it('whose names lead elsewhere are refused', async () => {
    fake.answers.set('POST /1.0/x', begins({ id: '../../certificates' }))
    await expect(client.change('POST', '/1.0/x')).rejects.toEqual(detail({ trouble: 'protocol' }))
  })
})
