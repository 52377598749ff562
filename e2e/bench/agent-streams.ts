/** What a hundred machines that tell their measurements cost one Vireo. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { domainId, type ConnectionUri, type DomainId } from '../../app-main/src/contract/index.ts'
import { MemoryDriver } from '../../app-main/src/hypervisor/memory/driver.ts'
import { DriverRegistry } from '../../app-main/src/hypervisor/registry.ts'
import { ConnectionSet } from '../../app-main/src/service/connection/connection-set.ts'
import { GuestSessions } from '../../app-main/src/service/guest/guest-sessions.ts'
import { TelemetryHistory } from '../../app-main/src/service/guest/telemetry-history.ts'
import { discoverOnce, vireoDialect, type GuestLink } from '../../guest-agent-bridge/src/host/index.ts'
import { until } from '../fixture/wait.ts'
import { single, type Figure, type Label } from './report.ts'

const here = dirname(fileURLToPath(import.meta.url))
const MACHINES = 100
const SECONDS = 20
const URI = `memory:///bench?domains=${MACHINES}` as ConnectionUri

setFlagsFromString('--expose-gc')
const collect: unknown = runInNewContext('gc')

/** Memory that is in use, in MB: what the collector may give back any time is not. */
const memory = (): number => {
  if (typeof collect === 'function') collect()
  return process.memoryUsage().rss / 1e6
}

/** Agents that measure, all in one process of their own, so that their cost is not counted. */
const telling = async (folder: string) => {
  const path = join(folder, 'telling')
  const child = spawn(process.execPath, [join(here, 'telling-agents.ts'), path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(child.stdout, 'data')
  const link: GuestLink = {
    channels: async () => Promise.resolve([{ name: vireoDialect.channel, connected: true }]),
    open: async () => Promise.resolve(connect(path)),
    agentCommand: async () => Promise.reject(new Error('there is no qemu-ga here')),
  }
  return { link, [Symbol.dispose]: () => void child.kill('SIGKILL') }
}

/** The service as the application has it, around machines in memory. */
const service = async (link: GuestLink) => {
  const driver = new MemoryDriver()
  const host = driver.host(URI)
  const connections = new ConnectionSet(new DriverRegistry([driver]), () => undefined)
  await connections.add(URI).settled()
  const machines = [...host.machines.values()]
  for (const machine of machines) host.enter(machine, 'running')
  const sessions = new GuestSessions({
    ...{ connections, publish: () => undefined, linkTo: () => link },
    discover: (way, { signal }) => discoverOnce(way, { dialects: [vireoDialect], signal }),
  })
  const history = new TelemetryHistory({
    use: (id, want, work) => sessions.use(id, want, work),
    news: () => new Promise<never>(() => undefined),
  })
  return {
    ids: machines.map(({ key }) => domainId(key, URI)),
    history,
    [Symbol.dispose]: () => {
      history.dispose()
      sessions.dispose()
      connections.dispose()
    },
  }
}

/** Asks as a window does that shows all of them, and reads what is new. */
const watched = async (
  history: TelemetryHistory,
  ids: readonly DomainId[],
  intervalSeconds: number,
  seconds: number,
) => {
  let since = Date.now()
  let samples = 0
  for (const end = performance.now() + seconds * 1000; performance.now() < end; await sleep(intervalSeconds * 1000)) {
    const found = history.ask({ ids, since, intervalSeconds })
    since = Date.now()
    samples += found.reduce((sum, one) => sum + one.samples.length, 0)
  }
  return samples
}

/** Processor and memory of this process while all machines tell, every five seconds and every second. */
export const streamFigures = async (folder: string): Promise<Figure[]> => {
  const who = `${MACHINES} simulated agents`
  const label = (what: string, unit: Label['unit']): Label => ({ suite: 'agent', what, who, unit })
  using agents = await telling(folder)
  using vireo = await service(agents.link)
  const before = memory()
  const figures: Figure[] = []
  for (const interval of [5, 1]) {
    const ask = () => vireo.history.ask({ ids: vireo.ids, since: 0, intervalSeconds: interval })
    await until('all of them to tell', () => ask().length === MACHINES, 60_000)
    await watched(vireo.history, vireo.ids, interval, 5)
    const cpu = process.cpuUsage()
    const start = performance.now()
    const samples = await watched(vireo.history, vireo.ids, interval, SECONDS)
    const { user, system } = process.cpuUsage(cpu)
    const seconds = (performance.now() - start) / 1000
    figures.push(
      single(label(`one core of the host, telemetry every ${interval} s`, '%'), (user + system) / 1e4 / seconds),
      single(label(`samples in ${SECONDS} s, telemetry every ${interval} s`, 'count'), samples),
    )
  }
  figures.push(single(label('memory of the host more than before', 'MB'), Math.max(0, memory() - before)))
  return figures
}
