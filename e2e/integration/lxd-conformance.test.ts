import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ConnectionUri } from '../../app-main/src/contract/index.ts'
import { type Behaviour, behaviours, type Bench, type Need } from '../../app-main/src/hypervisor/conformance.ts'
import type { HypervisorConnection } from '../../app-main/src/hypervisor/driver.ts'
import { LxdDriver } from '../../app-main/src/hypervisor/lxd/driver.ts'
import { unattended } from '../../app-main/src/hypervisor/waiting.ts'
import { askLxd } from '../fixture/lxd-ask.ts'
import { lxdDaemon, type LxdDaemon } from '../fixture/lxd.ts'
import { until } from '../fixture/wait.ts'

let lxd: LxdDaemon
beforeAll(async () => (lxd = await lxdDaemon()))
afterAll(() => lxd[Symbol.asyncDispose]())

/** What its feature sheet says that it has not, and names: LXD takes only names of hosts. */
const WITHOUT: readonly Need[] = ['definitions', 'any name', 'saved memory', 'starting paused', 'channels']

/** Each connection has a driver of its own, as each Vireo process has. */
const bench = (open: HypervisorConnection[]): Bench => ({
  patience: 30_000,
  storage: 'delete',
  definition: null,
  async connect() {
    const connection = new LxdDriver().create(lxd.uri as ConnectionUri)
    open.push(connection)
    connection.open()
    await connection.settled()
    return connection
  },
  name: (suffix = '') => `t-lxd-${randomBytes(4).toString('hex')}${suffix}`,
  make: async name => (await lxd.make({ name, config: ['environment.VIREO_DEAF=1'] })).uuid,
  remove: key => lxd.remove(key),
})

const chosen = behaviours.filter(({ needs = [] }) => !needs.some(need => WITHOUT.includes(need)))

const play = async (behaviour: Behaviour): Promise<void> => {
  const open: HypervisorConnection[] = []
  try {
    await behaviour.run(bench(open))
  } finally {
    for (const connection of open) connection.dispose()
  }
}

/** Side by side, because most of the time is spent waiting for the kernel; each has a container of its own. */
const playAll = (): Map<Behaviour, Promise<void>> => {
  const turns = Array.from({ length: AT_ONCE }, () => Promise.resolve())
  return new Map(
    chosen.map((behaviour, at) => {
      const before = turns[at % AT_ONCE] ?? Promise.resolve()
      const played = before.then(() => play(behaviour))
      turns[at % AT_ONCE] = played.catch(() => undefined)
      return [behaviour, played]
    }),
  )
}

const AT_ONCE = 5

describe('the lxd driver conforms on the real LXD', () => {
  let first = new Map<Behaviour, Promise<void>>()
  beforeAll(() => {
    first = playAll()
    // Each is told by its own test.
    for (const promise of first.values()) promise.catch(() => undefined)
  })

  for (const behaviour of chosen)
    it(behaviour.name, async () => {
      const played = first.get(behaviour)
      first.delete(behaviour)
      // A second try is one of its own.
      await (played ?? play(behaviour))
    })
})

