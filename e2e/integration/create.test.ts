import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { chmod, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { parse } from 'yaml'
import { CreateDraft, Task, type ConnectionUri, type DomainId } from '../../app-main/src/contract/index.ts'
import { KvmDriver } from '../../app-main/src/hypervisor/kvm/driver.ts'
import { newDomainXml } from '../../app-main/src/hypervisor/kvm/create/domain-xml.ts'
import { samples } from '../../app-main/src/hypervisor/kvm/testing/creation-samples.ts'
import { DriverRegistry } from '../../app-main/src/hypervisor/registry.ts'
import { Connection, constants } from '../../app-main/src/libvirt/index.ts'
import { ConnectionSet } from '../../app-main/src/service/connection/connection-set.ts'
import { Journal } from '../../app-main/src/service/create/journal.ts'
import { machineFiles } from '../../app-main/src/service/create/stale-copies.ts'
import { freePort } from '../../app-main/src/service/forward/testing.ts'
import { createServices, type Services } from '../../app-main/src/service/services.ts'
import { qemuGaDialect } from '../../guest-agent-bridge/src/host/index.ts'
import { cli } from '../fixture/cli-user.ts'
import { domainHandle } from '../fixture/domain.ts'
import { asking, execText, guestLink, openConnection } from '../fixture/guest-link.ts'
import { microGuest } from '../fixture/micro-guest.ts'
import { run } from '../fixture/run.ts'
import { tinyFilesystem } from '../fixture/tiny-filesystem.ts'
import { until } from '../fixture/wait.ts'

const URI = 'qemu:///system' as ConnectionUri
const blob = Buffer.concat([Buffer.from([0, 0, 0, 11]), Buffer.from('ssh-ed25519'), Buffer.alloc(36, 1)])
const KEY = `ssh-ed25519 ${blob.toString('base64')} me`
const context = { principal: { surface: 'cli', name: 'tester' }, signal: new AbortController().signal } as const

let folder: string
let pool: string
let image: string
let hidden: string
let services: Services
/** As another Vireo has it. */
const connections = new ConnectionSet(new DriverRegistry([new KvmDriver()]), () => undefined)
let follow: (task: Task) => void = () => undefined
const news = new Map<string, Task>()

const virsh = (...args: string[]): Promise<string> => run('virsh', ['-q', '-c', URI, ...args])
const names = async () => (await virsh('list', '--all', '--name')).split('\n').filter(name => name.startsWith(pool))
const volumes = async () => (await readdir(join(folder, 'pool'))).filter(name => !name.startsWith('vireo-base-'))
const journal = () => join(folder, 'state', 'creating')
const halfMade = () => readdir(journal()).catch(() => [])

const draft = (name: string, more: object = {}) => ({
  connection: URI,
  draft: CreateDraft.parse({
    ...{ source: image, name: `${pool}-${name}`, pool, memory: '128M', cpus: 1, disk: '64M', sshKeys: [KEY] },
    ...{ accelerator: 'emulation', networks: [], vireoAgent: false, start: false },
    ...more,
  }),
})
const ended = ({ taskId }: { taskId: string }): Promise<Task> =>
  until('the end of the task', () => (news.get(taskId)?.state === 'running' ? undefined : news.get(taskId)), 120_000)
const making = async (wanted: ReturnType<typeof draft>) => {
  const ref = await services.handlers.create.run(wanted, context)
  return { id: ref.id, task: await ended(ref) }
}
const remove = async (id: DomainId) => {
  const { domain } = services.handlers
  await until(
    'Vireo to see that it is off',
    async () => (await domain.get({ id }, context)).state === 'shutoff',
    60_000,
  )
  const ref = await domain.undefine({ id, storage: 'delete', nvram: 'delete' }, context)
  expect((await ended(ref)).error).toBeNull()
}
const kind = (name: string) => ({ detail: expect.objectContaining({ kind: name }) })

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vireo-create-'))
  await chmod(folder, 0o755)
  pool = `t-create-${basename(folder).slice(-6)}`
  image = join(folder, 'base.qcow2')
  hidden = join(folder, 'hidden', 'base.raw')
  await run('mkdir', ['-m', '755', join(folder, 'pool')])
  await run('mkdir', ['-m', '700', join(folder, 'hidden')])
  await run('qemu-img', ['create', '-q', '-f', 'qcow2', image, '32M'])
  // A disk with a partition table and nothing else.
  await writeFile(hidden, Buffer.concat([Buffer.alloc(510), Buffer.from([0x55, 0xaa]), Buffer.alloc(96 * 2 ** 20, 1)]))
  await virsh('pool-define-as', pool, 'dir', '--target', join(folder, 'pool'))
  await virsh('pool-start', pool)
  connections.add(URI)
  services = await createServices({
    ...{ drivers: new DriverRegistry([new KvmDriver()]), connections: [URI], shellReason: null },
    ...{ configFolder: join(folder, 'config'), stateFolder: join(folder, 'state') },
    publish: (room, _name, payload) => {
      if (room !== 'task') return
      const task = Task.parse(payload)
      news.set(task.id, task)
      follow(task)
    },
  })
})

