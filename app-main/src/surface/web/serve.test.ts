import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises'
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { BODY_LIMIT } from './read-body.ts'
import { serve, type ServeOptions, type WebServer } from './serve.ts'
import { testDispatcher, type TestDispatcher } from './testing.ts'

interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

let root: string
let server: WebServer
let dispatcher: TestDispatcher

const start = async (options: Partial<ServeOptions> = {}) => {
  dispatcher = testDispatcher()
  server = await serve(dispatcher, { staticDir: join(root, 'page'), ...options })
}

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'vireo-web-'))
  await mkdir(join(root, 'page', 'assets'), { recursive: true })
  await writeFile(join(root, 'page', 'index.html'), '<!doctype html><title>page</title>')
  await writeFile(join(root, 'page', 'assets', 'index-a1b2.js'), 'export const a = 1\n'.repeat(500))
  await writeFile(join(root, 'secret.txt'), 'secret')
  await start()
})

afterEach(async () => {
  await server.close()
  await rm(root, { recursive: true, maxRetries: 5 })
})

// Not fetch: it would tidy paths and refuse to send Host and Origin.
const ask = (
  path: string,
  options: { method?: string; headers?: Record<string, string>; body?: string | Buffer } = {},
): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const { hostname, port, host } = new URL(server.origin)
    const request = httpRequest(
      { hostname, port, path, method: options.method ?? 'GET', headers: { host, ...options.headers }, agent: false },
      response => {
        const pieces: Buffer[] = []
        response.on('data', (piece: Buffer) => pieces.push(piece))
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(pieces).toString('utf8'),
          }),
        )
      },
    )
    request.on('error', reject)
    request.end(options.body)
  })

const signIn = async (url = server.url): Promise<string> => {
  const answer = await ask(new URL(url).pathname + new URL(url).search)
  expect(answer.status).toBe(303)
  return (answer.headers['set-cookie']?.[0] ?? '').split(';')[0] ?? ''
}

const post = (path: string, cookie: string, body: string | Buffer = '{}', headers: Record<string, string> = {}) =>
  ask(path, {
    method: 'POST',
    body,
    headers: { cookie, origin: server.origin, 'content-type': 'application/json', ...headers },
  })

test('the one-time address becomes a cookie that scripts cannot read, and opens the page', async () => {
  const path = server.url.slice(server.origin.length)
  const answer = await ask(path)
  expect(answer.status).toBe(303)
  expect(answer.headers.location).toBe('/')
  const cookie = answer.headers['set-cookie']?.[0] ?? ''
  expect(cookie).toMatch(/HttpOnly; SameSite=Strict/)
  const page = await ask('/', { headers: { cookie: cookie.split(';')[0] ?? '' } })
  expect(page.status).toBe(200)
  expect(page.headers['content-security-policy']).toContain("script-src 'self';")
  expect(page.headers['x-content-type-options']).toBe('nosniff')
  expect(page.body).toContain('<title>page</title>')
})

test('an address that was clicked on at another site goes on from a page of ours, so that the cookie comes along', async () => {
  const answer = await ask(server.url.slice(server.origin.length), { headers: { 'sec-fetch-site': 'cross-site' } })
  expect(answer.status).toBe(200)
  expect(answer.body).toContain('content="0;url=/"')
  expect(answer.headers['set-cookie']?.[0]).toContain('SameSite=Strict')
})

test('an address works once; a fresh one works beside the old session', async () => {
  const first = await signIn()
  const again = await ask(server.url.slice(server.origin.length), { headers: { accept: 'text/html' } })
  expect(again.status).toBe(401)
  expect(again.body).toContain('already used')
  const second = await signIn(server.freshUrl())
  for (const cookie of [first, second]) expect((await ask('/', { headers: { cookie } })).status).toBe(200)
})

test('an address that a browser fetches ahead of its user stays usable', async () => {
  const path = server.url.slice(server.origin.length)
  expect((await ask(path, { headers: { 'sec-purpose': 'prefetch;prerender' } })).status).toBe(503)
  expect((await ask(path, { method: 'HEAD' })).status).toBe(503)
  await signIn()
})

