import { stat, truncate, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { RemoteError } from '../contract/index.ts'
import { download, type DownloadOptions } from './download.ts'
import { HttpClient, redirectTarget } from './http.ts'
import { bench, noise, PLENTY, sha256, sha512, type Bench } from './testing/bench.ts'
import { fileServer, type Served } from './testing/file-server.ts'

const BODY = noise(3_000_000)
const none = new AbortController().signal

const options = ({ http, folder }: Bench, url: string, change: Partial<DownloadOptions> = {}): DownloadOptions => ({
  ...{ http, folder: join(folder, 'one'), url, free: PLENTY, signal: none, progress: () => undefined, retryMs: 1 },
  ...change,
})
const kindOf = async (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (error: unknown) =>
      error instanceof RemoteError ? `${error.detail.kind}: ${error.detail.message}` : String(error),
  )

describe('a download', () => {
  it('brings every byte, and knows both checksums', async () => {
    await using server = await fileServer()
    await using place = await bench()
    server.put('/a', BODY)
    const seen: number[] = []
    const got = await download(options(place, `${server.origin}/a`, { progress: done => seen.push(done) }))
    expect(got).toMatchObject({ bytes: BODY.length, digests: { sha256: sha256(BODY), sha512: sha512(BODY) } })
    expect(seen.at(-1)).toBe(BODY.length)
    expect((await stat(got.path)).size).toBe(BODY.length)
  })

  it('goes on where a broken connection ended, again and again', async () => {
    await using server = await fileServer()
    await using place = await bench()
    server.put('/a', BODY, { etag: '"1"', breakAfter: 700_000 })
    const got = await download(options(place, `${server.origin}/a`))
    expect(got.digests.sha256).toBe(sha256(BODY))
    expect(server.requests[0]).toBe('GET /a')
    expect(server.requests.slice(1).every(line => /bytes=[1-9]\d*-$/.test(line))).toBe(true)
    expect(server.requests.length).toBeGreaterThan(3)
  })

  it('goes on in another process with what is there, and not with what was changed since', async () => {
    await using server = await fileServer()
    await using place = await bench()
    const served = server.put('/a', BODY, { etag: '"1"', stallAfter: 1_000_000 })
    const leave = new AbortController()
    const first = download(
      options(place, `${server.origin}/a`, { signal: leave.signal, progress: done => done > 500_000 && leave.abort() }),
    )
    expect(await kindOf(first)).toContain('cancelled')
    const kept = (await stat(join(place.folder, 'one', 'part'))).size
    expect(kept).toBeGreaterThan(0)
    delete served.stallAfter
    expect((await download(options(place, `${server.origin}/a`))).digests.sha256).toBe(sha256(BODY))
    expect(server.requests.at(-1)).toBe(`GET /a bytes=${kept}-`)
    // A newer file of the same name: its tag differs, so that the server sends all of it.
    await truncate(join(place.folder, 'one', 'part'), 1000)
    const newer = noise(50_000).reverse()
    server.put('/a', newer, { etag: '"2"' })
    expect((await download(options(place, `${server.origin}/a`))).digests.sha256).toBe(sha256(newer))
  })

  it('begins anew where the server gives nothing to tell versions by, or another range than was asked for', async () => {
    await using server = await fileServer()
    await using place = await bench()
    const folder = join(place.folder, 'one')
    server.put('/a', BODY, { chunked: true })
    expect((await download(options(place, `${server.origin}/a`))).digests.sha256).toBe(sha256(BODY))
    await truncate(join(folder, 'part'), 5000)
    expect((await download(options(place, `${server.origin}/a`))).digests.sha256).toBe(sha256(BODY))
    expect(server.requests).toEqual(['GET /a', 'GET /a'])
    await writeFile(
      join(folder, 'state.json'),
      JSON.stringify({ url: `${server.origin}/b`, validator: '"1"', total: 3 }),
    )
    let asked = 0
    server.put('/b', '', {
      answer: (_request, response) => {
        if (asked++ > 0) response.writeHead(200, { 'content-length': 3 }).end('abc')
        else response.writeHead(206, { 'content-range': 'bytes 0-2/3' }).end('xyz')
      },
    })
    expect((await download(options(place, `${server.origin}/b`))).digests.sha256).toBe(sha256(Buffer.from('abc')))
  })

  it('is what it was when it was complete already', async () => {
    await using server = await fileServer()
    await using place = await bench()
    server.put('/a', BODY, { etag: '"1"' })
    await download(options(place, `${server.origin}/a`))
    expect((await download(options(place, `${server.origin}/a`))).bytes).toBe(BODY.length)
    expect(server.requests.at(-1)).toBe(`GET /a bytes=${BODY.length}-`)
  })

  it('ends when it is cancelled, at once', async () => {
    await using server = await fileServer()
    await using place = await bench(60_000)
    server.put('/a', BODY, { stallAfter: 10 })
    const leave = new AbortController()
    const reason = new RemoteError({ kind: 'cancelled', message: 'Enough.' })
    const work = download(
      options(place, `${server.origin}/a`, { signal: leave.signal, progress: done => done > 0 && leave.abort(reason) }),
    )
    expect(await kindOf(work)).toBe('cancelled: Enough.')
  })
})

describe('a hostile server', () => {
  it('that stalls is left after a while', async () => {
    await using server = await fileServer()
    await using place = await bench(150)
    server.put('/a', BODY, { stallAfter: 0 })
    expect(await kindOf(download(options(place, `${server.origin}/a`)))).toMatch(/^timeout: .* it stopped sending/)
    expect(server.requests.length).toBeGreaterThan(1)
  })

  it('that always ends too early is given up', async () => {
    await using server = await fileServer()
    await using place = await bench()
    server.put('/a', BODY, { breakAfter: 0 })
    expect(await kindOf(download(options(place, `${server.origin}/a`)))).toMatch(/^connection: /)
  })

  it('that sends round in circles, or away from encryption, or to a file, is not followed', async () => {
    await using server = await fileServer()
    await using place = await bench()
    const to = (location: string): Pick<Served, 'answer'> => ({
      answer: (_request, response) => void response.writeHead(302, { location }).end(),
    })
    server.put('/loop', '', to('/loop'))
    for (let at = 0; at < 20; at++) server.put(`/far${at}`, '', to(`/far${at + 1}`))
    server.put('/file', '', to('file:///etc/passwd'))
    const get = (path: string) => kindOf(download(options(place, server.origin + path)))
    expect(await get('/loop')).toContain('precondition: ')
    expect(await get('/far0')).toContain('in circles')
    expect(await get('/file')).toContain('no http or https address')
  })

  it('that has nothing, or a page instead, is told from one that has a bad day', async () => {
    await using server = await fileServer()
    await using place = await bench()
    server.put('/page', '<html>please log in</html>', { type: 'text/html; charset=utf-8' })
    let times = 0
    server.put('/busy', '', {
      answer: (_request, response) => {
        if (times++ === 0) response.writeHead(503).end()
        else response.writeHead(200, { 'content-length': 2 }).end('ok')
      },
    })
    const get = (path: string) => kindOf(download(options(place, server.origin + path)))
    expect(await get('/gone')).toMatch(/^not-found: /)
    expect(await get('/page')).toContain('is a web page')
    expect(await get('/busy')).toBe('done')
  })

  it('that never ends meets the disk’s reserve; one that says so beforehand sends nothing', async () => {
    await using server = await fileServer()
    await using place = await bench()
    server.put('/endless', '', {
      answer: (_request, response) => {
        response.writeHead(200)
        const more = () => void (response.writable && response.write(BODY, () => setImmediate(more)))
        more()
      },
    })
    server.put('/huge', '', {
      answer: (_request, response) => response.writeHead(200, { 'content-length': 2 ** 52 }).flushHeaders(),
    })
    let left = 300 * 1024 ** 2
    const free = async () => (left -= 20 * 1024 ** 2)
    const get = (path: string) => kindOf(download(options(place, server.origin + path, { free })))
    expect(await get('/endless')).toMatch(/^precondition: .*has no room/)
    expect(await get('/huge')).toContain('more than an image can be')
  })

  it('cannot be begun without room for what it announces', async () => {
    await using server = await fileServer()
    await using place = await bench()
    server.put('/a', BODY)
    const work = download(options(place, `${server.origin}/a`, { free: async () => 257 * 1024 ** 2 }))
    expect(await kindOf(work)).toMatch(/^precondition: .*has no room for/)
  })
})

it('a redirect leads away from encryption only where a checksum protects what comes', () => {
  const from = new URL('https://vendor.example/a/')
  expect(redirectTarget(from, 'http://mirror.example/b', false)).toBeUndefined()
  expect(redirectTarget(from, 'http://mirror.example/b', true)?.href).toBe('http://mirror.example/b')
  expect(redirectTarget(from, '../c', false)?.href).toBe('https://vendor.example/c')
  expect(redirectTarget(from, 'https://', true)).toBeUndefined()
  expect(() => redirectTarget(from, 'ftp://x/y', true)).toThrow('no http or https address')
})

describe('the way to a server', () => {
  it('goes through the proxy of the environment', async () => {
    const asked: string[] = []
    const proxy = createServer().on('connect', (request, socket) => {
      asked.push(request.url ?? '')
      socket.end('HTTP/1.1 403 no\r\n\r\n')
    })
    await new Promise<void>(resolve => proxy.listen(0, '127.0.0.1', resolve))
    const http_proxy = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`
    await using place = await bench(2000, { http_proxy, https_proxy: http_proxy })
    expect(await kindOf(download(options(place, 'https://images.example/a')))).toMatch(/^connection: /)
    expect(asked).toContain('images.example:443')
    proxy.closeAllConnections()
    await new Promise(resolve => proxy.close(resolve))
  })

  it('goes to a mirror where one is set', async () => {
    await using server = await fileServer()
    await using place = await bench()
    server.put('/debian/x', 'abc')
    const http = new HttpClient({ mirrors: () => ({ 'https://cloud.example/': `${server.origin}/` }), environment: {} })
    const got = await download(options(place, 'https://cloud.example/debian/x', { http }))
    expect(got.bytes).toBe(3)
    await http.close()
  })

  it('is http or https, and never shows a password', async () => {
    await using place = await bench()
    expect(await kindOf(download(options(place, 'ftp://x/y')))).toMatch(/^invalid-input|no http or https/)
    await using server = await fileServer()
    const url = `${server.origin.replace('//', '//ada:secret@')}/gone`
    expect(await kindOf(download(options(place, url)))).not.toContain('secret')
  })
})
