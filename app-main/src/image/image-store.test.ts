import { execFile } from 'node:child_process'
import { access, mkdir, readdir, readFile, rm, symlink, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { HttpClient } from './http.ts'
import type { ImageProgress } from './image-progress.ts'
import { ImageStore } from './image-store.ts'
import { bench, PLENTY, rawDisk, sha256, type Bench } from './testing/bench.ts'
import { fileServer, type FileServer } from './testing/file-server.ts'

const run = promisify(execFile)
const none = new AbortController().signal
const options = { signal: none }
const DISK = rawDisk(2_000_000)
const UBUNTU = { kind: 'catalogue', id: 'ubuntu-24.04', architecture: 'x86_64' } as const
const NAME = 'ubuntu-24.04-server-cloudimg-amd64.img'
const PLACE = '/cloud-images.ubuntu.com/releases/noble/release'

const storeIn = ({ folder }: Bench, server: FileServer, change: object = {}) => {
  const http = new HttpClient({ environment: {}, mirrors: () => ({ 'https://': `${server.origin}/` }) })
  return new ImageStore({ folder: join(folder, 'images'), http, free: PLENTY, retryMs: 1, ...change })
}
const publish = (server: FileServer, body = DISK, list = `${sha256(body)} *${NAME}\n`) => {
  server.put(`${PLACE}/SHA256SUMS`, list)
  return server.put(`${PLACE}/${NAME}`, body, { etag: `"${sha256(body)}"` })
}
const got = (server: FileServer) => server.requests.filter(line => line.includes(NAME)).length
const failure = async (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  )
/** What lies in the folders for half-made things. */
const leftovers = async (store: ImageStore) =>
  (await Promise.all(['fetch', 'work'].map(name => readdir(join(store.cache.folder, name)).catch(() => [])))).flat()

describe('an image of the catalogue', () => {
  it('is fetched, checked, read-only, named by its content, and there the next time', async () => {
    await using server = await fileServer()
    await using place = await bench()
    publish(server)
    const store = storeIn(place, server)
    const steps: ImageProgress[] = []
    const base = await store.obtain(UBUNTU, { signal: none, progress: step => steps.push(step) })
    expect(base).toEqual({
      ...{ path: join(store.cache.folder, 'base', `${sha256(DISK)}.raw`), format: 'raw', bytes: DISK.length },
      ...{ osId: 'ubuntu-24.04', defaultUser: 'ubuntu', firmware: 'any', sha256: sha256(DISK) },
      signature: { state: 'unchecked', about: expect.stringContaining('published no signature') },
    })
    expect((await stat(base.path)).mode & 0o777).toBe(0o444)
    expect(new Set(steps.map(({ step }) => step))).toEqual(new Set(['resolve', 'download', 'check']))
    expect(await store.obtain(UBUNTU, options)).toEqual(base)
    expect([got(server), await leftovers(store)]).toEqual([1, []])
  })

  it('is fetched once for all who want it at once, in this process and in another', async () => {
    await using server = await fileServer()
    await using place = await bench()
    let open = () => {}
    publish(server).gate = new Promise(resolve => (open = resolve))
    const [store, other] = [storeIn(place, server), storeIn(place, server)]
    const all = [store, store, other].map(one => one.obtain(UBUNTU, options))
    await expect.poll(() => got(server)).toBe(1)
    expect(await store.isUnderWay(UBUNTU)).toBe(true)
    open()
    expect(new Set((await Promise.all(all)).map(({ path }) => path)).size).toBe(1)
    expect([got(server), await store.isUnderWay(UBUNTU)]).toEqual([1, false])
  })

  it('is asked for again when it is old, and not brought again when it is the same', async () => {
    await using server = await fileServer()
    await using place = await bench()
    publish(server)
    const store = storeIn(place, server, { currentMs: 0 })
    const first = await store.obtain(UBUNTU, options)
    expect((await store.obtain(UBUNTU, options)).path).toBe(first.path)
    expect(got(server)).toBe(1)
    const newer = rawDisk(2_100_000)
    publish(server, newer)
    expect((await store.obtain(UBUNTU, options)).bytes).toBe(newer.length)
    server.files.clear()
    // Offline, what is here must do.
    expect((await store.obtain(UBUNTU, options)).bytes).toBe(newer.length)
  })

  it('of a wrong checksum is refused, and nothing of it is kept', async () => {
    await using server = await fileServer()
    await using place = await bench()
    const store = storeIn(place, server)
    publish(server, DISK, `${'0'.repeat(64)} *${NAME}\n`)
    expect(await failure(store.obtain(UBUNTU, options))).toContain('checksum of this image is wrong')
    expect([await store.cache.list(), await leftovers(store)]).toEqual([[], []])
    publish(server)
    expect((await store.obtain(UBUNTU, options)).bytes).toBe(DISK.length)
  })

  it('that is no image, or one that reaches for files of this computer, is refused', async () => {
    await using server = await fileServer()
    await using place = await bench()
    const store = storeIn(place, server)
    publish(server, Buffer.alloc(100_000, 'not an image '))
    expect(await failure(store.obtain(UBUNTU, options))).toContain('no disk image that Vireo knows')
    const [base, over] = ['base', 'over'].map(name => join(place.folder, name))
    await run('qemu-img', ['create', '-q', '-f', 'qcow2', base ?? '', '1M'])
    await run('qemu-img', ['create', '-q', '-f', 'qcow2', '-F', 'qcow2', '-b', base ?? '', over ?? ''])
    publish(server, await readFile(over ?? ''))
    expect(await failure(store.obtain(UBUNTU, options))).toContain('only a difference')
    expect(await store.cache.list()).toEqual([])
  })

  it('is left half-way when it is cancelled, and goes on later', async () => {
    await using server = await fileServer()
    await using place = await bench()
    const store = storeIn(place, server)
    const served = publish(server)
    served.stallAfter = 1_000_000
    const leave = new AbortController()
    const progress = ({ step, done }: ImageProgress) => step === 'download' && done > 500_000 && leave.abort()
    expect(await failure(store.obtain(UBUNTU, { signal: leave.signal, progress }))).toContain('cancelled')
    delete served.stallAfter
    await store.obtain(UBUNTU, options)
    expect(server.requests.some(line => /bytes=\d+-$/.test(line))).toBe(true)
  })

  it('is unpacked, and known again by the checksum of the packed file', async () => {
    await using server = await fileServer()
    await using place = await bench()
    const file = join(place.folder, 'disk')
    await writeFile(file, DISK)
    await run('xz', [file])
    const packed = await readFile(`${file}.xz`)
    const name = 'FreeBSD-15.0-RELEASE-amd64-BASIC-CLOUDINIT-ufs.qcow2.xz'
    const folder = '/download.freebsd.org/releases/VM-IMAGES/15.0-RELEASE/amd64/Latest'
    server.put(`${folder}/CHECKSUM.SHA512`, `SHA256 (${name}) = ${sha256(packed)}\n`)
    server.put(`${folder}/${name}`, packed)
    const store = storeIn(place, server, { currentMs: 0 })
    const source = { kind: 'catalogue', id: 'freebsd-15.0', architecture: 'x86_64' } as const
    expect(await store.obtain(source, options)).toMatchObject({ sha256: sha256(DISK), osId: 'freebsd-15.0' })
    await store.obtain(source, options)
    expect(server.requests.filter(line => line.includes(name))).toHaveLength(1)
  })
})

describe('an address of one’s own', () => {
  it('is taken with its checksum, or without one', async () => {
    await using server = await fileServer()
    await using place = await bench()
    const store = storeIn(place, server)
    server.put('/disk', DISK)
    const url = `${server.origin}/disk`
    expect(await store.obtain({ kind: 'url', url, checksum: sha256(DISK) }, options)).toMatchObject({ osId: 'unknown' })
    const about = { osId: 'debian-12', defaultUser: 'ada', name: 'Mine' }
    expect(await store.obtain({ kind: 'url', url, about }, options)).toMatchObject({ sha256: sha256(DISK) })
    const wrong = store.obtain({ kind: 'url', url, checksum: '1'.repeat(64) }, options)
    expect(await failure(wrong)).toContain('checksum of this image is wrong')
    expect(await failure(store.obtain({ kind: 'url', url, checksum: 'abc' }, options))).toContain('no checksum that')
    expect(await failure(store.obtain({ kind: 'url', url: 'file:///etc/shadow' }, options))).toContain('no http')
  })
})

describe('a file of one’s own', () => {
  it.for(['qcow2', 'vmdk', 'vdi', 'vhdx'])('%s: is copied, as qcow2, and stays as it was', async format => {
    await using server = await fileServer()
    await using place = await bench()
    const store = storeIn(place, server)
    const path = join(place.folder, `mine.${format}`)
    await run('qemu-img', ['create', '-q', '-f', format, path, '8M'])
    const base = await store.obtain({ kind: 'file', path, about: { osId: 'debian-12' } }, options)
    expect(base).toMatchObject({ format: 'qcow2', bytes: 8 * 1024 ** 2, osId: 'debian-12' })
    await access(path)
    expect(await leftovers(store)).not.toContainEqual(expect.stringMatching(/^\d+-/))
  })

  it('is used in place when a person wants that, and is an ordinary file in any case', async () => {
    await using server = await fileServer()
    await using place = await bench()
    const store = storeIn(place, server)
    const path = join(place.folder, 'mine.raw')
    await writeFile(path, DISK)
    expect(await store.obtain({ kind: 'file', path, inPlace: true }, options)).toMatchObject({ path, sha256: null })
    expect(await store.cache.list()).toEqual([])
    const from = (file: string) => failure(store.obtain({ kind: 'file', path: file }, options))
    expect(await from(place.folder)).toContain('not a file')
    expect(await from('/dev/zero')).toContain('not a file')
    expect(await from('relative')).toContain('absolute')
    expect(await from(join(place.folder, 'none'))).toContain('There is no file')
  })
})

describe('the cache', () => {
  const filled = async (place: Bench, server: FileServer) => {
    publish(server)
    const store = storeIn(place, server)
    return { store, base: await store.obtain(UBUNTU, options) }
  }

  it('keeps an image while a machine is built on it', async () => {
    await using server = await fileServer()
    await using place = await bench()
    const { store, base } = await filled(place, server)
    const overlay = join(place.folder, 'overlay.qcow2')
    await store.reserve(base.sha256 ?? '', overlay)
    expect(await failure(store.cache.remove(base.sha256 ?? ''))).toContain('built on')
    await writeFile(overlay, 'x')
    const old = new Date(Date.now() - 86_400_000)
    const users = join(store.cache.folder, 'users', base.sha256 ?? '')
    for (const name of await readdir(users)) await utimes(join(users, name), old, old)
    expect(await failure(store.cache.remove(base.sha256 ?? ''))).toContain('built on')
    await rm(overlay)
    // What cannot be looked at is not known to be gone: a link to itself is refused to root as well.
    await symlink(overlay, overlay)
    expect(await failure(store.cache.remove(base.sha256 ?? ''))).toContain('built on')
    await rm(overlay)
    await store.cache.remove((base.sha256 ?? '').slice(0, 8))
    expect([await store.cache.list(), await failure(access(base.path))]).toEqual([
      [],
      expect.stringContaining('ENOENT'),
    ])
    expect(await failure(store.reserve(base.sha256 ?? '', overlay))).toContain('removed in the meantime')
  })

  it('passes over what is damaged, and names nothing outside', async () => {
    await using server = await fileServer()
    await using place = await bench()
    const { store, base } = await filled(place, server)
    await rm(base.path)
    expect(await store.cache.list()).toEqual([])
    expect((await store.obtain(UBUNTU, options)).path).toBe(base.path)
    expect(await failure(store.cache.get('../../etc/passwd'))).toContain('There is no image')
    expect(await failure(store.cache.get(''))).toContain('There is no image')
  })

  it('sweeps what crashes left, and nothing that is still worked on', async () => {
    await using server = await fileServer()
    await using place = await bench()
    const { store } = await filled(place, server)
    const old = new Date(Date.now() - 10 * 86_400_000)
    for (const name of ['work/999999-dead', `work/${process.pid}-alive`, 'fetch/old', 'fetch/new']) {
      const folder = join(store.cache.folder, name)
      await mkdir(folder, { recursive: true })
      await writeFile(join(folder, 'part'), Buffer.alloc(1000))
      if (name === 'fetch/old') await utimes(folder, old, old)
    }
    expect(await store.sweep(86_400_000)).toBe(2000)
    expect((await leftovers(store)).toSorted()).toEqual([`${process.pid}-alive`, 'new'].toSorted())
  })

  it('says so when it may not be written', async () => {
    await using server = await fileServer()
    await using place = await bench()
    publish(server)
    const folder = join(place.folder, 'file')
    await writeFile(folder, 'not a folder')
    expect(await failure(storeIn(place, server, { folder }).obtain(UBUNTU, options))).not.toBe('done')
  })
})
