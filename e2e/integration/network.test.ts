import { randomBytes } from 'node:crypto'
import { networkInterfaces } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  RemoteError,
  type AppError,
  type ConnectionUri,
  type DomainId,
  type Network,
  Task,
  type TaskRef,
} from '../../app-main/src/contract/index.ts'
import { KvmDriver } from '../../app-main/src/hypervisor/kvm/driver.ts'
import { DriverRegistry } from '../../app-main/src/hypervisor/registry.ts'
import type { Context } from '../../app-main/src/service/context.ts'
import { createServices, type Services } from '../../app-main/src/service/services.ts'
import { cli, type Cli } from '../fixture/cli-user.ts'
import { testDomain } from '../fixture/domain.ts'
import { run } from '../fixture/run.ts'
import { userFolders, type UserFolders } from '../fixture/user-folders.ts'
import { until } from '../fixture/wait.ts'

const connection = 'qemu:///system' as ConnectionUri
const context: Context = { principal: { surface: 'cli', name: 'ada' }, signal: new AbortController().signal }
const nameOf = (what: string): string => `t-net-${what}-${randomBytes(3).toString('hex')}`

let services: Services
let folders: UserFolders
let vireo: Cli
let changes = 0
const tasks = new Map<string, Task>()
const made: string[] = []

beforeAll(async () => {
  folders = await userFolders()
  vireo = await cli()
  services = await createServices({
    ...{ drivers: new DriverRegistry([new KvmDriver()]), connections: [connection], shellReason: null },
    ...{ configFolder: folders.base, stateFolder: folders.base },
    publish: (room, name, payload) => {
      if (room === 'network' && name === 'changed') changes++
      const told = room === 'task' ? Task.parse(payload) : null
      if (told) tasks.set(told.id, told)
    },
  })
})

afterAll(async () => {
  for (const name of made) {
    await finished(room().delete({ connection, name, evenIfUsed: true }, context)).catch(gone)
  }
  services.dispose()
  await Promise.all([folders.remove(), vireo[Symbol.asyncDispose]()])
})

const gone = (error: unknown): void => {
  if (!(error instanceof RemoteError) || error.detail.kind !== 'not-found') throw error
}

const room = () => services.handlers.network

type Wanted = Parameters<Services['handlers']['network']['create']>[0]
const WANTED: Omit<Wanted, 'name'> = {
  ...{ connection, kind: 'nat', subnet: null, dhcp: true, dhcpStart: null, dhcpEnd: null, subnet6: null },
  ...{ bridge: null, device: null, autostart: false, start: true },
}

/** Waits for the end of a task. Rejects with its failure. */
const finished = async (started: Promise<TaskRef>): Promise<void> => {
  const { taskId } = await started
  const task = await until('the end of a task', async () => {
    const now = tasks.get(taskId)
    return now && now.state !== 'running' ? now : undefined
  })
  if (task.error) throw new RemoteError(task.error)
}

const create = async (name: string, options: Partial<Wanted> = {}): Promise<Network> => {
  // Never one that others use: it is made by this test, or refused.
  if (name.startsWith('t-net-')) made.push(name)
  await finished(room().create({ ...WANTED, name, ...options }, context))
  const { xml, ...network } = await room().info({ connection, name }, context)
  expect(xml).toContain(`<name>${name}</name>`)
  return network
}

const listed = async (): Promise<Network[]> =>
  (await room().list({ connection, partial: false }, context))[0]?.networks ?? []

