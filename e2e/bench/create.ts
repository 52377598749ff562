/** Making machines on an image that is here, beside virt-install; and what is done to images, beside the usual programs. */
import { randomBytes } from 'node:crypto'
import { chmod, mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { Task, type ConnectionUri, type DomainId } from '../../app-main/src/contract/index.ts'
import { sha256Of } from '../../app-main/src/image/image-cache.ts'
import { unpack } from '../../app-main/src/image/unpack.ts'
import { vireo } from '../fixture/cli.ts'
import { run } from '../fixture/run.ts'
import { startServer } from '../fixture/server.ts'
import { userFolders } from '../fixture/user-folders.ts'
import { inTurns } from './peer.ts'
import { atLeast, median, repeated, single, timesFaster, type Figure, type Label } from './report.ts'
import { webClient, type WebClient } from './web-client.ts'

const URI = 'qemu:///system' as ConnectionUri
const PREFIX = 't-bench-create'
/** Where virt-install puts seeds. */
const BOOT_POOL = 'boot'
const ROUNDS = 7
const AT_ONCE = 20
const NEVER = new AbortController().signal
const KEY = `ssh-ed25519 ${Buffer.concat([Buffer.from([0, 0, 0, 11]), Buffer.from('ssh-ed25519'), Buffer.alloc(36, 1)]).toString('base64')} bench`

const virsh = (...args: string[]): Promise<string> => run('virsh', ['-q', '-c', URI, ...args], { deadline: 120_000 })

const label = (what: string, who: string, unit: Label['unit'] = 'ms'): Label => ({ suite: 'create', what, who, unit })

const machines = async (): Promise<string[]> =>
  (await virsh('list', '--all', '--name')).split('\n').filter(name => name.startsWith(`${PREFIX}-`))

const removeMachine = async (name: string): Promise<void> => {
  await virsh('destroy', name).catch(() => undefined)
  await virsh('undefine', '--nvram', name)
}

const pools = async (): Promise<string[]> =>
  (await virsh('pool-list', '--all', '--name')).split('\n').map(name => name.trim())

/** Machines and pools that a run which was killed left behind, and `also` these pools. */
export const removeCreated = async (also: readonly string[] = []): Promise<void> => {
  for (const name of await machines()) await removeMachine(name).catch(() => undefined)
  for (const pool of (await pools()).filter(name => name.startsWith(`${PREFIX}-`) || also.includes(name))) {
    await virsh('pool-destroy', pool).catch(() => undefined)
    await virsh('pool-undefine', pool).catch(() => undefined)
  }
}

interface Place {
  readonly pool: string
  readonly folder: string
  readonly image: string
  /** A name that nobody had. */
  name(): string
}

const place = async (): Promise<Place & AsyncDisposable> => {
  const base = await mkdtemp(join(tmpdir(), 'create-'))
  const before = await pools()
  const pool = `${PREFIX}-${basename(base).slice(-6).toLowerCase()}`
  const folder = join(base, 'pool')
  await chmod(base, 0o755)
  await mkdir(folder, { mode: 0o755 })
  // Nothing starts from it: what is measured ends when the machine runs.
  const image = join(base, 'image.qcow2')
  await run('qemu-img', ['create', '-q', '-f', 'qcow2', image, '1G'])
  await virsh('pool-create-as', pool, 'dir', '--target', folder)
  let count = 0
  return {
    ...{ pool, folder, image },
    name: () => `${pool}-${count++}`,
    async [Symbol.asyncDispose]() {
      // virt-install makes one for its seeds and leaves it.
      await removeCreated(before.includes(BOOT_POOL) ? [] : [BOOT_POOL])
      await rm(base, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

/** Takes a machine away with all that was made for it, and gives the bytes that it took on disk. */
const cleared = async ({ folder, pool }: Place, name: string): Promise<number> => {
  if ((await virsh('domstate', name)).trim() !== 'running') throw new Error(`${name} does not run`)
  await removeMachine(name)
  let bytes = 0
  for (const file of await readdir(folder)) {
    bytes += (await stat(join(folder, file))).blocks * 512
    await rm(join(folder, file))
  }
  await virsh('pool-refresh', pool)
  return bytes
}

const shape = { memory: '64M', cpus: 1, disk: '2G', accelerator: 'emulation', vireoAgent: false } as const

const ask = ({ image, pool }: Place, name: string) => ({
  connection: URI,
  draft: { source: image, name, pool, sshKeys: [KEY], networks: [{ type: 'network', source: 'default' }], ...shape },
})

/** Until the machine runs, as the window has it. */
const createBy = async (client: WebClient, wanted: ReturnType<typeof ask>): Promise<void> => {
  const { taskId } = (await client.call('create', 'run', wanted)) as { taskId: string; id: DomainId }
  for (;;) {
    const tasks = ((await client.call('task', 'list')) as unknown[]).map(one => Task.parse(one))
    const task = tasks.find(({ id }) => id === taskId)
    if (task?.state === 'done') return
    if (task?.state !== 'running') throw new Error(`${wanted.draft.name}: ${task?.error?.message ?? 'it vanished'}`)
    await new Promise(resolve => setTimeout(resolve, 5))
  }
}

const byCli = async ({ image, pool }: Place, name: string, env: Readonly<Record<string, string>>): Promise<void> => {
  const size = ['--memory', shape.memory, '--cpus', '1', '--disk', shape.disk, '--pool', pool]
  const args = ['create', image, '--name', name, '--ssh-key', KEY, '--network', 'default', ...size]
  const more = ['--accelerator', 'emulation', '--no-vireo-agent', '--no-wait', '-c', URI]
  // As people have it: with the cache that Vireo keeps for itself.
  const { code, err } = await vireo([...args, ...more], { env: { ...env, NODE_COMPILE_CACHE: '' } })
  if (code !== 0) throw new Error(`vireo create: ${err}`)
}

const byVirtInstall = async ({ image, folder }: Place, name: string, userData: string): Promise<void> => {
  const disk = `path=${join(folder, `${name}.qcow2`)},size=2,format=qcow2,bus=virtio,backing_store=${image},backing_format=qcow2`
  const size = [
    '--memory',
    '64',
    '--vcpus',
    '1',
    '--virt-type',
    'qemu',
    '--graphics',
    'vnc',
    '--network',
    'network=default',
  ]
  const start = [
    '--import',
    '--disk',
    disk,
    '--cloud-init',
    `user-data=${userData}`,
    '--osinfo',
    'detect=off,require=off',
  ]
  await run('virt-install', ['--connect', URI, '--name', name, ...size, ...start, '--noautoconsole', '--quiet'], {
    deadline: 120_000,
  })
}

const timed = async (work: () => Promise<unknown>): Promise<number> => {
  const start = performance.now()
  await work()
  return performance.now() - start
}

const making = async (): Promise<Figure[]> => {
  await using at = await place()
  const person = await userFolders()
  const server = await startServer({ connections: [URI] })
  try {
    const client = await webClient(server.env['XDG_RUNTIME_DIR'] ?? '')
    const userData = join(person.base, 'user-data')
    await writeFile(userData, `#cloud-config\nssh_authorized_keys: ['${KEY}']\n`)
    const ways: Readonly<Record<string, (name: string) => Promise<void>>> = {
      'running server': name => createBy(client, ask(at, name)),
      'vireo create': name => byCli(at, name, person.env),
      'virt-install': name => byVirtInstall(at, name, userData),
    }
    const bytes = new Map<string, number[]>()
    const contestants = Object.entries(ways).map(([who, make]) => {
      const work = async () => {
        const name = at.name()
        const ms = await timed(() => make(name))
        bytes.set(who, [...(bytes.get(who) ?? []), await cleared(at, name)])
        return ms
      }
      return [who, work] as const
    })
    const samples = await inTurns(ROUNDS, new Map(contestants))
    const theirs = samples.get('virt-install') ?? []
    const ratio = (who: string, most: number) =>
      single(
        label('create to running', `virt-install / ${who}`, 'x'),
        timesFaster(samples.get(who) ?? [], theirs),
        atLeast(most, 'x'),
      )
    return [
      ...[...samples].map(([who, times]) => repeated(label('create to running', who), times)),
      ratio('vireo create', 1),
      ratio('running server', 1),
      ...[...bytes].map(([who, taken]) => single(label('on disk for each machine', who, 'kB'), median(taken) / 1000)),
      ...(await manyAtOnce(at, client, userData)),
    ]
  } finally {
    await server.stop()
    await person.remove()
  }
}

const manyAtOnce = async (at: Place, client: WebClient, userData: string): Promise<Figure[]> => {
  const figures: Figure[] = []
  const names = () => Array.from({ length: AT_ONCE }, () => at.name())
  const measure = async (what: string, who: string, work: (names: readonly string[]) => Promise<unknown>) => {
    const made = names()
    figures.push(single(label(what, who), await timed(() => work(made))))
    for (const name of made) await removeMachine(name)
    for (const file of await readdir(at.folder)) await rm(join(at.folder, file))
    await virsh('pool-refresh', at.pool)
  }
  await measure(`${AT_ONCE} machines at once`, 'running server', made =>
    Promise.all(made.map(name => createBy(client, ask(at, name)))),
  )
  // Several at once refuse: each refreshes the pool while another one makes a disk in it.
  await measure(`${AT_ONCE} machines, one after the other`, 'virt-install', async made => {
    for (const name of made) await byVirtInstall(at, name, userData)
  })
  return figures
}

const SIZE = 512 * 2 ** 20

/** A file as images are: a third of it is noise, a third text, a third empty. */
const sample = async (path: string): Promise<void> => {
  const piece = 2 ** 20
  const parts = Array.from({ length: SIZE / piece / 3 }, (_, index) => [
    randomBytes(piece),
    Buffer.alloc(piece, `A line of a configuration file, number ${index}.\n`),
    Buffer.alloc(piece),
  ])
  await writeFile(path, parts.flat())
}

const rate = (bytes: number, ms: readonly number[]): number[] => ms.map(one => bytes / 1e3 / one)

const throughput = async (): Promise<Figure[]> => {
  const folder = await mkdtemp(join(tmpdir(), 'images-'))
  try {
    const [raw, packed, out] = ['disk.raw', 'disk.raw.xz', 'out.raw'].map(name => join(folder, name))
    if (raw === undefined || packed === undefined || out === undefined) throw new Error('unreachable')
    await sample(raw)
    const { size } = await stat(raw)
    await run('xz', ['-1', '--keep', '--threads=0', raw], { deadline: 300_000 })
    const free = async () => 2 ** 50
    const options = {
      from: packed,
      to: out,
      packing: 'xz',
      folder,
      free,
      signal: NEVER,
      progress: () => undefined,
    } as const
    const sums = await inTurns(
      5,
      new Map([
        ['Vireo', () => timed(() => sha256Of(raw, NEVER))],
        ['sha256sum', () => timed(() => run('sha256sum', [raw], { deadline: 120_000 }))],
      ]),
    )
    const unpacked = await inTurns(
      5,
      new Map([
        ['Vireo', () => timed(() => unpack(options))],
        [
          'xz -d',
          () =>
            timed(() => run('sh', ['-c', 'xz -dc --threads=0 "$1" >"$2"', 'sh', packed, out], { deadline: 120_000 })),
        ],
      ]),
    )
    return [
      ...[...sums].map(([who, ms]) => repeated(label('checksum', who, 'MB/s'), rate(size, ms))),
      ...[...unpacked].map(([who, ms]) => repeated(label('unpack .xz', who, 'MB/s'), rate(size, ms))),
    ]
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

export const createSuite = async (): Promise<Figure[]> => [...(await throughput()), ...(await making())]