const clean = async () => {
  for (const name of await names()) {
    await virsh('destroy', name).catch(() => undefined)
    await virsh('undefine', '--nvram', name)
  }
  for (const name of await readdir(join(folder, 'pool'))) await rm(join(folder, 'pool', name))
  await virsh('pool-refresh', pool)
}

afterEach(clean, 60_000)

afterAll(async () => {
  services.dispose()
  connections.dispose()
  // Not running, it has only to be forgotten.
  await virsh('pool-destroy', pool).catch(() => undefined)
  await virsh('pool-undefine', pool)
  await rm(folder, { recursive: true, maxRetries: 5 })
})

test('libvirt takes every variant of a new machine that its host can have', async () => {
  const connection = await openConnection()
  const daemon = await Connection.open(URI)
  try {
    const host = await connection.creation?.host()
    if (!host) throw new Error('machines cannot be made here')
    for (const { title, spec } of samples()) {
      const impossible =
        (spec.accelerated && !host.kvm) ||
        (spec.tpm && !host.tpm) ||
        (spec.firmware === 'secure-boot' && !host.secureBoot)
      const wanted = { ...spec, name: `${pool}-variant`, uuid: crypto.randomUUID() }
      if (impossible) {
        expect(() => newDomainXml(wanted, host), title).toThrow(
          expect.objectContaining({ detail: expect.objectContaining({ kind: 'unsupported' }) }),
        )
        continue
      }
      const ref = await daemon.domain.defineXmlFlags(newDomainXml(wanted, host), constants.VIR_DOMAIN_DEFINE_VALIDATE)
      await daemon.domain.undefineFlags(ref, constants.VIR_DOMAIN_UNDEFINE_NVRAM)
    }
  } finally {
    connection.dispose()
    await daemon.close()
  }
}, 120_000)

test('a machine is made and started, its guest reads the seed, and nothing is left when it is removed', async () => {
  const network = { type: 'user', mac: '52:54:00:11:22:33' }
  const wanted = draft('web', { start: true, cpus: 2, tags: ['t'], networks: [network], runcmd: ['echo done'] })
  const { name } = wanted.draft
  const plan = await services.handlers.create.plan(wanted, context)
  expect([plan.domainXml.includes("passwd='********'"), await volumes()]).toEqual([true, []])
  const steps = new Set<string | null>()
  follow = ({ step }) => void steps.add(step)
  const { id, task } = await making(wanted)
  expect(task.error).toBeNull()
  expect([...steps]).toEqual(expect.arrayContaining(['Making the disks', 'Writing the seed', 'Defining the machine']))
  expect((await virsh('domstate', name)).trim()).toBe('running')
  expect([(await volumes()).length, await halfMade()]).toEqual([2, []])
  const password = expect.stringMatching(/^\w{8}$/)
  expect(await services.handlers.domain.screenPassword({ id }, context)).toEqual({ password })
  // The image has nothing to boot, so that the fixture's kernel reads the seed instead.
  await virsh('destroy', name)
  const { kernel, initrd, cmdline } = await microGuest()
  const boot = `<kernel>${kernel}</kernel><initrd>${initrd}</initrd><cmdline>${cmdline}</cmdline></os>`
  const file = join(folder, 'web.xml')
  const xml = await virsh('dumpxml', '--inactive', '--security-info', name)
  // One processor: two emulated ones wait for each other on a busy computer.
  await writeFile(file, xml.replace('</os>', boot).replace(/(<vcpu[^>]*>)2</, '$11<'))
  await virsh('define', file)
  await virsh('start', name)
  const connection = await openConnection()
  try {
    const key = id.slice(0, id.indexOf('@'))
    await domainHandle(URI, name, key).ready()
    const agent = await qemuGaDialect.connect(guestLink(connection, key), asking)
    const shell = 'mkdir -p /m && mount -t iso9660 /dev/vdb /m && cat /m/user-data /m/meta-data /m/network-config'
    const { stdout } = await execText(agent, { shell })
    for (const part of ['echo done', `local-hostname: ${name}`, network.mac, KEY]) expect(stdout).toContain(part)
  } finally {
    connection.dispose()
  }
  await virsh('destroy', name)
  await remove(id)
  expect([await names(), await volumes()]).toEqual([[], []])
}, 300_000)

