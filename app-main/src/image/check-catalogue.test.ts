import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { CATALOGUE, catalogueEntry } from './catalogue.ts'
import { checkCatalogue } from './check-catalogue.ts'
import { HttpClient } from './http.ts'
import { fileServer, type FileServer } from './testing/file-server.ts'

const never = new AbortController().signal
const NAME = 'ubuntu-24.04-server-cloudimg-amd64.img'
const PLACE = '/cloud-images.ubuntu.com/releases/noble/release'
const IMAGE = Buffer.alloc(2 * 1024 * 1024)

describe('the catalogue’s addresses', () => {
  let server: FileServer
  let http: HttpClient
  beforeEach(async () => {
    server = await fileServer()
    http = new HttpClient({ environment: {}, mirrors: () => ({ 'https://': `${server.origin}/` }) })
    server.put(`${PLACE}/SHA256SUMS`, `${'a'.repeat(64)} *${NAME}\n`)
    server.put(`${PLACE}/SHA256SUMS.gpg`, 'signed')
    server.put(`${PLACE}/${NAME}`, IMAGE)
  })
  afterEach(async () => {
    await http.close()
    await server[Symbol.asyncDispose]()
  })

  const image = async () => {
    const entries = [catalogueEntry('ubuntu-24.04')]
    const all = await checkCatalogue({ http, signal: never, entries })
    expect(all.map(({ name, architecture }) => `${name} ${architecture}`)).toEqual([
      ...['ubuntu-24.04 x86_64', 'ubuntu-24.04 aarch64', 'ubuntu-24.04:iso x86_64'],
    ])
    return all[0]?.problem
  }

  it('are well where the image and its signature are there, and nothing of the image is fetched', async () => {
    expect(await image()).toBeNull()
    expect(server.requests.filter(line => line.endsWith(NAME))).toEqual([])
    expect(server.requests.some(line => line.endsWith(`${NAME} bytes=0-0`))).toBe(true)
  })

  it('are told of, one by one, where something is wrong', async () => {
    const all = await checkCatalogue({ http, signal: never, entries: [catalogueEntry('ubuntu-24.04')] })
    // The list names no image for ARM, and there is no list of media at all.
    expect(all.map(({ problem }) => problem === null)).toEqual([true, false, false])
    server.put(`${PLACE}/${NAME}`, IMAGE, { type: 'text/html; charset=utf-8' })
    expect(await image()).toContain('a web page')
    server.put(`${PLACE}/${NAME}`, IMAGE.subarray(0, 100))
    expect(await image()).toContain('100 bytes only')
    server.files.delete(`${PLACE}/${NAME}`)
    expect(await image()).toContain('not there any more')
    server.put(`${PLACE}/${NAME}`, IMAGE)
    server.files.delete(`${PLACE}/SHA256SUMS.gpg`)
    expect(await image()).toContain('SHA256SUMS.gpg')
  })

  it('are asked for again when a server is only busy, and given up when it stays so', async () => {
    let times = 0
    const busy = (most: number) =>
      server.put(`${PLACE}/SHA256SUMS`, '', {
        answer: (_request, response) => {
          if (times++ < most) response.writeHead(503).end()
          else response.end(`${'a'.repeat(64)} *${NAME}\n`)
        },
      })
    busy(1)
    const only = [{ ...catalogueEntry('ubuntu-24.04'), iso: undefined }]
    const [first] = await checkCatalogue({ http, signal: never, entries: only, atOnce: 1 })
    expect(first?.problem).toBeNull()
    times = 0
    busy(100)
    const [second] = await checkCatalogue({ http, signal: never, entries: only, atOnce: 1 })
    expect(second?.problem).toContain('503')
  })

  it('are all of them asked for', async () => {
    const told: string[] = []
    const all = await checkCatalogue({ http, signal: never, done: ({ name }) => void told.push(name) })
    expect(told.length).toBe(all.length)
    const families = new Set(CATALOGUE.filter(({ image: from }) => from && from.kind !== 'own').map(({ id }) => id))
    for (const { name } of all) families.delete(name)
    expect([...families]).toEqual([])
  })
})
