import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import {
  contract,
  DEFAULT_SETTINGS,
  domainId,
  type ConnectionUri,
  type DomainId,
  type Entry,
  type Room,
  type TaskRef,
} from '../contract/index.ts'
import { MemoryDriver } from '../hypervisor/memory/driver.ts'
import { DriverRegistry } from '../hypervisor/registry.ts'
import type { Context } from './context.ts'
import { createServices, type Services } from './services.ts'

const uri = (text: string) => text as ConnectionUri
const ONE = uri('memory:///one?domains=2')
const TWO = uri('memory:///two?domains=1')
const WHOLE = { partial: false }
const context: Context = { principal: { surface: 'cli', name: 'ada' }, signal: new AbortController().signal }

/** A memory driver, of which one computer accepts and then never answers. */
class SickDriver extends MemoryDriver {
  override defaults(): Promise<ConnectionUri[]> {
    return Promise.resolve([ONE])
  }
  override create(address: ConnectionUri) {
    const connection = super.create(address)
    if (!address.includes('sick')) return connection
    connection.inspect.stats = () => new Promise<never>(() => undefined)
    return connection
  }
}

describe('the services', () => {
  let folder = ''
  const made: Services[] = []
  const published: { event: string; payload: unknown }[] = []
  /** What was published and is not what the contract says. */
  const violations: unknown[] = []
  const start = async (connections?: readonly string[], driver: MemoryDriver = new SickDriver()) => {
    const drivers = new DriverRegistry([driver])
    const services = await createServices({
      ...{ drivers, connections, configFolder: folder, stateFolder: folder, shellReason: null },
      publish: (room, name, payload) => {
        const entry: Entry | undefined = (contract[room] as Room)[name]
        if (entry?.kind !== 'event') violations.push(`no event ${room}.${name}`)
        else if (!isDeepStrictEqual(entry.payload.safeParse(payload).data, payload)) violations.push(payload)
        published.push({ event: `${room}.${name}`, payload })
      },
    })
    made.push(services)
    return services.handlers
  }
  beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'services-'))))
  afterEach(async () => {
    for (const services of made.splice(0)) services.dispose()
    published.splice(0)
    await rm(folder, { recursive: true, maxRetries: 5 })
    const found = violations.splice(0)
    if (found.length > 0) throw new Error(`published against the contract: ${JSON.stringify(found)}`)
  })
  const settledTask = async (handlers: Services['handlers'], { taskId }: TaskRef) =>
    vi.waitFor(async () => {
      const found = (await handlers.task.list({}, context)).find(({ id }) => id === taskId)
      expect(found?.state).not.toBe('running')
      return found
    })

  it('merge the machines of all connections, or list those of one', async () => {
    const { domain } = await start([ONE, TWO])
    expect(await domain.list(WHOLE, context)).toHaveLength(3)
    expect(await domain.list({ ...WHOLE, connection: TWO }, context)).toMatchObject([{ connection: TWO, stale: false }])
    const stranger = domain.list({ ...WHOLE, connection: uri('memory:///x') }, context)
    await expect(stranger).rejects.toMatchObject({ detail: { kind: 'not-found' } })
  })

  it('list when everything is known, or at once for a caller who follows the events', async () => {
    let read: () => void = () => undefined
    class SlowDriver extends MemoryDriver {
      override create(address: ConnectionUri) {
        const connection = super.create(address)
        connection.complete = () => new Promise(resolve => (read = resolve))
        return connection
      }
    }
    const { domain } = await start([ONE], new SlowDriver())
    expect(await domain.list({ partial: true }, context)).toHaveLength(2)
    const listed = vi.fn()
    const whole = domain.list(WHOLE, context).then(listed)
    await new Promise(resolve => setImmediate(resolve))
    expect(listed).not.toHaveBeenCalled()
    read()
    await whole
    expect(listed.mock.lastCall?.[0]).toHaveLength(2)
  })

  it('drop the forwards of a machine that is deleted, and keep those of one that was not', async () => {
    const handlers = await start()
    const [gone, stays] = await handlers.domain.list(WHOLE, context)
    if (!gone || !stays) throw new Error('there are two machines')
    const lead = { port: 0, guestPort: 22, address: '127.0.0.1', guestAddress: null }
    const wanted = [
      { id: gone.id, ...lead },
      { id: gone.id, ...lead, guestPort: 80 },
      { id: stays.id, ...lead },
    ]
    await Promise.all(wanted.map(one => handlers.forward.add(one, context)))
    await settledTask(handlers, await handlers.domain.start({ id: stays.id, paused: false }, context))
    published.splice(0)
    const remove = async (id: DomainId) =>
      settledTask(handlers, await handlers.domain.undefine({ id, storage: 'keep', nvram: 'keep' }, context))
    expect(await remove(gone.id)).toMatchObject({ state: 'done' })
    expect(await remove(stays.id)).toMatchObject({ state: 'failed' })
    expect(await handlers.forward.list({}, context)).toMatchObject([{ domain: stays.id, guestPort: 22 }])
    expect(published).toContainEqual({ event: 'forward.changed', payload: {} })
  })

  it('remember added and removed connections, suggestions included', async () => {
    const first = await start()
    await first.connection.add({ uri: uri(' MEMORY:///two?domains=1 ') }, context)
    await first.connection.remove({ uri: ONE }, context)
    const uris = async () => (await (await start()).connection.list(WHOLE, context)).map(one => one.uri)
    expect(await uris()).toEqual([TWO])
    await first.connection.add({ uri: ONE }, context)
    await first.connection.remove({ uri: TWO }, context)
    expect(await uris()).toEqual([ONE])
    expect(published).toContainEqual({ event: 'connection.removed', payload: { uri: TWO } })
  })

  it('show a connection that another process adds, and drop one that it removes', async () => {
    const [first, second] = [await start(), await start()]
    const uris = async () => (await second.connection.list(WHOLE, context)).map(one => one.uri)
    await first.connection.add({ uri: TWO }, context)
    await vi.waitFor(async () => expect(await uris()).toEqual([ONE, TWO]))
    await first.connection.remove({ uri: ONE }, context)
    await vi.waitFor(async () => expect(await uris()).toEqual([TWO]))
  })

  it.each([
    ['no uri at all', 'invalid-input'],
    ['memory:///a b', 'invalid-input'],
    ['memory:///a\u001b[2J', 'invalid-input'],
    ['', 'invalid-input'],
    ['esx://host/', 'connection'],
    ['gopher://x', 'connection'],
    [ONE, 'precondition'],
  ])('refuse to add %j (%s) and keep nothing', async (typed, kind) => {
    const { connection } = await start()
    await expect(connection.add({ uri: uri(typed) }, context)).rejects.toMatchObject({ detail: { kind } })
    expect((await connection.list(WHOLE, context)).map(one => one.uri)).toEqual([ONE])
    await expect(readFile(join(folder, 'connections.json'))).rejects.toThrow('ENOENT')
  })

  it('measure the well while one connection is sick', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const said = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
    try {
      const { domain } = await start([ONE, 'memory:///sick?domains=1'])
      const ids = (await domain.list(WHOLE, context)).map(({ id }) => id)
      expect(ids).toHaveLength(3)
      const answer = domain.stats({ ids: [...ids, ids[0] as DomainId, domainId('nobody', ONE)] }, context)
      await vi.advanceTimersByTimeAsync(6000)
      expect((await answer).map(({ id }) => id).sort()).toEqual(ids.filter(id => !id.includes('sick')).sort())
    } finally {
      said.mockRestore()
      vi.useRealTimers()
    }
  })

  it('mark the last known machines of a lost connection, and say when they are fresh again', async () => {
    const driver = new MemoryDriver()
    const { domain } = await start([TWO], driver)
    await domain.list(WHOLE, context)
    published.splice(0)
    driver.host(TWO).setReachable(false)
    expect(await domain.list(WHOLE, context)).toMatchObject([{ stale: true }])
    expect(published.filter(({ event }) => event === 'domain.changed').at(-1)?.payload).toMatchObject({
      changed: [{ stale: true }],
    })
    driver.host(TWO).setReachable(true)
    expect(await domain.list(WHOLE, context)).toMatchObject([{ stale: false }])
  })

  it('run actions as tasks, with the way back where there is one', async () => {
    const handlers = await start([TWO])
    const [machine] = await handlers.domain.list(WHOLE, context)
    const id = machine?.id as DomainId
    const started = await settledTask(handlers, await handlers.domain.start({ id, paused: false }, context))
    expect(started).toMatchObject({ state: 'done', targetName: machine?.name, offer: null })
    const paused = await settledTask(handlers, await handlers.domain.suspend({ id }, context))
    expect(paused).toMatchObject({ state: 'done', offer: { room: 'domain', name: 'resume', input: { id } } })
    const again = await settledTask(handlers, await handlers.domain.start({ id, paused: false }, context))
    expect(again).toMatchObject({ state: 'failed', error: { kind: 'precondition' } })
    const ghost = handlers.domain.destroy({ id: domainId('nobody', TWO) }, context)
    await expect(ghost).rejects.toMatchObject({ detail: { kind: 'not-found' } })
  })

  it('keep settings, and tell every process when they change', async () => {
    const first = await start([])
    const second = await start([])
    expect(await first.app.settings({}, context)).toEqual(DEFAULT_SETTINGS)
    await first.app.changeSettings({ theme: 'dark' }, context)
    await first.app.changeSettings({ serialFontSize: 20 }, context)
    const expected = { ...DEFAULT_SETTINGS, theme: 'dark', serialFontSize: 20 }
    expect(await second.app.settings({}, context)).toEqual(expected)
    await vi.waitFor(() => {
      const told = published.filter(({ event }) => event === 'app.settingsChanged')
      expect(told.at(-1)?.payload).toEqual(expected)
      expect(told.length).toBeGreaterThanOrEqual(2)
    })
  })
})
