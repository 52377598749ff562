import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { ConnectionUri } from '../../contract/index.ts'
import { fakeInstance, fakeLxd, json, refuse, silence, sync, uuidOf, type FakeLxd } from '../../lxd/testing/fake-lxd.ts'
import { unattended } from '../waiting.ts'
import type { LxdConnection } from './connection.ts'
import { LxdDriver } from './driver.ts'

let fake: FakeLxd
let connection: LxdConnection
const log = vi.spyOn(process.stderr, 'write')
beforeEach(async () => {
  log.mockClear().mockReturnValue(true)
  fake = await fakeLxd()
  for (const name of ['a1', 'b2', 'c3']) fake.instances.set(name, fakeInstance(name))
  connection = new LxdDriver().create(fake.uri as ConnectionUri)
})
afterEach(async () => {
  connection.dispose()
  await fake[Symbol.asyncDispose]()
})

const open = async () => {
  connection.open()
  await connection.settled()
}
const names = () => [...connection.domains.values()].map(({ name }) => name).sort()
const key = uuidOf('a1')

describe('a daemon', () => {
  it('is listed in one request that asks no instance anything, and one that does', async () => {
    await open()
    expect(connection.status).toMatchObject({ state: 'ready', kind: 'lxd', host: { hostname: 'fake', cpus: 4 } })
    await connection.complete()
    expect(fake.asked.filter(line => line.includes('/instances'))).toEqual([
      'GET /1.0/instances?recursion=1',
      'GET /1.0/instances?recursion=2',
    ])
    expect(connection.domains.get(key)).toMatchObject({ name: 'a1', state: 'running', addresses: [{ ip: '10.0.0.2' }] })
  })

  it('that tells nonsense of one instance still shows the others, and says so', async () => {
    const bad = [{ name: '../../x' }, { name: 'a@b' }, 7, null, { ...fakeInstance('d4'), config: 'x' }]
    fake.answers.set('GET /1.0/instances', sync([...fake.instances.values(), ...bad]))
    await open()
    expect(names()).toEqual(['a1', 'b2', 'c3'])
    expect(log).toHaveBeenCalledWith(expect.stringContaining('left out'))
  })

  it.each([
    ['nonsense', sync('x')],
    ['a refusal', refuse(500, 'database is locked')],
    ['no envelope', json([1])],
  ])('that answers the list with %s is not ready, and says why', async (_what, answer) => {
    fake.answers.set('GET /1.0/instances', answer)
    await open()
    expect(connection.status.state).toBe('unavailable')
    expect(connection.status.error).not.toBeNull()
  })

  it('whose instances stall when they are asked is ready all the same', async () => {
    const usual = sync([...fake.instances.values()])
    fake.answers.set('GET /1.0/instances', (response, request) =>
      (request.url?.includes('recursion=2') ? silence : usual)(response, request),
    )
    await open()
    expect(names()).toEqual(['a1', 'b2', 'c3'])
  })

  it('of which one instance tells too much asks each by itself', async () => {
    const usual = sync([...fake.instances.values()].map(one => ({ ...one, state: undefined })))
    fake.answers.set('GET /1.0/instances', (response, request) =>
      (request.url?.includes('recursion=2') ? refuse(500, 'too much') : usual)(response, request),
    )
    fake.answers.set('GET /1.0/instances/b2', refuse(500, 'b2 is sick'))
    await open()
    await connection.complete()
    expect(connection.domains.get(key)?.addresses).toHaveLength(1)
    expect(connection.domains.get(uuidOf('b2'))).toMatchObject({ state: 'unknown', reason: 'Unknown: b2 is sick' })
  })

  it('that floods with events is asked now and then', async () => {
    await open()
    await connection.complete()
    const before = fake.asked.length
    for (let round = 0; round < 20_000; round++) fake.tell('instance-updated', `x${round % 500}`)
    fake.instances.set('new', fakeInstance('new'))
    fake.tell('instance-created', 'new')
    await vi.waitFor(() => expect(names()).toContain('new'), 20_000)
    await connection.inventory.refresh()
    // Once for each event would be 20,000.
    expect(fake.asked.length - before).toBeLessThan(2000)
  })
})

describe('an instance', () => {
  beforeEach(open)

  it('stays one when it is renamed, and is gone when it is deleted', async () => {
    fake.instances.delete('a1')
    fake.instances.set('renamed', { ...fakeInstance('a1'), name: 'renamed' })
    fake.tell('instance-renamed', 'renamed', { old_name: 'a1' })
    await vi.waitFor(() => expect(connection.domains.get(key)?.name).toBe('renamed'))
    await connection.inventory.refresh()
    expect(names()).toEqual(['b2', 'c3', 'renamed'])
    fake.instances.delete('renamed')
    fake.tell('instance-deleted', 'renamed')
    await vi.waitFor(() => expect(names()).toEqual(['b2', 'c3']))
  })

  it('made anew under the same name is another one', async () => {
    fake.instances.set('a1', { ...fakeInstance('a1'), config: { 'volatile.uuid': uuidOf('other') } })
    fake.tell('instance-created', 'a1')
    await vi.waitFor(() => expect(connection.domains.has(uuidOf('other'))).toBe(true))
    expect(connection.domains.has(key)).toBe(false)
  })

  it('without an address is looked at until it has one', async () => {
    fake.instances.set('a1', { ...fakeInstance('a1'), state: { status_code: 103, pid: 1, network: {} } })
    fake.tell('instance-started', 'a1')
    await vi.waitFor(() => expect(connection.domains.get(key)?.addresses).toEqual([]))
    fake.instances.set('a1', fakeInstance('a1'))
    await vi.waitFor(() => expect(connection.domains.get(key)?.addresses).toHaveLength(1), 10_000)
  })

  it('that cannot be measured leaves the others measured', async () => {
    fake.answers.set('GET /1.0/instances/b2/state', refuse(500, 'sick'))
    const stats = await connection.inspect.stats([key, uuidOf('b2'), uuidOf('c3'), 'nobody'])
    expect(stats.map(({ id }) => id.split('@')[0])).toEqual([key, uuidOf('c3')])
  })

  it('is deleted with its disk or not at all', async () => {
    fake.instances.set('a1', { ...fakeInstance('a1'), status_code: 102 })
    fake.tell('instance-stopped', 'a1')
    await vi.waitFor(() => expect(connection.domains.get(key)?.state).toBe('shutoff'))
    const keep = connection.definition.undefine(key, { storage: 'keep', nvram: 'keep' }, unattended())
    await expect(keep).rejects.toMatchObject({ detail: { kind: 'unsupported' } })
    expect(fake.asked.filter(line => line.startsWith('DELETE'))).toEqual([])
  })

  it('is not reached by a console whose daemon gives no way to it', async () => {
    fake.answers.set('POST /1.0/instances/a1/console', sync(null))
    const line = connection.console.serial(key, { takeOver: false })
    await expect(line).rejects.toMatchObject({ detail: { kind: 'refused' } })
  })

  it.each([
    ['define', () => connection.definition.define('<domain/>')],
    ['xml', () => connection.inspect.xml(key, { inactive: false })],
    ['screen', () => connection.console.screen(key)],
    ['screenshot', () => connection.inspect.screenshot(key)],
    ['managed-save', () => connection.lifecycle.save(key, unattended())],
    ['channel', () => connection.guest.open(key, 'x')],
  ] as const)('refuses %s with the reason on its sheet', async (feature, work) => {
    const reason = (await connection.inspect.detail(key)).features[feature]
    await expect(work()).rejects.toMatchObject({ detail: { kind: 'unsupported', message: reason } })
  })
})
