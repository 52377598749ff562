/** Serial lines: how fast they flow without loss, and how soon what is typed comes back meanwhile. */
import type { TestDomain } from '../fixture/domain.ts'
import { privateDaemon, type PrivateDaemon } from '../fixture/private-daemon.ts'
import { startServer, type VireoServer } from '../fixture/server.ts'
import { echoes, openLine, readByPython, readByWebSocket, type Flood, type Line } from './console-reader.ts'
import { FLOOD, floodDomain } from './flood-domain.ts'
import { LINE_BYTES } from './numbered-lines.ts'
import { inTurns } from './peer.ts'
import { memoryMegabytes, processTree } from './processes.ts'
import { atLeast, atMost, repeated, single, type Figure, type Label } from './report.ts'
import { webClient, type WebClient } from './web-client.ts'

/** What serial lines are measured with. */
export interface SerialBench {
  readonly daemon: PrivateDaemon
  readonly server: VireoServer
  readonly client: WebClient
}

const label = (what: string, who: string, unit: Label['unit']): Label => ({ suite: 'serial', what, who, unit })

const THROUGHPUT = atLeast(10, 'MB/s')
/** The budget for what is typed to come back under load. */
export const ECHO_MS = 50

/** The pipeline alone: a program on the host writes as fast as it is read. */
const pipeline = async ({ daemon, server, client }: SerialBench, flooded: TestDomain): Promise<Figure[]> => {
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
    repeated(label('echo, host floods', 'vireo serve, WebSocket', 'ms'), times, {
      ...atMost(ECHO_MS, 'ms (p95)'),
      of: 'p95',
    }),
    single(label('memory, host floods', 'server', 'MB'), memory),
  ]
}

/** Starts `vireo serve` on the daemon for the work, and ends it. */
export const withServer = async (
  daemon: PrivateDaemon,
  work: (bench: SerialBench) => Promise<Figure[]>,
): Promise<Figure[]> => {
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