test('disks lie in a folder that was named: it gets one pool, which goes when nothing was made there', async () => {
  const place = join(folder, 'disks here')
  await run('mkdir', ['-m', '755', place])
  const { plan, options } = services.handlers.create
  const poolsAt = async () => (await options({ connection: URI }, context)).pools.filter(({ path }) => path === place)
  const inFolder = (name: string, more: object = {}) => draft(name, { pool: undefined, folder: place, ...more })
  const planned = await plan(inFolder('folder'), context)
  expect(planned.commands[0]).toBe(`virsh -c ${URI} pool-define-as ${planned.pool} dir --target '${place}'`)
  expect(await poolsAt()).toEqual([])
  const closed = plan(inFolder('folder', { folder: join(folder, 'hidden') }), context)
  await expect(closed).rejects.toMatchObject(kind('permission'))
  await expect(plan(inFolder('folder', { pool }), context)).rejects.toMatchObject(kind('invalid-input'))
  const bridge = [{ type: 'bridge', source: 't-no-such-br' }]
  expect((await making(inFolder('failed', { networks: bridge, start: true }))).task.state).toBe('failed')
  expect([await poolsAt(), await readdir(place), await halfMade()]).toEqual([[], [], []])
  const both = await Promise.all([making(inFolder('left')), making(inFolder('right'))])
  try {
    expect(both.map(({ task }) => task.error)).toEqual([null, null])
    expect(await poolsAt()).toMatchObject([{ name: planned.pool, active: true }])
    expect((await readdir(place)).filter(name => name.endsWith('.qcow2'))).toHaveLength(2)
    for (const { id } of both) await remove(id)
    expect(await readdir(place)).toEqual([])
  } finally {
    await virsh('pool-destroy', planned.pool).catch(() => undefined)
    await virsh('pool-undefine', planned.pool).catch(() => undefined)
  }
}, 120_000)

test('a machine that is cancelled, or cannot be made or started, leaves nothing', async () => {
  const everything = () => readdir(join(folder, 'pool'))
  follow = ({ id, step, state }) => {
    if (state === 'running' && step?.startsWith('Copying'))
      void services.handlers.task.cancel({ taskId: id }, context).catch(() => undefined)
  }
  const cancelled = await making(draft('one', { source: hidden, disk: '128M' }))
  follow = () => undefined
  expect([cancelled.task.state, await volumes()]).toEqual(['cancelled', []])
  // Whole before that was heard, the copy stays for others; half of one never does.
  for (const copy of await everything()) await run('cmp', [hidden, join(folder, 'pool', copy)])
  // Everything is made before the bridge is found missing.
  const { task } = await making(draft('two', { networks: [{ type: 'bridge', source: 't-no-such-br' }], start: true }))
  expect(task).toMatchObject({ state: 'failed', error: { message: expect.stringContaining('t-no-such-br') } })
  const wrong = [{ networks: [{ type: 'network', source: 't-no-such' }] }, { disk: '1M' }, { userData: '#!/bin/sh\n' }]
  for (const more of wrong) {
    const { state, error } = (await making(draft('three', more))).task
    expect([state, error?.kind], JSON.stringify(more)).toEqual(['failed', 'invalid-input'])
  }
  const { plan, run: make } = services.handlers.create
  await expect(plan(draft('four', { source: '/nonexistent' }), context)).rejects.toMatchObject(kind('not-found'))
  await expect(make(draft('four', { sshKeys: ['nonsense'] }), context)).rejects.toMatchObject(kind('invalid-input'))
  expect([await names(), await volumes(), await halfMade()]).toEqual([[], [], []])
}, 180_000)