test.each(['/?token=', '/?token=wrong', `/?token=${'a'.repeat(43)}`])('a wrong token is refused: %s', async path => {
  const answer = await ask(path)
  expect(answer.status).toBe(401)
  expect(answer.headers['set-cookie']).toBeUndefined()
})

test('without a session nothing is served: page, files, calls, documents', async () => {
  for (const path of ['/', '/assets/index-a1b2.js', '/api/v1/openapi.json', '/api/v1/contract.json'])
    expect((await ask(path)).status).toBe(401)
  expect((await post('/api/v1/domain/list', '')).status).toBe(401)
  expect((await post('/api/v1/domain/list', `vireo-${new URL(server.origin).port}=forged`)).status).toBe(401)
  expect(dispatcher.calls).toEqual([])
})

test('a person without a session reads what to do; a program gets JSON', async () => {
  const person = await ask('/', { headers: { accept: 'text/html' } })
  expect(person.headers['content-type']).toContain('text/html')
  expect(person.body).toContain('npm start')
  expect(JSON.parse((await ask('/')).body)).toMatchObject({ error: { kind: 'permission' } })
})

test.each(['evil.example', 'evil.example:80', '127.0.0.1:1', '127.0.0.1.evil.example'])(
  'a foreign Host is refused, token or not: %s',
  async host => {
    const cookie = await signIn()
    expect(
      (await ask(`/?token=${new URL(server.freshUrl()).searchParams.get('token')}`, { headers: { host } })).status,
    ).toBe(403)
    expect((await post('/api/v1/domain/list', cookie, '{}', { host })).status).toBe(403)
    expect(dispatcher.calls).toEqual([])
  },
)

test('a call with a foreign or missing Origin is refused', async () => {
  const cookie = await signIn()
  const { port } = new URL(server.origin)
  for (const origin of ['http://evil.example', 'null', `http://localhost:${port}`, `https://127.0.0.1:${port}`])
    expect((await post('/api/v1/domain/list', cookie, '{}', { origin })).status).toBe(403)
  const missing = await ask('/api/v1/domain/list', {
    method: 'POST',
    body: '{}',
    headers: { cookie, 'content-type': 'application/json' },
  })
  expect(missing.status).toBe(403)
  expect(dispatcher.calls).toEqual([])
})

test('a call reaches the dispatcher and its value comes back', async () => {
  const cookie = await signIn()
  const answer = await post('/api/v1/domain/list', cookie, '{"connection":"test:///default"}')
  expect(answer.status).toBe(200)
  expect(JSON.parse(answer.body)).toEqual({ echo: { connection: 'test:///default' } })
  expect(dispatcher.calls).toEqual([
    { surface: 'browser', room: 'domain', name: 'list', input: { connection: 'test:///default' } },
  ])
})

test('a failure is its HTTP status and the typed error', async () => {
  const answer = await post('/api/v1/domain/fail', await signIn())
  expect(answer.status).toBe(409)
  expect(JSON.parse(answer.body)).toEqual({ error: { kind: 'busy', message: 'in use', holder: 'somebody' } })
})

test('a program with the key needs neither cookie nor Origin, but the right key', async () => {
  const call = (key: string) =>
    ask('/api/v1/domain/list', {
      method: 'POST',
      body: '{}',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    })
  expect((await call(server.key)).status).toBe(200)
  expect((await call(`${server.key}x`)).status).toBe(401)
})

test('a session outlives the server when its secret does, at the same port and for the same purpose', async () => {
  await server.close()
  const sessionSecret = 's'.repeat(43)
  await start({ sessionSecret })
  const preferredPort = Number(new URL(server.origin).port)
  const cookie = await signIn()
  const status = async (options: Partial<ServeOptions>) => {
    await server.close()
    await start(options)
    return (await ask('/', { headers: { cookie } })).status
  }
  expect(await status({ sessionSecret, preferredPort })).toBe(200)
  expect(await status({ sessionSecret, preferredPort, readOnly: true })).toBe(401)
  expect(await status({ preferredPort })).toBe(401)
})

test('a preferred port that is taken is given up, one that was asked for is not', async () => {
  const port = Number(new URL(server.origin).port)
  const other = await serve(dispatcher, { staticDir: root, preferredPort: port })
  expect(other.origin).not.toBe(server.origin)
  await other.close()
  await expect(serve(dispatcher, { staticDir: root, preferredPort: port, port })).rejects.toThrow('in use')
})

