import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { domainId, RemoteError, type ConnectionUri, type Task } from '../../contract/index.ts'
import type { Creation, CreationHost } from '../../hypervisor/creation.ts'
import type { Media, MediumChange } from '../../hypervisor/media.ts'
import type { Operation } from '../../hypervisor/driver.ts'
import { MemoryDriver } from '../../hypervisor/memory/driver.ts'
import { DriverRegistry } from '../../hypervisor/registry.ts'
import { ConnectionSet } from '../connection/connection-set.ts'
import type { Context } from '../context.ts'
import type { Source } from '../create/source.ts'
import { TaskRegistry } from '../task/task-registry.ts'
import { mediaHandlers } from './handlers.ts'

const URI = 'memory:///one?domains=1' as ConnectionUri
const context: Context = { principal: { surface: 'cli', name: 'ada' }, signal: new AbortController().signal }
const unknown = { bytes: 4, osId: null, wishes: null }

let folder: string
let connections: ConnectionSet
let tasks: TaskRegistry
let steps: string[]
let changes: MediumChange[]
let source: Source
let local = true
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vireo-media-'))
  await writeFile(join(folder, 'a.iso'), 'abcd')
  steps = []
  publish.mockClear()
  resolve.mockClear()
  changes = []
  local = true
  source = { kind: 'iso', path: join(folder, 'a.iso'), ...unknown }
  connections = new ConnectionSet(new DriverRegistry([new MemoryDriver()]), () => undefined)
  tasks = new TaskRegistry(() => undefined)
  await connections.add(URI).settled()
})
afterEach(async () => {
  connections.dispose()
  tasks.dispose()
  await rm(folder, { recursive: true, force: true })
})

const idOf = () => domainId([...connections.get(URI).domains.keys()][0] ?? '', URI)

/** The machines in memory have no drives: these are lent to them. */
const lend = (change: (wanted: MediumChange) => Promise<{ drive: string; needsRestart: boolean }>) => {
  const media: Media = {
    list: async () => ({ drives: [], boot: [] }),
    change: (_key, wanted) => (changes.push(wanted), change(wanted)),
    bootFirst: async (_key, device) => (steps.push(`first ${device}`), { needsRestart: true }),
  }
  const host = { local: true, foreignUser: false } as CreationHost
  const creation: Partial<Creation> = {
    host: async () => ({ ...host, local }),
    usualPool: async () => ({ name: 'default', path: '/pool', availableBytes: 9, folder: true, active: true }),
    volume: async () => undefined,
    createVolume: async ({ name }) => (steps.push('make'), name),
    upload: async (_pool, _name, bytes) => {
      for await (const chunk of bytes) steps.push(`fill ${String(chunk)}`)
    },
    removeVolume: async () => void steps.push('remove'),
  }
  Object.assign(connections.get(URI), { media, creation })
}
const publish = vi.fn<(room: string, name: string, payload: unknown) => void>()
const resolve = vi.fn(async (_words: string, _operation: Operation, _fetch: boolean) => source)
const room = () => mediaHandlers({ connections, tasks, resolve, publish })
const ended = async (): Promise<Task> => {
  await vi.waitFor(() => expect(tasks.list()[0]?.state).not.toBe('running'))
  return tasks.list()[0] as Task
}
const insert = (drive?: string) => room().insert({ id: idOf(), source: 'x', drive, force: false }, context)

describe('a medium', () => {
  it('is put in where it lies when machines can read it there', async () => {
    lend(async () => ({ drive: 'sda', needsRestart: false }))
    await insert('sda')
    expect(await ended()).toMatchObject({ state: 'done', step: 'In sda' })
    expect(changes).toEqual([{ drive: 'sda', path: source.path, force: false }])
    expect(steps).toEqual([])
  })

  it('is copied into the pool first when they cannot', async () => {
    local = false
    lend(async () => ({ drive: 'sda', needsRestart: true }))
    await insert()
    expect(await ended()).toMatchObject({ state: 'done', step: expect.stringContaining('next start') })
    expect(steps).toEqual(['make', 'fill abcd'])
    expect(changes).toMatchObject([{ path: expect.stringMatching(/^\/pool\/vireo-base-[0-9a-f]{16}\.iso$/) }])
  })

  it('is an ISO and nothing else', async () => {
    source = {
      ...{ kind: 'image', path: '/a', format: 'qcow2', defaultUser: null, firmware: 'any' },
      ...unknown,
      agents: [],
    }
    lend(async () => ({ drive: 'sda', needsRestart: false }))
    await insert()
    expect((await ended()).error).toMatchObject({ kind: 'invalid-input' })
    // An image that would have to be downloaded is not, to be refused afterwards.
    expect(resolve.mock.calls.map(([, , fetch]) => fetch)).toEqual([false])
    expect(changes).toEqual([])
  })

  it('fails as the driver says', async () => {
    lend(() => Promise.reject(new RemoteError({ kind: 'precondition', message: 'It is locked.' })))
    await insert()
    expect((await ended()).error).toEqual({ kind: 'precondition', message: 'It is locked.' })
  })

  it('is taken out, and boot order is set, with the words of the person', async () => {
    lend(async () => ({ drive: 'sdb', needsRestart: false }))
    expect(await room().eject({ id: idOf(), force: true }, context)).toEqual({ drive: 'sdb', needsRestart: false })
    expect(changes).toEqual([{ drive: undefined, path: null, force: true }])
    await room().boot({ id: idOf(), device: '52:54:00:AA:00:01' }, context)
    expect(steps).toEqual(['first 52:54:00:aa:00:01'])
    expect(publish.mock.calls).toEqual([1, 2].map(() => ['media', 'changed', { id: idOf() }]))
  })
})

it('machines without drives say so', async () => {
  await expect(insert()).rejects.toMatchObject({ detail: { kind: 'unsupported' } })
  await expect(room().list({ id: idOf() }, context)).rejects.toMatchObject({ detail: { kind: 'unsupported' } })
})
