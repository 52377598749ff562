/** Serial lines: how fast they flow without loss, and how soon what is typed comes back meanwhile. */
import { testDomain, type TestDomain } from '../fixture/domain.ts'
import { privateDaemon, type PrivateDaemon } from '../fixture/private-daemon.ts'
import { cliProgram, startServer, type VireoServer } from '../fixture/server.ts'
import {
  echoes,
  openLine,
  readByProgram,
  readByPython,
  readByWebSocket,
  type Flood,
  type Line,
} from './console-reader.ts'
import { FLOOD, floodDomain } from './flood-domain.ts'
import { LINE_BYTES } from './numbered-lines.ts'
import { inTurns } from './peer.ts'
import { memoryMegabytes, processTree } from './processes.ts'
import { atLeast, atMost, repeated, single, type Figure, type Label } from './report.ts'
import { webClient, type WebClient } from './web-client.ts'

interface Bench {
  readonly daemon: PrivateDaemon
  readonly server: VireoServer
  readonly client: WebClient
}

const label = (what: string, who: string, unit: Label['unit']): Label => ({ suite: 'serial', what, who, unit })

const THROUGHPUT = atLeast(10, 'MB/s')
const ECHO = atMost(50, 'ms')

/** The pipeline alone: a program on the host writes as fast as it is read. */
const pipeline = async ({ daemon, server, client }: Bench, flooded: TestDomain): Promise<Figure[]> => {
  const lines = (32 * 2 ** 20) / LINE_BYTES
  const flood: Flood = { command: `flood ${lines}`, lines }
  const from: Line = { kind: 'channel', input: { id: `${flooded.uuid}@${daemon.uri}`, name: FLOOD } }
  const contestants = new Map([
    ['vireo serve, WebSocket', async () => readByWebSocket(client, from, flood)],
    ['python3-libvirt', async () => readByPython(daemon.uri, flooded.name, FLOOD, flood)],
  ])
  const rates = await inTurns(5, contestants)
  const line = await openLine(client, from)
  await line.write(Buffer.from('flood 0\r'))
  const times = await echoes(line, 40, turn => ({ typed: `?w${turn}-\r`, echoed: `!w${turn}-` }))
  const memory = await memoryMegabytes((await processTree(server.pid)).map(({ pid }) => pid))
  line.close()
  const what = label('throughput, host floods', 'vireo serve, WebSocket', 'MB/s')
  return [
    repeated(what, rates.get('vireo serve, WebSocket') ?? [], THROUGHPUT),
    repeated({ ...what, who: 'python3-libvirt' }, rates.get('python3-libvirt') ?? []),
    repeated(label('echo, host floods', 'vireo serve, WebSocket', 'ms'), times, { ...ECHO, of: 'p95' }),
    single(label('memory, host floods', 'server', 'MB'), memory),
  ]
}

/** The same flood by everybody who can read a console. `alias` is the device's name in libvirt. */
const consoles = (bench: Bench, domain: TestDomain, alias: string, flood: Flood) => {
  const { daemon, server, client } = bench
  const from: Line = { kind: 'serial', input: { id: `${domain.uuid}@${daemon.uri}`, alias } }
  const virsh = ['virsh', '-c', daemon.uri, 'console', domain.name, '--devname', alias] as const
  const where = ['--connection', daemon.uri, '--alias', alias]
  const ours = [process.execPath, cliProgram, 'console', domain.name, ...where] as const
  return new Map([
    ['vireo serve, WebSocket', async () => readByWebSocket(client, from, flood)],
    ['virsh console', async () => readByProgram('^]', virsh, flood)],
    ['vireo console', async () => readByProgram('Ctrl+]', ours, flood, server.env)],
  ])
}

/** A real guest floods the device: what its emulation gives. */
const guest = async (bench: Bench, domain: TestDomain, alias: string, device: string, lines: number) => {
  const from: Line = { kind: 'serial', input: { id: `${domain.uuid}@${bench.daemon.uri}`, alias } }
  const filler = '-'.repeat(53)
  const make = `awk 'BEGIN{for(i=0;i<${lines};i++)printf "%08d %s\\n",i,"${filler}"}' >/tmp/f; echo made-$((40+2))`
  const line = await openLine(bench.client, from)
  await echoes(line, 1, () => ({ typed: `${make}\r`, echoed: 'made-42' }))
  line.close()
  const rates = await inTurns(2, consoles(bench, domain, alias, { command: 'cat /tmp/f', lines }))
  const busy = await openLine(bench.client, from)
  await busy.write(Buffer.from('while :; do cat /tmp/f; done\r'))
  const times = await echoes(busy, 20, () => ({ typed: '@', echoed: '@' }))
  await busy.write(Buffer.from('\u0003'))
  busy.close()
  return [
    ...[...rates].map(([who, samples]) => repeated(label(`throughput, ${device}`, who, 'MB/s'), samples)),
    repeated(label(`echo, ${device}`, 'vireo serve, WebSocket', 'ms'), times, { ...ECHO, of: 'p95' }),
  ]
}

const withServer = async (daemon: PrivateDaemon, work: (bench: Bench) => Promise<Figure[]>): Promise<Figure[]> => {
  const server = await startServer({ connections: [daemon.uri] })
  try {
    return await work({ daemon, server, client: await webClient(server.env.XDG_RUNTIME_DIR ?? '') })
  } finally {
    await server.stop()
  }
}

export const serialSuite = async (): Promise<Figure[]> => {
  await using daemon = await privateDaemon()
  await using flooded = await floodDomain(daemon.uri)
  return await withServer(daemon, async bench => pipeline(bench, flooded.domain))
}

export const guestSerialSuite = async (): Promise<Figure[]> => {
  await using daemon = await privateDaemon()
  const machine = await testDomain({ uri: daemon.uri, virtioConsole: true, graphics: 'none' })
  await machine.ready()
  return await withServer(daemon, async bench => [
    ...(await guest(bench, machine, 'serial0', 'guest floods a 16550 UART', 2048)),
    ...(await guest(bench, machine, 'console1', 'guest floods a virtio console', 4096)),
  ])
}
