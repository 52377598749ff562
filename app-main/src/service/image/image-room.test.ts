import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { DisposableStore } from '../../base/disposable.ts'
import { image, RemoteError, type Task } from '../../contract/index.ts'
import { fileServer, type FileServer } from '../../image/testing/file-server.ts'
import { rawDisk, sha256 } from '../../image/testing/bench.ts'
import type { Context } from '../context.ts'
import { TaskRegistry } from '../task/task-registry.ts'
import { imageRoom } from './image-room.ts'

const run = promisify(execFile)
const context: Context = { principal: { surface: 'cli', name: 'ada' }, signal: new AbortController().signal }
const DISK = rawDisk(1_000_000)
const NAME = 'debian-12-generic-amd64.qcow2'
const PLACE = '/images/cloud/bookworm/latest'
const architecture = 'x86_64'

describe('the image room', () => {
  let folder = ''
  let server: FileServer
  let owned: DisposableStore
  let tasks: TaskRegistry
  let room: ReturnType<typeof imageRoom>
  const published: string[] = []
  /** Why nothing can be made of packages here, or the image that is made; and how often that was tried. */
  const packages: { outcome: RemoteError | Buffer; tried: number } = { outcome: DISK, tried: 0 }
  const used = new Map<string, string>()
  const NO_TOOLS = new RemoteError({ kind: 'unsupported', message: 'Only root can build an image.' })

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'image-room-'))
    server = await fileServer()
    owned = new DisposableStore()
    tasks = owned.add(new TaskRegistry(() => undefined))
    room = imageRoom({
      ...{ tasks, owned, configFolder: folder, folder: join(folder, 'images') },
      machines: {
        inUse: async () => {
          const message = used.get('fail')
          if (message !== undefined) throw new RemoteError({ kind: 'precondition', message })
          return used
        },
        cleanCopies: async () => [],
      },
      builder: {
        ensurePossible: () => {
          if (packages.outcome === NO_TOOLS) throw NO_TOOLS
        },
        build: async (_recipe, { folder: at }) => {
          packages.tried++
          const { outcome } = packages
          if (outcome instanceof RemoteError) throw outcome
          await writeFile(join(at, 'disk'), outcome)
          return join(at, 'disk')
        },
      },
      publish: (where, name) => void published.push(`${where}.${name}`),
    })
    used.clear()
    Object.assign(packages, { outcome: NO_TOOLS, tried: 0 })
    server.put(`${PLACE}/SHA512SUMS`, `${sha256(DISK)}  ${NAME}\n`)
    server.put(`${PLACE}/${NAME}`, DISK, { etag: '"1"' })
    const { handlers } = room
    await handlers.setMirror({ from: 'https://cloud.debian.org/', to: `${server.origin}/` }, context)
  })
  afterEach(async () => {
    owned.dispose()
    await server[Symbol.asyncDispose]()
    await rm(folder, { recursive: true, force: true, maxRetries: 5 })
    published.splice(0)
  })

  const ended = async ({ taskId }: { taskId: string }): Promise<Task> =>
    vi.waitFor(
      () => {
        const found = tasks.list().find(({ id }) => id === taskId)
        if (!found || found.state === 'running') throw new Error('still running')
        return found
      },
      { timeout: 20_000 },
    )
  const fetch = (source: string, more: object = {}) =>
    room.handlers.fetch({ source, iso: false, refresh: false, architecture, ...more }, context)
  const kindOf = async (work: Promise<unknown>) =>
    work.then(
      () => 'done',
      (error: unknown) => (error instanceof RemoteError ? error.detail.kind : String(error)),
    )

  it('fetches what a vendor has, through the mirror that is set, and lists it', async () => {
    const [one, other] = await Promise.all([fetch('debian-12'), fetch('debian-12')])
    expect(await Promise.all([one, other].map(ended))).toMatchObject([{ state: 'done' }, { state: 'done' }])
    expect(server.requests.filter(line => line.includes(NAME))).toHaveLength(1)
    const state = image.list.output.parse(await room.handlers.list())
    expect(state.images).toMatchObject([
      { osId: 'debian-12', sha256: sha256(DISK), url: `https://cloud.debian.org${PLACE}/${NAME}`, users: [] },
    ])
    expect(state.usedBytes).toBe(DISK.length)
    const catalogue = image.catalogue.output.parse(await room.handlers.catalogue())
    if (process.arch === 'x64')
      expect(catalogue.find(({ id }) => id === 'debian-12')).toMatchObject({ cached: sha256(DISK) })
    expect(published).toContain('image.changed')
  })

  it('tells of a download that fails, and can be cancelled', async () => {
    server.put(`${PLACE}/SHA512SUMS`, `${'0'.repeat(64)}  ${NAME}\n`)
    expect(await ended(await fetch('debian-12'))).toMatchObject({
      state: 'failed',
      error: { message: expect.stringContaining('checksum of this image is wrong') },
    })
    server.put(`${PLACE}/SHA512SUMS`, `${sha256(DISK)}  ${NAME}\n`)
    server.put(`${PLACE}/${NAME}`, DISK, { stallAfter: 10 })
    const { taskId } = await fetch('debian-12')
    await vi.waitFor(() => expect(tasks.list().find(({ id }) => id === taskId)?.step).toMatch(/^Downloading/))
    tasks.cancel(taskId)
    expect(await ended({ taskId })).toMatchObject({ state: 'cancelled' })
  })

  it('imports a file, deletes it, and refuses what is none', async () => {
    const path = join(folder, 'mine.vmdk')
    await run('qemu-img', ['create', '-q', '-f', 'vmdk', path, '4M'])
    const about = { name: 'Mine', osId: 'debian-12', defaultUser: 'ada' }
    await ended(await room.handlers.import({ path, raw: false, ...about }, context))
    const [found] = (await room.handlers.list()).images
    expect(found).toMatchObject({ name: 'Mine', format: 'qcow2', bytes: 4 * 1024 ** 2, defaultUser: 'ada' })
    await room.handlers.delete({ sha256: found?.sha256.slice(0, 10) ?? '' }, context)
    expect((await room.handlers.list()).images).toEqual([])
    expect(await kindOf(room.handlers.import({ path: join(folder, 'none'), raw: false }, context))).toBe('not-found')
    expect(await kindOf(room.handlers.delete({ sha256: 'abcdef' }, context))).toBe('not-found')
    expect(await kindOf(fetch(path))).toBe('invalid-input')
    expect(await kindOf(fetch('plan-9'))).toBe('not-found')
    expect(await kindOf(fetch('https://x.example/y', { checksum: 'short' }))).toBe('invalid-input')
  })

  it('keeps entries of one’s own, under ids that the catalogue does not have', async () => {
    const resolved = (words: string) => room.resolve(words, { signal: context.signal, progress: () => undefined }, true)
    const add = (id: string) =>
      room.handlers.add({ id, place: `${server.origin}/own`, osId: 'debian-12', inPlace: false }, context)
    expect(await kindOf(add('debian-12'))).toBe('invalid-input')
    server.put('/own', DISK)
    expect((await add('mine')).at(-1)).toMatchObject({ id: 'mine', origin: 'own', icon: 'debian', cached: null })
    await ended(await fetch('mine'))
    expect((await room.handlers.catalogue()).at(-1)).toMatchObject({ cached: sha256(DISK) })
    expect(JSON.parse(await readFile(join(folder, 'images.json'), 'utf8'))).toMatchObject({ own: [{ id: 'mine' }] })
    expect(await resolved('image:mine')).toMatchObject({ bytes: DISK.length })
    expect((await room.handlers.forget({ id: 'mine' }, context)).some(({ id }) => id === 'mine')).toBe(false)
    expect(await kindOf(room.handlers.forget({ id: 'mine' }, context))).toBe('not-found')
  })

  it('fetches an entry of one’s own from the file that it is', async () => {
    const place = join(folder, 'own.raw')
    await room.handlers.add({ id: 'own', place, name: 'Own', inPlace: false }, context)
    expect(await kindOf(fetch('own'))).toBe('not-found')
    await writeFile(place, DISK)
    expect(await ended(await fetch('own'))).toMatchObject({ state: 'done' })
    expect((await room.handlers.list()).images).toMatchObject([{ name: 'Own', from: 'file', sha256: sha256(DISK) }])
    expect((await room.handlers.catalogue()).at(-1)).toMatchObject({ id: 'own', cached: sha256(DISK) })
  })

  it('lets machines be built on a file of one’s own where it lies', async () => {
    const path = join(folder, 'base.qcow2')
    const add = (place: string) => room.handlers.add({ id: 'base', place, inPlace: true, defaultUser: 'ada' }, context)
    const resolved = () => room.resolve('base', { signal: context.signal, progress: () => undefined }, true)
    expect(await kindOf(add(path))).toBe('not-found')
    expect((await room.handlers.catalogue()).some(({ id }) => id === 'base')).toBe(false)
    await run('qemu-img', ['create', '-q', '-f', 'qcow2', path, '4M'])
    await add(path)
    expect(await resolved()).toMatchObject({ kind: 'image', path, format: 'qcow2', defaultUser: 'ada', osId: null })
    expect((await room.handlers.catalogue()).at(-1)).toMatchObject({ place: path, inPlace: true })
    expect(await kindOf(fetch('base'))).toBe('precondition')
    expect((await room.handlers.list()).images).toEqual([])
    await run('qemu-img', ['create', '-q', '-f', 'vmdk', path, '4M'])
    expect(await kindOf(resolved())).toBe('unsupported')
    await run('qemu-img', ['create', '-q', '-f', 'qcow2', '-b', '/etc/passwd', '-F', 'raw', path])
    expect(await kindOf(resolved())).toBe('precondition')
    await rm(path)
    expect(await kindOf(resolved())).toBe('not-found')
    const input = { id: 'x', place: 'https://x.example/', inPlace: true }
    expect(image.add.input.safeParse(input).success).toBe(false)
  })

  it('tells who needs an image, and what could not be asked', async () => {
    await ended(await fetch('debian-12'))
    const path = (await room.handlers.list()).images[0]?.path ?? ''
    const disk = join(folder, 'web.qcow2')
    await writeFile(disk, 'x')
    expect(await room.handlers.users()).toEqual({ images: [], unread: null })
    await room.hold.reserve(path, disk)
    expect(await room.handlers.users()).toEqual({
      ...{ images: [{ sha256: sha256(DISK), users: [disk] }], unread: null },
    })
    used.set(disk, '“web” on qemu:///system').set(path, '“web” on qemu:///system')
    expect((await room.handlers.users()).images).toMatchObject([{ users: ['“web” on qemu:///system'] }])
    used.set('fail', 'The storage pool “x” cannot be read.')
    expect(await room.handlers.users()).toMatchObject({
      ...{ images: [{ users: [disk] }], unread: expect.stringContaining('cannot be read') },
    })
  })

  it('cleans up what nobody used, and first tells what that would be', async () => {
    await ended(await fetch('debian-12'))
    expect(await room.handlers.cleanup({ days: 1, dryRun: false }, context)).toEqual({
      deleted: [],
      copies: [],
      freedBytes: 0,
    })
    const all = {
      deleted: [{ sha256: sha256(DISK), name: 'Debian 12 (Bookworm)' }],
      copies: [],
      freedBytes: DISK.length,
    }
    expect(await room.handlers.cleanup({ days: 0, dryRun: true }, context)).toEqual(all)
    expect((await room.handlers.list()).images).toHaveLength(1)
    expect(await room.handlers.cleanup({ days: 0, dryRun: false }, context)).toEqual(all)
    expect((await room.handlers.list()).images).toEqual([])
  })

  it('keeps what a machine is built on, as long as its disk is there or cannot be looked for', async () => {
    await ended(await fetch('debian-12'))
    const [found] = (await room.handlers.list()).images
    const path = found?.path ?? ''
    const disk = join(folder, 'overlay.qcow2')
    await room.hold.reserve(path, disk)
    await room.hold.reserve(join(folder, 'elsewhere.qcow2'), disk)
    expect(await kindOf(room.handlers.delete({ sha256: sha256(DISK) }, context))).toBe('precondition')
    await writeFile(disk, 'x')
    await room.hold.settle(path, disk)
    expect(await room.handlers.cleanup({ days: 0, dryRun: false }, context)).toEqual({
      deleted: [],
      copies: [],
      freedBytes: 0,
    })
    expect((await room.handlers.list()).images).toMatchObject([{ users: [disk] }])
    await rm(disk)
    // Looking forgets nothing: the pool may come back.
    expect((await room.handlers.list()).images).toMatchObject([{ users: [] }])
    await writeFile(disk, 'x')
    expect(await kindOf(room.handlers.delete({ sha256: sha256(DISK) }, context))).toBe('precondition')
    await rm(disk)
    expect(await kindOf(room.handlers.delete({ sha256: sha256(DISK) }, context))).toBe('done')
    expect(await kindOf(room.hold.reserve(path, disk))).toBe('not-found')
  })

  it('finds what a new machine starts from', async () => {
    const steps: string[] = []
    const operation = { signal: context.signal, progress: (step: string) => void steps.push(step) }
    expect(await kindOf(room.resolve('mine', operation, true))).toBe('not-found')
    const iso = rawDisk(64 * 1024)
    iso.write('CD001', 0x8001)
    await writeFile(join(folder, 'x.iso'), iso)
    await ended(await room.handlers.import({ path: join(folder, 'x.iso'), raw: false }, context))
    expect(await room.resolve(sha256(iso).slice(0, 12), operation, false)).toMatchObject({ kind: 'iso', osId: null })
    if (process.arch !== 'x64') return
    // Nobody is asked for what is only planned.
    const asked = server.requests.length
    expect(await room.resolve('debian-12', operation, false)).toMatchObject({
      ...{ kind: 'image', osId: 'debian-12', defaultUser: 'debian', agents: [] },
      pending: expect.stringContaining('downloaded'),
    })
    expect(await room.resolve('build:debian-12', operation, false)).toMatchObject({ agents: ['qemu-ga'] })
    expect(await room.resolve('debian-12:iso', operation, false)).toMatchObject({ kind: 'iso' })
    expect(await kindOf(room.resolve(`${server.origin}/x.img`, operation, false))).toBe('precondition')
    expect(server.requests.length).toBe(asked)
    expect(await room.resolve('debian-12', operation, true)).toMatchObject({
      ...{
        kind: 'image',
        format: 'raw',
        bytes: DISK.length,
        osId: 'debian-12',
        defaultUser: 'debian',
        firmware: 'any',
      },
    })
    expect(await room.resolve('debian-12', operation, false)).toMatchObject({ kind: 'image' })
    expect(steps).toContain('Asking the vendor what is current')
  })

  describe.runIf(process.arch === 'x64')('makes a system of the first source that can be reached', () => {
    const BUILT = rawDisk(500_000)
    const TOLD = expect.stringContaining(NO_TOOLS.detail.message)
    const NO_MIRROR = new RemoteError({ kind: 'precondition', message: 'The package mirror does not answer.' })
    const operation = { signal: context.signal, progress: () => undefined }
    const sizeOf = async (words: string, fetching = true) => {
      const source = await room.resolve(words, operation, fetching)
      return source.bytes
    }
    const firstOf = async (id: string) => (await room.handlers.catalogue()).find(one => one.id === id)?.first
    const askedVendor = () => server.requests.some(line => line.includes(NAME))

    it('which is what is here, wherever that came from', async () => {
      await ended(await fetch('debian-12'))
      packages.outcome = BUILT
      expect(await sizeOf('debian-12')).toBe(DISK.length)
      expect(packages.tried).toBe(0)
      expect(await room.resolve('debian-12', operation, false)).toMatchObject({ taken: { from: 'cache' } })
      expect(await firstOf('debian-12')).toBe('cache')
    })

    it('then the package mirror, before the vendor is asked', async () => {
      packages.outcome = BUILT
      expect(await room.resolve('debian-12', operation, false)).toMatchObject({
        ...{ agents: ['qemu-ga'], builds: 'debian-12', pending: expect.stringContaining('packages') },
        taken: { from: 'build', why: expect.stringContaining('this computer can make one') },
      })
      expect([await firstOf('debian-12'), await firstOf('almalinux-9')]).toEqual(['build', 'download'])
      expect(await sizeOf('debian-12')).toBe(BUILT.length)
      expect(askedVendor()).toBe(false)
      // The second time it is here.
      expect(await sizeOf('debian-12')).toBe(BUILT.length)
      expect(packages.tried).toBe(1)
    })

    it.each([
      ['can be made here', NO_TOOLS, 0],
      ['can be had from the mirror', NO_MIRROR, 1],
    ])('then the vendor, where nothing %s', async (_why, outcome, tried) => {
      packages.outcome = outcome
      const { taken } = await room.resolve('debian-12', operation, false)
      expect(taken).toMatchObject(outcome === NO_TOOLS ? { from: 'download', why: TOLD } : { from: 'build' })
      expect(await sizeOf('debian-12')).toBe(DISK.length)
      expect(packages.tried).toBe(tried)
    })

    it('unless the vendor’s image was asked for by name', async () => {
      packages.outcome = BUILT
      expect(await room.resolve('image:debian-12', operation, false)).toMatchObject({
        pending: expect.stringContaining('downloaded'),
      })
      expect(await sizeOf('image:debian-12')).toBe(DISK.length)
      expect(packages.tried).toBe(0)
    })

    it('and tells both reasons where neither can be reached', async () => {
      packages.outcome = NO_MIRROR
      await server[Symbol.asyncDispose]()
      await expect(sizeOf('debian-12')).rejects.toMatchObject({
        detail: { kind: 'connection', message: expect.stringMatching(/Nor can it be made.*does not answer/) },
      })
    })

    it('and stops where it was cancelled while it was made, without asking the vendor', async () => {
      packages.outcome = new RemoteError({ kind: 'cancelled', message: 'It was cancelled.' })
      expect(await kindOf(sizeOf('debian-12'))).toBe('cancelled')
      expect(askedVendor()).toBe(false)
    })

    it('and says at once that nothing can be built here, unless it was built before', async () => {
      const build = () => room.handlers.build({ id: 'debian-12', variant: 'minimal', refresh: false }, context)
      expect(await kindOf(build())).toBe('unsupported')
      packages.outcome = BUILT
      expect(await ended(await build())).toMatchObject({ state: 'done' })
      packages.outcome = NO_TOOLS
      expect(await ended(await build())).toMatchObject({ state: 'done' })
      expect(packages.tried).toBe(1)
    })
  })
})