test('machines on one image that only its owner can read share one copy; a name is given once', async () => {
  const five = making(draft('five', { source: hidden, disk: '128M' }))
  const six = making(draft('six', { source: hidden, disk: '128M' }))
  await expect(making(draft('five'))).rejects.toMatchObject(kind('precondition'))
  expect([(await five).task.error, (await six).task.error]).toEqual([null, null])
  const copies = (await readdir(join(folder, 'pool'))).filter(name => name.startsWith('vireo-base-'))
  expect(copies).toHaveLength(1)
  await run('cmp', [hidden, join(folder, 'pool', copies[0] ?? '')])
  await expect(making(draft('five'))).rejects.toMatchObject(kind('precondition'))
  // Nobody touched it for a long time; it is kept as long as a machine is built on it, and goes when nobody is.
  const copy = join(folder, 'pool', copies[0] ?? '')
  await utimes(copy, 1, 1)
  const files = machineFiles(connections, new Journal(journal()))
  const stale = async () => (await files.cleanCopies(Date.now(), true)).filter(one => one.pool === pool)
  const { creation } = connections.get(URI)
  expect([await stale(), await creation?.removeUnused(pool, basename(copy))]).toEqual([[], false])
  expect([...(await files.inUse()).keys()]).toContain(copy)
  for (const { id } of [await five, await six]) await remove(id)
  expect([await names(), await volumes()]).toEqual([[], []])
  await utimes(copy, 1, 1)
  expect((await stale()).map(({ name }) => name)).toEqual(copies)
  expect(await creation?.removeUnused(pool, basename(copy))).toBe(true)
  expect(await readdir(join(folder, 'pool'))).toEqual([])
}, 180_000)

test('a network that is gone while a machine is made is named, and the machine is undone', async () => {
  const network = `${pool}-net`
  const file = join(folder, 'network.xml')
  // Isolated and without addresses: nothing but a bridge.
  await writeFile(file, `<network><name>${network}</name><bridge name='vt${pool.slice(-6)}'/></network>`)
  await virsh('net-create', file)
  follow = ({ step }) => {
    if (step !== 'Defining the machine') return
    follow = () => undefined
    execFileSync('virsh', ['-q', '-c', URI, 'net-destroy', network])
  }
  const { task } = await making(draft('lost', { networks: [{ type: 'network', source: network }], start: true }))
  expect(task).toMatchObject({ state: 'failed', error: { message: expect.stringContaining(network) } })
  expect(task.error?.kind).not.toBe('internal')
  expect([await names(), await volumes(), await halfMade()]).toEqual([[], [], []])
}, 60_000)

test('a pool that fills up while a machine is made is told of in words, and keeps no half of anything', async () => {
  const small = `${pool}-small`
  await using disk = await tinyFilesystem(128 * 2 ** 20)
  await chmod(disk.folder, 0o755)
  await virsh('pool-create-as', small, 'dir', '--target', disk.folder)
  try {
    follow = ({ step }) => {
      if (!step?.startsWith('Copying')) return
      follow = () => undefined
      writeFileSync(join(disk.folder, 'others'), Buffer.alloc(64 * 2 ** 20))
    }
    const { task } = await making(draft('full', { source: hidden, pool: small, disk: '97M' }))
    expect(task).toMatchObject({
      state: 'failed',
      error: { kind: 'precondition', message: expect.stringContaining('no room') },
    })
    expect([await names(), await readdir(disk.folder), await halfMade()]).toEqual([[], ['others'], []])
  } finally {
    await virsh('pool-destroy', small)
  }
}, 60_000)

test('a password is in no argument, no log and no file that others can read', async () => {
  await using vireo = await cli()
  const password = `pw-${crypto.randomUUID()}`
  const name = `${pool}-secret`
  const shape = ['--memory', '128M', '--cpus', '1', '--accelerator', 'emulation', '--no-networks', '--no-vireo-agent']
  const args = ['create', image, '--name', name, '--password', '--pool', pool, ...shape, '--no-start', '-c', URI]
  let over = false
  const running = vireo.run(args, `${password}\n`).finally(() => (over = true))
  // Told when it is waited for, below.
  running.catch(() => undefined)
  const lines = new Set<string>()
  while (!over) {
    for (const pid of (await readdir('/proc')).filter(one => /^\d+$/.test(one)))
      lines.add(await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => ''))
    await sleep(100)
  }
  const end = await running
  expect(end.code, end.err).toBe(0)
  const seed = join(folder, 'pool', (await volumes()).find(one => one.endsWith('-seed.iso')) ?? '')
  expect((await stat(seed)).mode & 0o077).toBe(0)
  const hash = /\$6\$[\w./$=]+/.exec(await readFile(seed, 'latin1'))?.[0] ?? ''
  expect(hash.length).toBeGreaterThan(80)
  const kept = await readdir(join(vireo.env['HOME'] ?? ''), { recursive: true, withFileTypes: true })
  const texts = kept.filter(one => one.isFile()).map(one => readFile(join(one.parentPath, one.name), 'utf8'))
  expect(texts.length, 'an audit log at least').toBeGreaterThan(0)
  const said = [...lines, ...(await Promise.all(texts)), end.out, end.err, await virsh('dumpxml', name)].join('\n')
  expect(said).toContain(`--name\0${name}`)
  for (const secret of [password, hash]) expect(said.includes(secret), 'the secret was told').toBe(false)
  expect((await readFile(seed, 'latin1')).includes(password)).toBe(false)
}, 60_000)