describe('what only LXD has', () => {
  it('snapshots, restores, copies and renames', async () => {
    const open: HypervisorConnection[] = []
    await using machine = await lxd.make()
    const { name, uuid } = machine
    const connection = await bench(open).connect()
    const { instances } = connection
    const { signal } = new AbortController()
    if (instances === undefined) throw new Error('LXD makes its machines from images')
    const told: string[] = []
    instances.onSnapshots(key => told.push(key))
    await instances.takeSnapshot(uuid, 'before', unattended())
    await until('news of the snapshot', () => told.includes(uuid))
    await lxd.lxc('config', 'set', name, 'user.note', 'changed')
    await instances.restoreSnapshot(uuid, 'before', unattended())
    expect(await lxd.lxc('config', 'get', name, 'user.note')).toBe('\n')
    expect(await instances.snapshots(uuid, signal)).toMatchObject([{ name: 'before', stateful: false }])
    await instances.copy(uuid, `${name}-copy`, unattended())
    const copied = [...connection.domains].find(([, one]) => one.name === `${name}-copy`)?.[0] ?? ''
    await instances.rename(copied, `${name}-new`, unattended())
    expect(connection.domains.get(copied)).toMatchObject({ name: `${name}-new`, state: 'shutoff' })
    const gone = { detail: { kind: 'not-found' } }
    await expect(instances.deleteSnapshot(uuid, 'none', unattended())).rejects.toMatchObject(gone)
    await instances.deleteSnapshot(uuid, 'before', unattended())
    expect(await instances.snapshots(uuid, signal)).toEqual([])
    expect((await instances.images(signal)).map(({ aliases }) => aliases)).toEqual([['micro']])
    expect(await instances.profiles(signal)).toMatchObject([{ name: 'default' }])
    expect(await instances.pools(signal)).toMatchObject([
      { name: 'default', driver: 'dir', totalBytes: expect.any(Number) },
    ])
    expect(await instances.volumes(signal)).toContainEqual({
      ...{ pool: 'default', name, type: 'container', content: 'filesystem', usedBy: 1 },
    })
    expect((await instances.networks(signal)).length).toBeGreaterThan(0)
    await lxd.remove(copied)
    for (const one of open) one.dispose()
  })
  it('gives a terminal inside, which ends with its program and with whoever closes it', async () => {
    const open: HypervisorConnection[] = []
    await using machine = await lxd.make()
    const { uuid } = machine
    const connection = await bench(open).connect()
    const { inside } = connection.guest
    if (inside === undefined) throw new Error('LXD reaches into its machines')
    await connection.lifecycle.start(uuid, { paused: false }, unattended())
    const { signal } = new AbortController()
    let shown = ''
    const terminal = () =>
      inside.terminal(uuid, { columns: 91, rows: 33 }, bytes => (shown += bytes.toString()), signal)
    const first = await terminal()
    await first.write(Buffer.from('echo size=$(stty size)\r'))
    await until('its size', () => shown.includes('size=33 91'))
    first.resize({ columns: 100, rows: 40 })
    await first.write(Buffer.from('echo now=$(stty size); exit 7\r'))
    expect(await first.ended).toEqual({ exitCode: 7 })
    expect(shown).toContain('now=40 100')
    const second = await terminal()
    await second.write(Buffer.from('echo pid=$$\r'))
    await until('a shell', () => /pid=\d+/.test(shown))
    second.hangUp()
    await second.ended
    const left = await lxd.lxc('exec', machine.name, '--', 'ps')
    expect(left).not.toMatch(new RegExp(`^\\s*${/pid=(\d+)/.exec(shown)?.[1]}\\s`, 'm'))
    for (const one of open) one.dispose()
  })
  it('is lost when LXD is killed, and shows what became of its machines when it is back', async () => {
    const open: HypervisorConnection[] = []
    await using machine = await lxd.make({ config: ['environment.VIREO_DEAF=1', 'boot.autostart=false'] })
    const { name, uuid } = machine
    const connection = await bench(open).connect()
    await connection.lifecycle.start(uuid, { paused: false }, unattended())
    const { pid } = (await askLxd(lxd.socket, 'GET', `/1.0/instances/${name}/state`)) as { readonly pid: number }
    expect(pid).toBeGreaterThan(1)
    const states: string[] = []
    connection.onStatus(({ state }) => states.push(state))
    await lxd.kill9()
    await until('the loss', () => states.length > 0)
    expect(states[0]).toBe('lost')
    expect(connection.domains.get(uuid)).toMatchObject({ name, state: 'running' })
    await expect(connection.lifecycle.destroy(uuid, unattended())).rejects.toMatchObject({
      detail: { kind: 'connection' },
    })
    // Nobody tells of what happens meanwhile.
    process.kill(pid, 'SIGKILL')
    await lxd.restart()
    await until('the connection to be back', () => connection.status.state === 'ready', 30_000)
    expect(connection.domains.get(uuid)).toMatchObject({ name, state: 'shutoff' })
    await connection.lifecycle.start(uuid, { paused: false }, unattended())
    await until('news of the start', () => connection.domains.get(uuid)?.state === 'running')
    for (const one of open) one.dispose()
  })
})
