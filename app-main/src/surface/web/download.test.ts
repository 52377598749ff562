import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Duplex } from 'node:stream'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { disposition, DOWNLOAD_PATH } from './download.ts'
import { serve, type WebServer } from './serve.ts'
import { testDispatcher, type TestDispatcher } from './testing.ts'

let root: string
let server: WebServer
let dispatcher: TestDispatcher
let cookie: string
let source: Duplex

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'vireo-download-'))
  dispatcher = testDispatcher()
  source = new Duplex({ read() {}, write: (_bytes, _encoding, done) => done() })
  dispatcher.open = async (_principal, room, name, input) => {
    dispatcher.opened.push([room, name, input])
    if (input === undefined) return { ok: false, error: { kind: 'invalid-input', message: 'No input.' } }
    return { ok: true, stream: source }
  }
  server = await serve(dispatcher, { staticDir: root })
  const answer = await fetch(server.url, { redirect: 'manual' })
  cookie = (answer.headers.get('set-cookie') ?? '').split(';')[0] ?? ''
})
afterEach(async () => {
  await server.close()
  await rm(root, { recursive: true, maxRetries: 5 })
})

const input = { id: 'a@qemu:///system', path: '/etc/hosts' }
const ask = (headers: Record<string, string>, query: Record<string, string> = {}, method = 'GET') => {
  const search = new URLSearchParams({ input: JSON.stringify(input), name: 'hosts', ...query })
  return fetch(`${server.origin}${DOWNLOAD_PATH}?${search.toString()}`, { method, headers })
}
const ours = () => ({ cookie, 'sec-fetch-site': 'same-origin' })

test('a file comes as an attachment that no page runs', async () => {
  source.push('the ')
  source.push('content')
  source.push(null)
  const answer = await ask(ours())
  expect(await answer.text()).toBe('the content')
  expect(answer.headers.get('content-disposition')).toBe("attachment; filename*=UTF-8''hosts")
  expect(answer.headers.get('content-type')).toBe('application/octet-stream')
  expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
  expect(dispatcher.opened).toEqual([['guest', 'readFile', input]])
})

test.each(['cross-site', 'same-site', 'none'])('an address that came from elsewhere (%s) does nothing', async site => {
  expect((await ask({ cookie, 'sec-fetch-site': site })).status).toBe(403)
  expect((await ask({ cookie })).status).toBe(403)
  expect((await ask({ 'sec-fetch-site': 'same-origin' })).status).toBe(401)
  expect(dispatcher.opened).toEqual([])
})

test('a program with the key may, too', async () => {
  source.push(null)
  expect((await ask({ authorization: `Bearer ${server.key}` })).status).toBe(200)
})

test('a file that breaks off is no whole answer, and one that nobody waits for is let go', async () => {
  source.push('half')
  const answer = await ask(ours())
  source.destroy(new Error('the guest is gone'))
  await expect(answer.text()).rejects.toThrow('terminated')
  source = new Duplex({ read() {}, write: (_bytes, _encoding, done) => done() })
  source.push('half')
  const second = await ask(ours())
  await second.body?.cancel()
  await vi.waitFor(() => expect(source.destroyed).toBe(true))
})

test('what makes no sense is refused as such', async () => {
  expect((await ask(ours(), { input: '{' })).status).toBe(400)
  expect((await ask({ ...ours(), origin: server.origin }, {}, 'POST')).status).toBe(405)
})

test.each([
  ['Bericht ä.pdf', "attachment; filename*=UTF-8''Bericht%20%C3%A4.pdf"],
  ['../../x', "attachment; filename*=UTF-8''.._.._x"],
  ['a"\r\nset-cookie: x', "attachment; filename*=UTF-8''a%22__set-cookie%3A%20x"],
  ["it's (1)*", "attachment; filename*=UTF-8''it%27s%20%281%29%2A"],
  ['..', "attachment; filename*=UTF-8''file"],
  ['\ud800', "attachment; filename*=UTF-8''_"],
])('%j is offered as %j', (name, header) => expect(disposition(name)).toBe(header))
