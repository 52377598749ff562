/** What a hostile guest costs the host: memory, processor, and the answers of another machine's agent meanwhile. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { ExecSpec } from '../../app-main/src/contract/index.ts'
import { vireoDialect, type GuestAgent, type GuestLink } from '../../guest-agent-bridge/src/host/index.ts'
import { atMost, median, quantile, single, type Budget, type Figure, type Label } from './report.ts'

const here = dirname(fileURLToPath(import.meta.url))
const FLOOD_SECONDS = 5
const WARM_SECONDS = 1
/** For one machine, dead buffers included. */
const MOST = atMost(16, 'MB')
/** How many machines flood, and with what. */
const FLOODS = [
  [1, 'telemetry'],
  [1, 'garbage'],
  [1, 'endless line'],
  [1, 'long lines'],
  [1, 'foreign answers'],
  [1, 'command output'],
  [4, 'telemetry'],
  [4, 'long lines'],
] as const

/** A guest whose agent behaves as its kind says. */
export interface Simulated extends AsyncDisposable {
  readonly agent: GuestAgent
}

/** The agent as a process that listens on that socket. */
export const listening = async (path: string, kind: string): Promise<Disposable> => {
  const child = spawn(process.execPath, [join(here, 'flooding-agent.ts'), path, kind], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(child.stdout, 'data')
  return { [Symbol.dispose]: () => void child.kill('SIGKILL') }
}

/** With nothing but a socket in between. */
const simulated = async (folder: string, kind: string): Promise<Simulated> => {
  const path = await mkdtemp(join(folder, 'a-')).then(own => join(own, 'agent'))
  const program = await listening(path, kind)
  const link: GuestLink = {
    channels: async () => [{ name: vireoDialect.channel, connected: true }],
    open: async () => connect(path),
    agentCommand: async () => Promise.reject(new Error('there is no qemu-ga here')),
  }
  const agent = await vireoDialect.connect(link, { signal: new AbortController().signal })
  return {
    agent,
    [Symbol.asyncDispose]: async () => {
      agent.close()
      program[Symbol.dispose]()
    },
  }
}

setFlagsFromString('--expose-gc')
const collect: unknown = runInNewContext('gc')

interface Memory {
  /** What the system has given. */
  readonly resident: number
  /** Of that, memory outside of the engine's heap: buffers, used or dead. */
  readonly buffers: number
  /** What the program holds on to; only true after a collection. */
  readonly held: number
}

/** In MB. */
const memory = (): Memory => {
  const { rss, heapUsed, external } = process.memoryUsage()
  return { resident: rss / 1e6, buffers: external / 1e6, held: (heapUsed + external) / 1e6 }
}

/** Without what the collector may give back any time. */
const memoryInUse = (): Memory => {
  if (typeof collect === 'function') collect()
  return memory()
}

/**
 * The engine's space for new objects is 16 to 32 MB that any program fills before it is looked at for the first time; the
 * first flood would pay for it, in a program that has done nothing else.
 */
const workABit = (): number => {
  let sum = 0
  for (let turn = 0; turn < 1_000_000; turn++) sum += JSON.stringify({ turn, more: [turn, String(turn)] }).length
  return sum
}

const ping = async (agent: GuestAgent): Promise<number> => {
  const start = performance.now()
  await agent.syncTime({ signal: new AbortController().signal })
  return performance.now() - start
}

/** Sets the flood off by asking for something; it goes on until the agent is closed. */
const provoke = (agent: GuestAgent, kind: string): void => {
  const { signal } = new AbortController()
  const spec = ExecSpec.parse({ shell: 'yes', timeoutSeconds: 600 })
  const asked =
    kind === 'command output'
      ? agent.exec(spec, { onOutput: () => new Promise(() => undefined) }, { signal })
      : agent.watchTelemetry(1, () => undefined, signal)
  // It ends with the conversation, or because the guest overdid it.
  asked.catch(() => undefined)
}

/** Makes the guest with the agent of that kind. */
type Make = (kind: string) => Promise<Simulated>

const flood = async (suite: string, machines: number, kind: string, make: Make, neighbour: GuestAgent) => {
  const who = machines === 1 ? kind : `${kind}, each of ${machines}`
  const label = (what: string, unit: Label['unit']): Label => ({ suite, what, who, unit })
  await using stack = new AsyncDisposableStack()
  const hostile: GuestAgent[] = []
  for (let count = 0; count < machines; count++) hostile.push(stack.use(await make(kind)).agent)
  for (let turn = 0; turn < 50; turn++) await ping(neighbour)
  const before = memoryInUse()
  const cpu = process.cpuUsage()
  for (const agent of hostile) provoke(agent, kind)
  const peak = { resident: 0, buffers: 0 }
  const look = () => {
    const { resident, buffers } = memory()
    peak.resident = Math.max(peak.resident, resident - before.resident)
    peak.buffers = Math.max(peak.buffers, buffers - before.buffers)
  }
  const looking = setInterval(look, 20)
  stack.defer(() => clearInterval(looking))
  await sleep(WARM_SECONDS * 1000)
  const pings: number[] = []
  const start = performance.now()
  while (performance.now() - start < FLOOD_SECONDS * 1000) {
    pings.push(await ping(neighbour))
    await sleep(20)
  }
  const { user, system } = process.cpuUsage(cpu)
  const seconds = (performance.now() - start) / 1000 + WARM_SECONDS
  const held = memoryInUse().held - before.held
  const each = (what: string, growth: number, budget?: Budget) =>
    single(label(what, 'MB'), Math.max(0, growth) / machines, budget)
  return [
    each('growth of RSS', peak.resident, MOST),
    each('growth of buffers', peak.buffers, MOST),
    each('memory in use for it', held),
    single(label('one core of the host', '%'), (user + system) / 1e4 / seconds),
    single(label("another machine's ping, median", 'ms'), median(pings)),
    single(label("another machine's ping, p99", 'ms'), quantile(pings, 0.99)),
  ]
}

/** Each kind in turn, beside a quiet agent that is asked all the time. */
export const floodFigures = async (suite: string, make: Make, idlePing?: Budget): Promise<Figure[]> => {
  await using neighbour = await make('quiet')
  workABit()
  const idle: number[] = []
  for (let turn = 0; turn < 500; turn++) idle.push(await ping(neighbour.agent))
  const label: Label = { suite, what: 'ping, nothing else going on', who: 'quiet', unit: 'ms' }
  const figures = [single(label, median(idle), idlePing)]
  for (const [machines, kind] of FLOODS) figures.push(...(await flood(suite, machines, kind, make, neighbour.agent)))
  return figures
}

export const guestFloodSuite = async (): Promise<Figure[]> => {
  const folder = await mkdtemp(join(tmpdir(), 'vireo-flood-'))
  try {
    return await floodFigures('guest-flood', kind => simulated(folder, kind), atMost(1, 'ms'))
  } finally {
    await rm(folder, { recursive: true, maxRetries: 5 })
  }
}