test('the key, and not a session, gets a fresh address', async () => {
  const fresh = await ask('/session', { method: 'POST', headers: { authorization: `Bearer ${server.key}` } })
  await signIn((JSON.parse(fresh.body) as { url: string }).url)
  expect((await post('/session', await signIn(server.freshUrl()))).status).toBe(405)
})

test.each([
  '/api/v1/nothing/here',
  '/api/v1/__proto__/toString',
  '/api/v1/constructor/name',
  '/api/v1/domain/__proto__',
])('a name that is none is not found: %s', async path => {
  expect((await post(path, await signIn())).status).toBe(404)
})

test.each([
  '/api/v1/domain',
  '/api/v1/domain/list/more',
  '/api/v1//list',
  '/api/v2/domain/list',
  '/api/v1/domain/li%73t',
])('a path of another shape is not found and not dispatched: %s', async path => {
  expect((await post(path, await signIn())).status).toBe(404)
  expect(dispatcher.calls).toEqual([])
})

test('a body that is too long, of another type or no JSON is refused, and the next call works', async () => {
  const cookie = await signIn()
  expect((await post('/api/v1/domain/list', cookie, Buffer.alloc(BODY_LIMIT + 1, 32))).status).toBe(413)
  const chunked = { 'transfer-encoding': 'chunked' }
  expect((await post('/api/v1/domain/list', cookie, Buffer.alloc(BODY_LIMIT + 1, 32), chunked)).status).toBe(413)
  expect((await post('/api/v1/domain/list', cookie, '{}', { 'content-type': 'text/plain' })).status).toBe(415)
  expect((await post('/api/v1/domain/list', cookie, '{"a":')).status).toBe(400)
  expect(dispatcher.calls).toEqual([])
  expect((await post('/api/v1/domain/list', cookie)).status).toBe(200)
})

test('GET does not call', async () => {
  const answer = await ask('/api/v1/domain/list', { headers: { cookie: await signIn() } })
  expect(answer.status).toBe(405)
  expect(answer.headers.allow).toBe('POST')
})

test.each([
  '/../secret.txt',
  '/..%2fsecret.txt',
  '/%2e%2e/secret.txt',
  '/assets/../../secret.txt',
  '/assets/..%2f..%2fsecret.txt',
  '/..\\secret.txt',
  '/%2e%2e%5csecret.txt',
  '//secret.txt',
  '/index.html%00.txt',
  '/%ff',
  '/.env',
])('a path out of the folder leads nowhere: %s', async path => {
  const answer = await ask(path, { headers: { cookie: await signIn() } })
  expect([400, 404]).toContain(answer.status)
  expect(answer.body).not.toBe('secret')
})

test('hashed files are compressed and kept for ever, the page is asked for again', async () => {
  const cookie = await signIn()
  const script = await ask('/assets/index-a1b2.js', { headers: { cookie, 'accept-encoding': 'gzip, br' } })
  expect(script.headers['content-encoding']).toBe('br')
  expect(script.headers['cache-control']).toContain('immutable')
  expect(Number(script.headers['content-length'])).toBeLessThan(500)
  const page = await ask('/', { headers: { cookie } })
  expect(page.headers['cache-control']).toBe('no-cache')
  const etag = page.headers.etag ?? ''
  expect((await ask('/', { headers: { cookie, 'if-none-match': etag } })).status).toBe(304)
})

test('only loopback is served', async () => {
  await expect(serve(dispatcher, { staticDir: root, host: '0.0.0.0' })).rejects.toMatchObject({
    detail: { kind: 'unsupported' },
  })
})

test('a port in use is a typed error', async () => {
  const port = Number(new URL(server.origin).port)
  await expect(serve(dispatcher, { staticDir: root, port })).rejects.toMatchObject({ detail: { kind: 'precondition' } })
})

test('a read-only server says so with every call', async () => {
  await server.close()
  await start({ readOnly: true })
  await post('/api/v1/domain/list', await signIn())
  expect(dispatcher.principals.every(principal => principal.readOnly === true)).toBe(true)
})
