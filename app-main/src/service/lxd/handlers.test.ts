import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { domainId, RemoteError, type ConnectionUri } from '../../contract/index.ts'
import { LxdDriver } from '../../hypervisor/lxd/driver.ts'
import { MemoryDriver } from '../../hypervisor/memory/driver.ts'
import { DriverRegistry } from '../../hypervisor/registry.ts'
import { fakeInstance, fakeLxd, sync, uuidOf, type FakeLxd } from '../../lxd/testing/fake-lxd.ts'
import { ConnectionSet } from '../connection/connection-set.ts'
import type { Context } from '../context.ts'
import { TaskRegistry } from '../task/task-registry.ts'
import { lxdHandlers } from './handlers.ts'

const MEMORY = 'memory:///one?domains=1' as ConnectionUri
const context: Context = { principal: { surface: 'cli', name: 'ada' }, signal: new AbortController().signal }
const size = { columns: 80, rows: 24 }

let fake: FakeLxd
let uri: ConnectionUri
let connections: ConnectionSet
let tasks: TaskRegistry
const published = vi.fn<(room: string, name: string, payload: unknown) => void>()
const room = () => lxdHandlers(connections, tasks)
const failure = async (work: Promise<unknown>) => {
  const error = await work.catch((thrown: unknown) => thrown)
  return error instanceof RemoteError ? error.detail : error
}
beforeEach(async () => {
  fake = await fakeLxd()
  uri = fake.uri as ConnectionUri
  for (const name of ['on', 'off']) fake.instances.set(name, fakeInstance(name))
  fake.instances.set('off', fakeInstance('off', { status: 'Stopped', status_code: 102, state: null }))
  published.mockClear()
  connections = new ConnectionSet(new DriverRegistry([new LxdDriver(), new MemoryDriver()]), published)
  tasks = new TaskRegistry(() => undefined)
  for (const one of [uri, MEMORY]) await connections.add(one).settled()
})
afterEach(async () => {
  connections.dispose()
  tasks.dispose()
  await fake[Symbol.asyncDispose]()
})

it('opens a terminal only in a machine that runs and whose hypervisor reaches inside', async () => {
  const { terminal } = room()
  const off = { id: domainId(uuidOf('off'), uri), ...size }
  expect(await failure(terminal(off, context))).toMatchObject({ kind: 'precondition' })
  const [key = ''] = connections.get(MEMORY).domains.keys()
  expect(await failure(terminal({ id: domainId(key, MEMORY), ...size }, context))).toMatchObject({
    kind: 'unsupported',
  })
  expect(fake.asked.filter(line => line.startsWith('POST'))).toEqual([])
})

it('asks the daemon once for all who want its lists at about the same time', async () => {
  fake.answers.set('GET /1.0/profiles', sync([{ name: 'default', used_by: [] }]))
  const { profiles } = room()
  const all = await Promise.all(Array.from({ length: 50 }, () => profiles({ connection: uri }, context)))
  expect(all[49]).toEqual([{ name: 'default', description: '', usedBy: 0 }])
  expect(fake.asked.filter(line => line.startsWith('GET /1.0/profiles'))).toHaveLength(1)
})

it('tells when snapshots of a machine came or went', async () => {
  fake.tell('instance-snapshot-created', 'on/snapshots/before')
  const id = domainId(uuidOf('on'), uri)
  await vi.waitFor(() => expect(published).toHaveBeenCalledWith('lxd', 'snapshotsChanged', { id }))
  fake.tell('instance-snapshot-created', 'nobody/snapshots/before')
  fake.tell('instance-updated', 'off')
  await vi.waitFor(() => expect(fake.asked.filter(line => line.includes('/instances/off'))).not.toEqual([]))
  expect(published.mock.calls.filter(([, name]) => name === 'snapshotsChanged')).toHaveLength(1)
})
