import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { runServer } from './run-server.ts'
import { testDispatcher } from './testing.ts'

let folder: string
const file = () => join(folder, 'vireo', 'server.json')

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vireo-run-'))
  vi.stubEnv('XDG_RUNTIME_DIR', folder)
})

afterEach(async () => {
  vi.unstubAllEnvs()
  await rm(folder, { recursive: true, maxRetries: 5 })
})

test('a second start finds the running server by a private file and gets an address that works', async () => {
  const server = await runServer(testDispatcher(), { staticDir: folder })
  expect((await stat(file())).mode & 0o777).toBe(0o600)
  expect((await stat(join(folder, 'vireo'))).mode & 0o777).toBe(0o700)
  const { pid, origin, key } = JSON.parse(await readFile(file(), 'utf8')) as {
    pid: number
    origin: string
    key: string
  }
  expect(pid).toBe(process.pid)
  const asked = await fetch(`${origin}/session`, { method: 'POST', headers: { authorization: `Bearer ${key}` } })
  const { url } = (await asked.json()) as { url: string }
  expect((await fetch(url, { redirect: 'manual' })).status).toBe(303)
  await server.close()
  await expect(stat(file())).rejects.toThrow('ENOENT')
  await expect(server.closed).resolves.toBeUndefined()
})

test('a server that only looks is not what a second start finds, nor does it take the port or the place of one that acts', async () => {
  const acting = await runServer(testDispatcher(), { staticDir: folder })
  const told = await readFile(file(), 'utf8')
  const looking = await runServer(testDispatcher(), { staticDir: folder, readOnly: true })
  expect(await readFile(file(), 'utf8')).toBe(told)
  await looking.close()
  expect(await readFile(file(), 'utf8')).toBe(told)
  await acting.close()
  const alone = await runServer(testDispatcher(), { staticDir: folder, readOnly: true })
  await expect(stat(file())).rejects.toThrow('ENOENT')
  expect(alone.origin).not.toBe(acting.origin)
  const next = await runServer(testDispatcher(), { staticDir: folder })
  expect(next.origin).toBe(acting.origin)
  await Promise.all([alone.close(), next.close()])
})

test('a server of some connections says so, and does not take the place of one of all that runs', async () => {
  const some = { staticDir: folder, connections: ['test:///default'] }
  const alone = await runServer(testDispatcher(), some)
  expect(JSON.parse(await readFile(file(), 'utf8'))).toMatchObject({
    pid: process.pid,
    connections: ['test:///default'],
  })
  await alone.close()
  // The parent of this process runs for sure.
  const other = JSON.stringify({ pid: process.ppid, origin: 'http://127.0.0.1:1', key: 'k' })
  await writeFile(file(), other)
  const beside = await runServer(testDispatcher(), some)
  expect(await readFile(file(), 'utf8')).toBe(other)
  await beside.close()
  // What has ended is replaced.
  await writeFile(file(), other.replace(String(process.ppid), '999999999'))
  const after = await runServer(testDispatcher(), some)
  expect(JSON.parse(await readFile(file(), 'utf8'))).toMatchObject({ pid: process.pid })
  await after.close()
})

test.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)('%s ends the server', async signal => {
  const server = await runServer(testDispatcher(), { staticDir: folder })
  process.emit(signal, signal)
  await server.closed
  await expect(fetch(server.origin)).rejects.toThrow('fetch failed')
})

test('a server does not take away what a later one announced', async () => {
  const server = await runServer(testDispatcher(), { staticDir: folder })
  await writeFile(file(), '{"pid":1,"origin":"http://127.0.0.1:1","key":"k"}')
  await server.close()
  expect(await readFile(file(), 'utf8')).toContain('"pid":1')
})

test('after a restart the address is the same and a session goes on', async () => {
  const first = await runServer(testDispatcher(), { staticDir: folder })
  const visit = await fetch(first.url, { redirect: 'manual' })
  const cookie = (visit.headers.get('set-cookie') ?? '').split(';')[0] ?? ''
  await first.close()
  const second = await runServer(testDispatcher(), { staticDir: folder })
  expect(second.origin).toBe(first.origin)
  const headers = { cookie, origin: second.origin, 'content-type': 'application/json' }
  const called = await fetch(`${second.origin}/api/v1/domain/list`, { method: 'POST', headers, body: '{}' })
  expect(called.status).toBe(200)
  expect((await stat(join(folder, 'vireo', 'session-secret'))).mode & 0o777).toBe(0o600)
  await second.close()
})

test('two servers of one user stand side by side, and damaged memories are made anew', async () => {
  const first = await runServer(testDispatcher(), { staticDir: folder })
  const second = await runServer(testDispatcher(), { staticDir: folder })
  expect(second.origin).not.toBe(first.origin)
  await first.close()
  await second.close()
  await writeFile(join(folder, 'vireo', 'port'), 'nonsense')
  await writeFile(join(folder, 'vireo', 'session-secret'), '')
  const third = await runServer(testDispatcher(), { staticDir: folder })
  expect(await readFile(join(folder, 'vireo', 'session-secret'), 'utf8')).toMatch(/^[\w-]{43}$/)
  await third.close()
})
