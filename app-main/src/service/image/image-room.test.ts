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

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'image-room-'))
    server = await fileServer()
    owned = new DisposableStore()
    tasks = owned.add(new TaskRegistry(() => undefined))
    room = imageRoom({
      ...{ tasks, owned, configFolder: folder, folder: join(folder, 'images') },
      publish: (where, name) => void published.push(`${where}.${name}`),
    })
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
    const add = (id: string) => room.handlers.add({ id, place: `${server.origin}/own`, osId: 'debian-12' }, context)
    expect(await kindOf(add('debian-12'))).toBe('invalid-input')
    server.put('/own', DISK)
    expect((await add('mine')).at(-1)).toMatchObject({ id: 'mine', origin: 'own', icon: 'debian', cached: null })
    await ended(await fetch('mine'))
    expect((await room.handlers.catalogue()).at(-1)).toMatchObject({ cached: sha256(DISK) })
    expect(JSON.parse(await readFile(join(folder, 'images.json'), 'utf8'))).toMatchObject({ own: [{ id: 'mine' }] })
    expect((await room.handlers.forget({ id: 'mine' }, context)).some(({ id }) => id === 'mine')).toBe(false)
    expect(await kindOf(room.handlers.forget({ id: 'mine' }, context))).toBe('not-found')
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
})
