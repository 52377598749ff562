import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { domainId, ForwardId, splitDomainId, type ConnectionUri, type DomainId } from '../../contract/index.ts'
import { MemoryDriver } from '../../hypervisor/memory/driver.ts'
import { domainXml } from '../../hypervisor/memory/machine.ts'
import type { PortForward, PortForwards } from '../../hypervisor/port-forwards.ts'
import { DriverRegistry } from '../../hypervisor/registry.ts'
import { ConnectionSet } from '../connection/connection-set.ts'
import { ForwardDesk } from './forward-desk.ts'
import { clientOf, echo, endOf, freePort, guestAt, lineOf } from './testing.ts'
import { finder } from './whereabouts.ts'

const ONE = 'memory:///forwards?domains=1' as ConnectionUri
const MACHINE = '127.0.0.2'

describe('the forwards of a person', () => {
  let folder = ''
  let path = ''
  let driver: MemoryDriver
  let id: DomainId
  const { signal } = new AbortController()
  const owned: { dispose(): void }[] = []
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'desk-'))
    path = join(folder, 'forwards.json')
    driver = new MemoryDriver()
    id = domainId([...driver.host(ONE).machines.keys()][0] ?? '', ONE)
  })
  afterEach(async () => {
    for (const one of owned.splice(0).toReversed()) one.dispose()
    await rm(folder, { recursive: true, maxRetries: 5 })
  })

  /** What the hypervisor keeps itself, in the place of libvirt with passt. */
  const keptByHypervisor = () => {
    const kept: PortForward[] = []
    const started: PortForward[] = []
    const forwards = {
      refusal: null,
      add: vi.fn(async (_key: string, { address, port, guestPort }: PortForward) => {
        kept.push({ address, port, guestPort })
      }),
      remove: vi.fn(async (_key: string, gone: PortForward) => {
        const at = kept.findIndex(({ port }) => port === gone.port)
        if (at >= 0) kept.splice(at, 1)
      }),
      list: async () => started,
    } satisfies PortForwards
    return { kept, started, forwards }
  }
  const hiddenMachine = (): DomainId => {
    const uuid = '11111111-1111-4111-8111-111111111111'
    const nic = `<interface type='user'><model type='virtio'/></interface></devices>`
    driver.host(ONE).add('hidden', domainXml('hidden', uuid).replace('</devices>', nic))
    return domainId(uuid, ONE)
  }

  /** A process of Vireo; where machines really run they are at `MACHINE`. */
  const desk = async (serve: boolean, uris = [ONE], portForwards?: PortForwards): Promise<ForwardDesk> => {
    const news = () => one.news()
    const connections = new ConnectionSet(new DriverRegistry([driver]), news)
    const known = finder(connections)
    const one = new ForwardDesk({
      ...{ connections, file: path, serve, runtimeFolder: async () => folder, changed: () => undefined },
      finder: {
        ...known,
        where: async (rule, end) => {
          const found = await known.where(rule, end)
          return found.kind === 'no-address' ? { kind: 'at', ips: [MACHINE] } : found
        },
      },
    })
    owned.push(connections, one)
    for (const uri of uris) Object.assign(connections.add(uri), portForwards && { portForwards })
    await one.open()
    return one
  }
  const machine = () => driver.host(ONE).machines.values().next().value!
  const turnOn = () => driver.host(ONE).enter(machine(), 'running')
  const wanted = (port: number, guestPort = 80) => ({ id, port, guestPort, address: '127.0.0.1', guestAddress: null })
  const refusal = (work: Promise<unknown>) => work.then(() => null).catch((error: unknown) => error)
  const reaches = (one: ForwardDesk, state: string) =>
    vi.waitFor(async () => expect(await one.list()).toMatchObject([{ state }]), { timeout: 10_000 })

  it('are kept, followed by the process that stays, and told of by all', async () => {
    await using guest = await guestAt(MACHINE, echo('web'))
    const [server, command] = [await desk(true), await desk(false)]
    const port = await freePort()
    const added = await command.add(wanted(port, guest.port), signal)
    expect(added).toMatchObject({ name: 'memory-0', state: 'off', port, exposed: false, way: 'proxy' })
    turnOn()
    await reaches(command, 'listening')
    expect(await command.list()).toMatchObject([{ target: MACHINE, pid: process.pid }])
    expect(await lineOf(clientOf(port))).toBe('web')
    await command.remove(added.id)
    expect(await endOf(clientOf(port))).toMatchObject({ code: 'ECONNREFUSED' })
    expect(await server.list()).toEqual([])
  })

  it('are there again after a restart, and taken over when their process ends', async () => {
    await using guest = await guestAt(MACHINE, echo('web'))
    turnOn()
    const first = await desk(true)
    const { port } = await first.add(wanted(0, guest.port), signal)
    expect(port).toBeGreaterThan(0)
    const second = await desk(true)
    await reaches(second, 'listening')
    first.dispose()
    await vi.waitFor(async () => expect(await lineOf(clientOf(port))).toBe('web'), { timeout: 10_000 })
    second.dispose()
    const later = await desk(true)
    await reaches(later, 'listening')
    expect(await lineOf(clientOf(port))).toBe('web')
  })

  it('say that nobody forwards where no process does', async () => {
    const command = await desk(false)
    const added = await command.add(wanted(await freePort()), signal)
    expect(added).toMatchObject({ state: 'nobody', pid: null, reason: expect.stringContaining('vireo serve') })
  })

  it('are left to a process that has their connection', async () => {
    const stranger = await desk(true, [])
    await (await desk(false)).add(wanted(await freePort()), signal)
    expect(await stranger.list()).toMatchObject([{ state: 'nobody' }])
    const server = await desk(true)
    await reaches(server, 'off')
    await reaches(stranger, 'off')
  })

  it('say that their machine is gone, and lead to it when it is there again', async () => {
    await using guest = await guestAt(MACHINE, echo('web'))
    const server = await desk(true)
    turnOn()
    const { port } = await server.add(wanted(0, guest.port), signal)
    const { key, name, xml } = machine()
    driver.host(ONE).remove(key)
    await reaches(server, 'gone')
    expect(await server.list()).toMatchObject([{ name: 'memory-0', port }])
    driver.host(ONE).add(name, xml, key)
    turnOn()
    await reaches(server, 'listening')
  })

  it('refuse what cannot be, and keep nothing of it', async () => {
    const server = await desk(true)
    await using squatter = await guestAt('127.0.0.1', echo())
    const kinds = async (part: object): Promise<unknown> =>
      refusal(server.add({ ...wanted(await freePort()), ...part }, signal))
    expect(await kinds({ port: squatter.port })).toMatchObject({ detail: { kind: 'precondition' } })
    expect(await kinds({ address: '192.0.2.1' })).toMatchObject({ detail: { kind: 'invalid-input' } })
    expect(await kinds({ guestAddress: '127.0.0.1' })).toMatchObject({ detail: { kind: 'invalid-input' } })
    expect(await kinds({ id: domainId('nobody', ONE) })).toMatchObject({ detail: { kind: 'not-found' } })
    await expect(readFile(path)).rejects.toThrow('ENOENT')
    const { port } = await server.add(wanted(0), signal)
    for (const address of ['127.0.0.1', '0.0.0.0'])
      expect(await kinds({ port, address })).toMatchObject({ detail: { message: expect.stringContaining('already') } })
    expect(await refusal(server.remove(ForwardId.parse('ffffffff')))).toMatchObject({ detail: { kind: 'not-found' } })
    expect(await server.list()).toHaveLength(1)
  })

  it('refuse a machine behind QEMU’s own network, into which there is no way', async () => {
    const there = hiddenMachine()
    const server = await desk(true)
    const hidden = server.add({ ...wanted(await freePort()), id: there }, signal)
    await expect(hidden).rejects.toMatchObject({ detail: { kind: 'unsupported' } })
    const { forwards } = keptByHypervisor()
    const old = await desk(true, [ONE], { ...forwards, refusal: 'This libvirt is too old.' })
    const refused = old.add({ ...wanted(await freePort()), id: there }, signal)
    await expect(refused).rejects.toMatchObject({ detail: { message: expect.stringContaining('too old') } })
  })

  it('into a machine behind QEMU’s own network are kept by its hypervisor, which leads them in', async () => {
    const there = hiddenMachine()
    const { kept, started, forwards } = keptByHypervisor()
    const server = await desk(true, [ONE], forwards)
    const port = await freePort()
    const added = await server.add({ ...wanted(port), id: there }, signal)
    expect(added).toMatchObject({ way: 'passt', state: 'off', pid: null, port })
    expect(kept).toEqual([{ address: '127.0.0.1', port, guestPort: 80 }])
    // Nobody of ours listens there.
    expect(await endOf(clientOf(port))).toMatchObject({ code: 'ECONNREFUSED' })
    const hidden = [...driver.host(ONE).machines.values()].find(({ name }) => name === 'hidden')!
    driver.host(ONE).enter(hidden, 'running')
    await reaches(server, 'after-restart')
    started.push(...kept)
    await reaches(server, 'listening')
    // Another process, later, finds it as it is.
    server.dispose()
    const later = await desk(true, [ONE], forwards)
    await reaches(later, 'listening')
    await later.remove(added.id)
    expect(kept).toEqual([])
    expect(await later.list()).toEqual([])
  })

  it('that their hypervisor keeps go with their machine, and leave nothing behind when they cannot be kept', async () => {
    const there = hiddenMachine()
    const { kept, forwards } = keptByHypervisor()
    const server = await desk(true, [ONE], forwards)
    const { id: forward } = await server.add({ ...wanted(await freePort()), id: there }, signal)
    driver.host(ONE).remove(splitDomainId(there).key)
    await reaches(server, 'gone')
    await server.remove(forward)
    expect(await server.list()).toEqual([])
    kept.splice(0)
    const again = hiddenMachine()
    forwards.add.mockImplementationOnce(async (_key, rule) => {
      kept.push(rule)
      await writeFile(path, 'not mine')
    })
    const said = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
    await expect(server.add({ ...wanted(await freePort()), id: again }, signal)).rejects.toMatchObject({
      detail: { kind: 'precondition' },
    })
    expect(kept).toEqual([])
    server.dispose()
    said.mockRestore()
  })

  it('go on as they are while their file is damaged, and say why it cannot be used', async () => {
    await using guest = await guestAt(MACHINE, echo('web'))
    turnOn()
    const server = await desk(true)
    const { port } = await server.add(wanted(0, guest.port), signal)
    await reaches(server, 'listening')
    const said = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
    try {
      await writeFile(path, 'not mine')
      await vi.waitFor(() => expect(said.mock.calls.join()).toContain('cannot be read'))
    } finally {
      said.mockRestore()
    }
    expect(await lineOf(clientOf(port))).toBe('web')
    await expect(server.list()).rejects.toMatchObject({ detail: { kind: 'precondition' } })
    await expect(server.add(wanted(0), signal)).rejects.toMatchObject({ detail: { kind: 'precondition' } })
    expect(await readFile(path, 'utf8')).toBe('not mine')
  })
})