test('ports lead into a machine on a network; one that is taken is refused before anything is made', async () => {
  const { create, forward } = services.handlers
  const possible = await create.options({ connection: URI }, context)
  expect(possible.availableMemoryBytes).toBeGreaterThan(0)
  expect(possible.availableMemoryBytes).toBeLessThanOrEqual(possible.memoryBytes)
  expect(possible.networks).toContainEqual(
    expect.objectContaining({ name: 'default', subnets: [expect.objectContaining({ family: 'ipv4', prefix: 24 })] }),
  )
  const port = await freePort()
  const networks = [{ type: 'network', source: 'default', forwards: [{ host: port, guest: 22 }] }]
  const wanted = draft('ports', { networks })
  const plan = await create.plan(wanted, context)
  expect(plan.commands.at(-1)).toBe(`vireo forward add ${wanted.draft.name} ${port} 22`)
  expect(CreateDraft.parse(parse(plan.file))).toEqual(wanted.draft)
  const { id, task } = await making(wanted)
  expect(task.error).toBeNull()
  const [led, ...others] = await forward.list({}, context)
  expect([led, others]).toMatchObject([{ domain: id, address: '127.0.0.1', port, guestPort: 22 }, []])
  const taken = draft('taken', { networks })
  await expect(create.plan(taken, context)).rejects.toMatchObject(kind('precondition'))
  expect((await making(taken)).task.error).toMatchObject({ kind: 'precondition' })
  expect([await names(), (await volumes()).length]).toEqual([[wanted.draft.name], 2])
  await remove(id)
  expect(await forward.list({}, context), 'what led into it went with it').toEqual([])
}, 120_000)

test('a machine that somebody else made keeps what it is built on, wherever its disk lies', async () => {
  const disk = join(folder, 'elsewhere.qcow2')
  await run('qemu-img', ['create', '-q', '-f', 'qcow2', '-F', 'qcow2', '-b', image, disk])
  const file = join(folder, 'other.xml')
  const source = `<disk type='file'><driver name='qemu' type='qcow2'/><source file='${disk}'/><target dev='vda' bus='virtio'/></disk>`
  const shape = `<memory unit='MiB'>64</memory><os><type>hvm</type></os><devices>${source}</devices>`
  await writeFile(file, `<domain type='qemu'><name>${pool}-other</name>${shape}</domain>`)
  const files = machineFiles(connections, new Journal(journal()))
  expect((await files.inUse()).get(image)).toBeUndefined()
  await virsh('define', file)
  expect((await files.inUse()).get(image)).toContain(`${pool}-other`)
}, 60_000)

test('what a Vireo left that was killed is found and removed, and nothing else', async () => {
  const { id, task } = await making(draft('seven'))
  expect(task.error).toBeNull()
  const other = await making(draft('eight'))
  const uuid = id.slice(0, id.indexOf('@'))
  const own = (await volumes()).filter(name => name.includes(uuid.slice(0, 8))).map(name => ({ pool, name }))
  expect(own).toHaveLength(2)
  // No process of today has this number and was born at the beginning of time.
  const told = { name: `${pool}-seven`, connection: URI, startedAt: 1 }
  const entry = { ...told, uuid, volumes: [...own, { pool: `${pool}-gone`, name: 'x' }], copy: null, holder: '1:0' }
  const note = () => writeFile(join(journal(), `${uuid}.json`), JSON.stringify(entry))
  const { unfinished, discard } = services.handlers.create
  await note()
  await expect(discard({ id }, context)).rejects.toMatchObject(kind('precondition'))
  expect([(await names()).length, await unfinished({}, context)]).toEqual([2, []])
  await virsh('undefine', `${pool}-seven`)
  await virsh('pool-destroy', pool)
  await note()
  expect(await unfinished({}, context)).toEqual([{ ...told, id, finishable: false }])
  expect((await ended(await discard({ id }, context))).error).toBeNull()
  expect([await names(), await unfinished({}, context)]).toEqual([[`${pool}-eight`], []])
  await remove(other.id)
  expect(await volumes()).toEqual([])
}, 120_000)
