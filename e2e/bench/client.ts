/** Our libvirt client against the official Python binding and virsh, through one daemon. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import { testDomain } from '../fixture/domain.ts'
import { privateDaemon } from '../fixture/private-daemon.ts'
import { testNode } from '../fixture/test-node.ts'
import { inTurns, linePeer, virshPeer, type Peer } from './peer.ts'
import { atLeast, repeated, single, timesFaster, type Figure, type Label } from './report.ts'

const here = dirname(fileURLToPath(import.meta.url))

/** The Python that has the distribution's packages, which need not be the first on the path. */
const PYTHON = '/usr/bin/python3'

interface Work {
  readonly name: string
  readonly what: string
  /** How many times as fast as the Python binding. */
  readonly budget: number
  /** What our peer calls it, where it differs. */
  readonly ours?: string
}

interface Contest {
  readonly suite: string
  readonly uri: string
  /** The same daemon and node as libvirt's own library names it. */
  readonly theirUri: string
  readonly names: readonly string[]
  readonly rounds: number
  readonly work: readonly Work[]
}

/** Bundles our peer as the application is bundled, and gives the way to run it. */
const bundled = async (folder: string): Promise<string> => {
  const recipe = pathToFileURL(join(dirname(dirname(here)), 'app-main/tools/build.mjs')).href
  const { esm } = (await import(recipe)) as { esm: object }
  const outfile = join(folder, 'peer-vireo.js')
  await build({ ...esm, entryPoints: [join(here, 'peer-vireo.ts')], outfile, logLevel: 'error' })
  return outfile
}

const virshCommands = (names: readonly string[]) => ({
  list: ['list --all'],
  stats: ['domstats --nowait'],
  xml: names.map(name => `dumpxml ${name}`),
})

const measure = async (
  contest: Contest,
  { name, what, budget, ours: our = name }: Work,
  peers: Record<string, Peer>,
) => {
  const { vireo, python, virsh } = peers as Record<'vireo' | 'python' | 'virsh', Peer>
  const contestants = new Map([
    ['vireo', async () => vireo.run(our)],
    ['python3-libvirt', async () => python.run(name)],
    ['virsh', async () => virsh.run(name)],
  ])
  if (name === 'xml') contestants.set('python3-libvirt, 4 threads', async () => python.run('xml-threads'))
  const samples = await inTurns(contest.rounds, contestants)
  const label = (who: string): Label => ({ suite: contest.suite, what, who, unit: 'ms' })
  const ours = samples.get('vireo') ?? []
  const theirs = samples.get('python3-libvirt') ?? []
  const ratio = single(
    { ...label('python3-libvirt / vireo'), unit: 'x' },
    timesFaster(ours, theirs),
    atLeast(budget, 'x'),
  )
  return [...[...samples].map(([who, times]) => repeated(label(who), times)), ratio]
}

const compete = async (contest: Contest): Promise<Figure[]> => {
  const folder = await mkdtemp(join(tmpdir(), 'vireo-bench-'))
  const count = contest.names.length
  const peers: Record<string, Peer> = {}
  try {
    peers.vireo = linePeer('vireo', process.execPath, [await bundled(folder), contest.uri], count)
    peers.python = linePeer('python', PYTHON, [join(here, 'peer-libvirt.py'), contest.theirUri], count)
    peers.virsh = virshPeer(contest.theirUri, virshCommands(contest.names))
    const figures: Figure[] = []
    for (const work of contest.work) figures.push(...(await measure(contest, work, peers)))
    return figures
  } finally {
    for (const peer of Object.values(peers)) await peer.end()
    await rm(folder, { recursive: true, maxRetries: 5 })
  }
}

/** A thousand domains of the test driver, in a daemon that nobody else uses. */
export const clientSuite = async (): Promise<Figure[]> => {
  await using daemon = await privateDaemon()
  await using node = await testNode({ domains: 1000, running: 500 })
  return await compete({
    suite: '1,000 domains',
    uri: daemon.nodeUri(node.path),
    theirUri: daemon.nodeUri(node.path).replace('test:', 'test+unix:'),
    names: node.names,
    rounds: 31,
    work: [
      { name: 'list', what: 'list', budget: 1.3 },
      { name: 'stats', what: 'bulk stats', budget: 1.3 },
      { name: 'xml', what: 'XML of all', budget: 2 },
    ],
  })
}

/** Ten real machines without a disk: here the daemon asks QEMU, and shares the processors with it. */
export const realClientSuite = async (): Promise<Figure[]> => {
  await using daemon = await privateDaemon()
  const names: string[] = []
  for (let index = 0; index < 10; index++) {
    const shape = { kind: 'blank', graphics: 'none', channels: [], uri: daemon.uri } as const
    // The daemon takes its guests with it when it stops.
    names.push((await testDomain(shape)).name)
  }
  return await compete({
    suite: '10 QEMU domains',
    ...{ uri: daemon.uri, theirUri: daemon.uri, names, rounds: 41 },
    work: [
      { name: 'list', what: 'list', budget: 1.3 },
      { name: 'stats', what: 'bulk stats', budget: 1.3, ours: 'stats-shared' },
    ],
  })
}