/** What libvirt's own tool says there is. */
const known = async (): Promise<string[]> =>
  (await run('virsh', ['-q', '-c', connection, 'net-list', '--all', '--name']))
    .split('\n')
    // Other tests may come and go with theirs.
    .filter(name => /^(?:t-net-|a'|default$)/.test(name))
    .sort()

const refusal = async (work: Promise<unknown>): Promise<AppError> => {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (error instanceof RemoteError) return error.detail
  throw new Error('was not refused', { cause: error })
}

describe('networks', () => {
  test('are made, listed, told of, stopped, started and removed', async () => {
    const name = nameOf('life')
    const before = changes
    const one = await create(name, { subnet6: null, autostart: true })
    expect(one).toMatchObject({ name, kind: 'nat', active: true, autostart: true, persistent: true, users: [] })
    const [subnet] = one.subnets
    expect(subnet).toMatchObject({ family: 'ipv4', prefix: 24 })
    expect((await listed()).find(network => network.name === name)).toEqual(one)
    expect(await run('virsh', ['-c', connection, 'net-dumpxml', name])).toContain(`address='${subnet?.address}'`)
    // This computer has the address itself now, so that nobody else is offered the subnet.
    const host = await room().host({ connection }, context)
    expect(host.interfaces).toContainEqual(expect.objectContaining({ name: one.bridge, bridge: true, network: name }))
    expect(host.freeSubnet).not.toBe(`${subnet?.address.replace(/1$/, '0')}/24`)
    await until('the window to be told', async () => changes > before)

    await room().autostart({ connection, name, enabled: false }, context)
    await finished(room().stop({ connection, name, evenIfUsed: false }, context))
    const { xml, ...off } = await room().info({ connection, name }, context)
    expect(off).toEqual({ ...one, active: false, autostart: false })
    expect(xml).toContain(`<name>${name}</name>`)
    expect(await room().leases({ connection, name }, context)).toEqual([])
    await finished(room().start({ connection, name }, context))
    await finished(room().delete({ connection, name, evenIfUsed: false }, context))
    expect(await known()).not.toContain(name)
    expect((await refusal(room().info({ connection, name }, context))).kind).toBe('not-found')
  })

  test('made at the same time get subnets of their own', async () => {
    const both = await Promise.all([
      create(nameOf('one'), { kind: 'isolated', start: false }),
      create(nameOf('two'), { kind: 'routed', start: false, dhcp: false }),
    ])
    expect(both.map(({ kind, active }) => ({ kind, active }))).toEqual([
      { kind: 'isolated', active: false },
      { kind: 'routed', active: false },
    ])
    expect(new Set(both.map(({ subnets }) => subnets[0]?.address)).size).toBe(2)
  })

  test('lead to an interface of this computer', async () => {
    const { interfaces } = await room().host({ connection }, context)
    const device = interfaces?.find(one => !one.bridge && !one.wireless)?.name ?? null
    const name = nameOf('tap')
    expect(await create(name, { kind: 'macvtap', device })).toMatchObject({ kind: 'macvtap', device, subnets: [] })
  })

  test('that would do harm are refused, and nothing is changed', async () => {
    const before = await known()
    const host = (await room().host({ connection }, context)).interfaces ?? []
    const own = host.find(({ network }) => network === 'default')?.name ?? null
    const lan = Object.entries(networkInterfaces())
      .filter(([device]) => device !== own)
      .flatMap(([, addresses]) => addresses ?? [])
      .find(({ family, internal }) => family === 'IPv4' && !internal)
    const asked = [
      [{ subnet: '192.168.122.0/25' }, /overlaps 192\.168\.122\.0\/24 of the network “default”/],
      [{ subnet: `${lan?.address.replace(/\d+$/, '0')}/24` }, /which this computer reaches through/],
      [{ bridge: "x'/><ip address='1.1.1.1'/>" }, /bridge’s name/],
      [{ bridge: own }, /in use already/],
      [{ kind: 'bridge', bridge: own }, /belongs to the network “default”/],
      [{ kind: 'bridge', bridge: 't-net-none' }, /There is no bridge/],
      [{ subnet: '10.77.1.0/24', dhcpStart: '10.77.2.1', dhcpEnd: '10.77.2.9' }, /is not in 10\.77\.1\.0\/24/],
    ] as const
    for (const [options, message] of asked) {
      const error = await refusal(create(nameOf('bad'), options))
      expect(error).toMatchObject({ kind: 'invalid-input', message: expect.stringMatching(message) })
    }
    expect((await refusal(create("a'/><b", {}))).kind).toBe('invalid-input')
    expect((await refusal(create('default', {}))).message).toContain('There is a network “default” already')
    expect(await known()).toEqual(before)
  })

  test('that cannot be started leave nothing behind', async () => {
    const driver = new KvmDriver().create(connection)
    driver.open()
    await driver.settled()
    const name = nameOf('half')
    const plan = { name, kind: 'isolated', subnets: [], bridge: 'lo', device: null } as const
    try {
      const failed = driver.network.create({ ...plan, subnets: [] }, { autostart: true, start: true })
      expect((await refusal(failed)).message).toMatch(/lo/)
    } finally {
      driver.dispose()
    }
    expect(await known()).not.toContain(name)
  })

  test('keep an address for a machine, and are not taken away from under it', async () => {
    const name = nameOf('fixed')
    const network = await create(name)
    const ip = network.subnets[0]?.address.replace(/\.1$/, '.77') ?? ''
    const nic = `<interface type='network'><source network='${name}'/><model type='virtio'/></interface>`
    await using domain = await testDomain({ extraDevices: nic, prefix: 't-net', start: false, graphics: 'none' })
    const id = `${domain.uuid}@${connection}` as DomainId
    const seen = async () => (await room().info({ connection, name }, context)).users
    const [user] = await until('the machine on its network', async () =>
      (await seen()).length > 0 ? seen() : undefined,
    )
    expect(user).toMatchObject({ id, name: domain.name, running: false })

    const outside = await refusal(room().fixAddress({ id, ip: '192.168.122.77', mac: null }, context))
    expect(outside).toMatchObject({ kind: 'invalid-input', message: expect.stringContaining('is not in') })
    await room().fixAddress({ id, ip: ip.replace('.77', '.78'), mac: null }, context)
    expect(await room().fixAddress({ id, ip, mac: null }, context)).toEqual({ network: name, mac: user?.macs[0], ip })
    expect((await room().info({ connection, name }, context)).fixed).toEqual([{ mac: user?.macs[0], ip, name: null }])

    await domain.start()
    const lease = await until(
      'the address',
      // Not more often: what the computer does for an answer the guest has to wait for.
      async () => (await sleep(250), (await room().leases({ connection, name }, context))[0]),
      120_000,
    )
    expect(lease).toMatchObject({ ip, mac: user?.macs[0], machine: { id, name: domain.name } })
    for (const work of [room().stop, room().delete]) {
      const error = await refusal(work({ connection, name, evenIfUsed: false }, context))
      expect(error).toMatchObject({ kind: 'precondition', message: expect.stringContaining(domain.name) })
    }
    expect(await room().freeAddress({ id, mac: null }, context)).toEqual({ network: name, mac: user?.macs[0] })
    await room().freeAddress({ id, mac: null }, context)
    const { fixed, active } = await room().info({ connection, name }, context)
    expect({ fixed, active }).toEqual({ fixed: [], active: true })
  })

  test('are told of and refused on the command line', async () => {
    const { code, out } = await vireo.run(['network', 'list', '-c', connection])
    expect({ code, out }).toMatchObject({ code: 0, out: expect.stringMatching(/^default +nat +active/m) })
    const refused = await vireo.run(['network', 'create', 'a b', '-c', connection])
    expect(refused).toMatchObject({ code: 2, err: expect.stringContaining('A name has at most 50 letters') })
  })
})
