import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { DisposableStore } from '../../base/disposable.ts'
import { domainId, RemoteError, type DomainState, type Task } from '../../contract/index.ts'
import { rawDisk } from '../../image/testing/bench.ts'
import type { Found } from '../connection/connection-set.ts'
import type { Context } from '../context.ts'
import { TaskRegistry } from '../task/task-registry.ts'
import { imageRoom } from './image-room.ts'
import { machineDisks } from './machine-disk.ts'

const run = promisify(execFile)
const URI = 'qemu:///system'
const ID = domainId('web', URI)
const context: Context = { principal: { surface: 'cli', name: 'ada' }, signal: new AbortController().signal }
const DISK = rawDisk(1024 * 1024)

interface Machine {
  uri: string
  kind: string
  state: DomainState | undefined
  osId: string | null
  disks: { target: string; device: string; source: string | null; format: string | null; readOnly: boolean }[]
}

describe('an image of a machine', () => {
  let folder = ''
  let owned: DisposableStore
  let tasks: TaskRegistry
  let room: ReturnType<typeof imageRoom>
  let machine: Machine
  let startsMeanwhile = false

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'machine-disk-'))
    owned = new DisposableStore()
    tasks = owned.add(new TaskRegistry(() => undefined))
    const path = join(folder, 'web.qcow2')
    startsMeanwhile = false
    machine = {
      ...{ uri: URI, kind: 'kvm', state: 'shutoff', osId: 'http://debian.org/debian/12' },
      disks: [
        { target: 'sda', device: 'cdrom', source: '/seed.iso', format: 'raw', readOnly: true },
        { target: 'vda', device: 'disk', source: path, format: 'qcow2', readOnly: false },
        { target: 'vdb', device: 'disk', source: join(folder, 'data.raw'), format: 'raw', readOnly: false },
      ],
    }
    await writeFile(join(folder, 'base.raw'), DISK)
    await writeFile(join(folder, 'data.raw'), DISK)
    await run('qemu-img', ['create', '-q', '-f', 'qcow2', '-b', join(folder, 'base.raw'), '-F', 'raw', path])
    const domain = async (): Promise<Found> => {
      const { uri, kind, state, osId, disks } = machine
      const summary = { name: 'web', state }
      const connection = {
        ...{ uri, status: { kind }, creation: { volume: async () => ({ path, physicalBytes: 1 }) } },
        // As the inventory is now, whenever that is asked.
        domains: { get: () => (machine.state === undefined ? undefined : { ...summary, state: machine.state }) },
        inspect: {
          detail: async () => {
            if (startsMeanwhile) machine.state = 'running'
            return { name: 'web', osId, firmware: 'uefi', disks }
          },
        },
      }
      return { connection, key: 'web', summary } as unknown as Found
    }
    room = imageRoom({
      ...{ tasks, owned, configFolder: folder, folder: join(folder, 'images'), publish: () => undefined },
      diskOf: machineDisks({ domain }),
    })
  })
  afterEach(async () => {
    owned.dispose()
    await rm(folder, { recursive: true, force: true, maxRetries: 5 })
  })

  const take = (more: object = {}) => room.handlers.import({ machine: ID, raw: false, ...more }, context)
  const ended = async ({ taskId }: { taskId: string }): Promise<Task> =>
    vi.waitFor(
      () => {
        const found = tasks.list().find(({ id }) => id === taskId)
        if (!found || found.state === 'running') throw new Error('still running')
        return found
      },
      { timeout: 20_000 },
    )
  const failureOf = async (work: Promise<unknown>) =>
    work.then(
      () => 'done',
      (error: unknown) => (error instanceof RemoteError ? error.detail : String(error)),
    )

  it('holds what the guest sees, and needs no other file', async () => {
    expect(await ended(await take())).toMatchObject({ state: 'done', target: ID, targetName: 'web' })
    const [found] = (await room.handlers.list()).images
    expect(found).toMatchObject({
      ...{ name: 'web', from: 'machine', format: 'qcow2', bytes: DISK.length, url: null },
      ...{ osId: 'debian-12', defaultUser: 'debian', firmware: 'uefi' },
    })
    const flat = join(folder, 'flat.raw')
    await run('qemu-img', ['convert', '-f', 'qcow2', '-O', 'raw', found?.path ?? '', flat])
    expect((await readFile(flat)).equals(DISK)).toBe(true)
    const { stdout } = await run('qemu-img', ['info', '--output=json', found?.path ?? ''])
    expect(JSON.parse(stdout)).not.toHaveProperty('backing-filename')
  })

  it('is of its first disk, or of the one that is named; and is called as one likes', async () => {
    await ended(await take({ disk: 'vdb', name: 'Data', osId: 'fedora-44' }))
    expect((await room.handlers.list()).images).toMatchObject([{ name: 'Data', osId: 'fedora-44' }])
    expect(await failureOf(take({ disk: 'vdc' }))).toMatchObject({
      kind: 'not-found',
      hint: expect.stringContaining('vda, vdb'),
    })
  })

  it('is of a volume, too', async () => {
    machine.disks = [{ target: 'vda', device: 'disk', source: 'pool/web.qcow2', format: 'qcow2', readOnly: false }]
    expect(await ended(await take())).toMatchObject({ state: 'done' })
  })

  it.each(['running', 'paused', 'shutting-down', 'suspended', 'crashed', 'saved', 'unknown'] as const)(
    'is refused while the machine is %s',
    async state => {
      machine.state = state
      expect(await failureOf(take())).toMatchObject({ kind: 'precondition', hint: expect.any(String) })
      expect(tasks.list()).toEqual([])
    },
  )

  it('is refused where the machine was started in the last moment', async () => {
    startsMeanwhile = true
    expect(await ended(await take())).toMatchObject({ state: 'failed', error: { kind: 'precondition' } })
    expect((await room.handlers.list()).images).toEqual([])
  })

  it('leaves nothing behind when it is cancelled', async () => {
    const { taskId } = await take()
    tasks.cancel(taskId)
    expect(await ended({ taskId })).toMatchObject({ state: 'cancelled' })
    expect((await room.handlers.list()).images).toEqual([])
    expect(await readdir(join(folder, 'images', 'work')).catch(() => [])).toEqual([])
    expect(await ended(await take())).toMatchObject({ state: 'done' })
  })

  it('keeps others from working on the machine', async () => {
    const { taskId } = tasks.start(
      { room: 'domain', name: 'start', target: ID, targetName: 'web', overrides: false, title: 'Start' },
      async ({ signal }) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    )
    expect(await failureOf(take())).toMatchObject({ kind: 'precondition' })
    tasks.cancel(taskId)
  })

  it.each([
    ['on another computer', () => (machine.uri = 'qemu+ssh://dev@lab/system')],
    ['of another hypervisor', () => (machine.kind = 'lxd')],
    ['without a disk', () => (machine.disks = machine.disks.slice(0, 1))],
    ['whose disk is a device', () => machine.disks.splice(0, 9, { ...only(), source: '/dev/vg/web' })],
    ['whose disk is on the network', () => machine.disks.splice(0, 9, { ...only(), source: 'rbd://mon/pool/web' })],
    ['whose disk does not say what it is', () => machine.disks.splice(0, 9, { ...only(), format: null })],
  ])('is refused for one %s', async (_what, change) => {
    change()
    expect(await failureOf(take())).toMatchObject({ kind: 'unsupported' })
  })
  const only = () => ({
    target: 'vda',
    device: 'disk',
    source: join(folder, 'web.qcow2'),
    format: 'qcow2',
    readOnly: false,
  })

  it('is refused for a disk that is gone', async () => {
    await rm(join(folder, 'web.qcow2'))
    expect(await failureOf(take())).toMatchObject({ kind: 'not-found' })
  })

  it('leaves nothing behind where a base is no disk', async () => {
    const path = join(folder, 'web.qcow2')
    await run('qemu-img', ['create', '-q', '-f', 'qcow2', '-b', '/etc/passwd', '-F', 'raw', path])
    expect(await ended(await take())).toMatchObject({ state: 'failed', error: { kind: 'precondition' } })
    expect((await room.handlers.list()).images).toEqual([])
  })
})
