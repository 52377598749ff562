import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  RemoteError,
  Task,
  domainId,
  type ConnectionUri,
  type Network,
  type NetworkPlan,
  type NewNetwork,
} from '../../contract/index.ts'
import { MemoryDriver } from '../../hypervisor/memory/driver.ts'
import { noNetworks, type Networks } from '../../hypervisor/networks.ts'
import { DriverRegistry } from '../../hypervisor/registry.ts'
import type { Context } from '../context.ts'
import { createServices, type Services } from '../services.ts'

const NET = 'memory:///net?domains=1' as ConnectionUri
const NONE = 'memory:///none?domains=1' as ConnectionUri
const context: Context = { principal: { surface: 'cli', name: 'ada' }, signal: new AbortController().signal }
const WANTED: NewNetwork = {
  ...{ connection: NET, name: 'lab', kind: 'nat', subnet: null, dhcp: true, dhcpStart: null, dhcpEnd: null },
  ...{ subnet6: null, bridge: null, device: null },
}
const HOW = { autostart: false, start: true }

/** Networks in memory that fail when they are told to. */
class PretendedNetworks {
  readonly all: Network[] = []
  failure: RemoteError | null = null
  readonly networks: Networks = {
    ...noNetworks('not pretended'),
    list: async () => [...this.all],
    get: async name => ({ network: this.find(name), xml: '<network/>' }),
    host: async () => null,
    create: async plan => {
      await turn()
      if (this.failure) throw this.failure
      this.all.push(networkOf(plan))
    },
    stop: async name => void Object.assign(this.find(name), { active: false }),
    remove: async name => void this.all.splice(this.all.indexOf(this.find(name)), 1),
  }

  find(name: string): Network {
    const found = this.all.find(network => network.name === name)
    if (found) return found
    throw new RemoteError({ kind: 'not-found', message: `no ${name}` })
  }
}

const networkOf = ({ name, kind, subnets, bridge, device }: NetworkPlan): Network => ({
  ...{ connection: NET, name, uuid: name, kind, active: true, autostart: false, persistent: true },
  ...{ bridge, device, subnets, fixed: [], users: [] },
})

describe('the room of networks', () => {
  let folder = ''
  let pretended: PretendedNetworks
  let services: Services
  const tasks: Task[] = []
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'networks-'))
    pretended = new PretendedNetworks()
    class Driver extends MemoryDriver {
      override create(uri: ConnectionUri) {
        const connection = super.create(uri)
        if (uri === NET) Object.defineProperty(connection, 'network', { value: pretended.networks })
        return connection
      }
    }
    services = await createServices({
      ...{ drivers: new DriverRegistry([new Driver()]), connections: [NET, NONE], shellReason: null },
      ...{ configFolder: folder, stateFolder: folder },
      publish: (room, _, payload) => {
        if (room === 'task') tasks.push(Task.parse(payload))
      },
    })
  })
  afterEach(async () => {
    services.dispose()
    tasks.length = 0
    await rm(folder, { recursive: true })
  })
  const room = () => services.handlers.network
  const kindOf = async (work: Promise<unknown>): Promise<string> => {
    const error: unknown = await work.then(
      () => undefined,
      (reason: unknown) => reason,
    )
    if (error instanceof RemoteError) return `${error.detail.kind}: ${error.detail.message}`
    throw new Error('was not refused', { cause: error })
  }
  const ended = async (): Promise<Task | undefined> => {
    while (tasks.at(-1)?.state === 'running') await turn()
    return tasks.at(-1)
  }

  it('says of each connection why it has none, and lists the others', async () => {
    await room().create({ ...WANTED, ...HOW }, context)
    expect(await ended()).toMatchObject({ state: 'done', targetName: 'lab' })
    const [net, none] = await room().list({ partial: true }, context)
    expect(net).toMatchObject({ connection: NET, error: null, networks: [{ name: 'lab' }] })
    expect(none).toMatchObject({ connection: NONE, networks: [], error: { kind: 'unsupported' } })
    expect(await kindOf(room().create({ ...WANTED, ...HOW, connection: NONE }, context))).toMatch(/^unsupported/)
  })

  it('refuses what is wrong before anything begins, and tells at the end what failed', async () => {
    const wrong = room().create({ ...WANTED, ...HOW, name: '../x', subnet: 'y' }, context)
    expect(await kindOf(wrong)).toMatch(/^invalid-input: .*A name has at most/)
    expect(tasks).toEqual([])
    pretended.failure = new RemoteError({ kind: 'refused', message: 'no room' })
    await room().create({ ...WANTED, ...HOW }, context)
    expect(await ended()).toMatchObject({ state: 'failed', error: { kind: 'refused', message: 'no room' } })
  })

  it('gives two that are made at once subnets of their own, and a name only once', async () => {
    const names = ['one', 'two', 'one']
    const begun = await Promise.allSettled(names.map(name => room().create({ ...WANTED, ...HOW, name }, context)))
    while (new Set(tasks.filter(({ state }) => state !== 'running').map(({ id }) => id)).size < 2) await turn()
    expect(begun.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected'])
    expect(new Set(pretended.all.map(({ subnets }) => subnets[0]?.address)).size).toBe(2)
  })

  it('takes none away from under machines unasked, and names them', async () => {
    const user = (name: string, running: boolean) => ({ id: domainId(name, NET), name, macs: [], running })
    const plan: NetworkPlan = { name: 'lab', kind: 'nat', subnets: [], bridge: null, device: null }
    pretended.all.push({ ...networkOf(plan), users: [user('web', true), user('db', false)] })
    const one = { connection: NET, name: 'lab' }
    expect(await kindOf(room().stop({ ...one, evenIfUsed: false }, context))).toMatch(/^precondition: .*“web”\.$/)
    expect(await kindOf(room().delete({ ...one, evenIfUsed: false }, context))).toMatch(/“web”, “db”\.$/)
    await room().stop({ ...one, evenIfUsed: true }, context)
    expect(await ended()).toMatchObject({ state: 'done' })
    await room().delete({ ...one, evenIfUsed: true }, context)
    expect(await ended()).toMatchObject({ state: 'done' })
    expect(pretended.all).toEqual([])
    expect(await kindOf(room().info(one, context))).toMatch(/^not-found/)
  })
})
