/** The Vireo agent beside qemu-ga and SSH in one real guest, and on this computer; and a hundred of them on one Vireo. */
import { randomFillSync } from 'node:crypto'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { agentProgram, startAgent } from '../fixture/agent.ts'
import { builtAgent } from '../fixture/agent-package.ts'
import { agentGuest, type AgentGuest, type Way } from './agent-guest.ts'
import { streamFigures } from './agent-streams.ts'
import { cpuTime } from './processes.ts'
import { inTurns } from './peer.ts'
import { atMost, repeated, single, type Figure, type Label } from './report.ts'

const MEGABYTE = 1e6
const FILE_BYTES = 16 * MEGABYTE
/** The guest's memory, so that its emulated disk is not what is measured. */
const GUEST_FILE = '/dev/shm/file'
const PINGS = 50
const EXECS = 15
const COPIES = 2
const TELEMETRY_SECONDS = 30
const RESIDENT = atMost(2.5, 'MB')

const label = (what: string, who: string, unit: Label['unit']): Label => ({ suite: 'agent', what, who, unit })
const nothing = { words: 'not measurable (<= 0.1 %)', holds: (percent: number) => percent <= 0.1 }

/** Median and spread of one piece of work, everybody in turn. */
const inEveryWay = async (rounds: number, ways: readonly Way[], work: (way: Way) => (() => Promise<number>) | null) =>
  inTurns(
    rounds,
    new Map(
      ways.flatMap(way => {
        const does = work(way)
        return does === null ? [] : [[way.name, does] as const]
      }),
    ),
  )

const speeds = async ({ ways }: AgentGuest, folder: string): Promise<Figure[]> => {
  const [source, back] = [join(folder, 'source'), join(folder, 'back')]
  const content = randomFillSync(Buffer.alloc(FILE_BYTES))
  await writeFile(source, content)
  const rates = (what: string, samples: ReadonlyMap<string, readonly number[]>) =>
    [...samples].map(([who, ms]) =>
      repeated(
        label(what, who, 'MB/s'),
        ms.map(one => FILE_BYTES / MEGABYTE / (one / 1000)),
      ),
    )
  const pings = await inEveryWay(PINGS, ways, way => way.ping)
  const execs = await inEveryWay(EXECS, ways, way => way.execTrue)
  const up = await inEveryWay(COPIES, ways, way => () => way.upload(source, GUEST_FILE))
  const down = await inEveryWay(COPIES, ways, way => async () => {
    await rm(back, { force: true })
    const ms = await way.download(GUEST_FILE, back)
    if (!(await readFile(back)).equals(content)) throw new Error(`${way.name}: the file came back changed`)
    return ms
  })
  return [
    ...[...pings].map(([who, ms]) => repeated(label('ping, in the guest', who, 'ms'), ms)),
    ...[...execs].map(([who, ms]) => repeated(label('exec of true, in the guest', who, 'ms'), ms)),
    ...rates('upload, in the guest', up),
    ...rates('download, in the guest', down),
  ]
}

const PROGRAMS = { vireo: 'vireo-agent', 'qemu-ga': 'qemu-ga' } as const
type Program = keyof typeof PROGRAMS
const ALL: readonly Program[] = ['vireo', 'qemu-ga']
const nameOf = (who: Program): string => (who === 'vireo' ? 'Vireo agent' : who)

const resident = async ({ shell }: AgentGuest, when: string): Promise<Figure[]> => {
  const figures: Figure[] = []
  for (const who of ALL) {
    const kib = Number(await shell(`awk '/^VmRSS/{print $2}' /proc/$(pidof -s ${PROGRAMS[who]})/status`))
    const budget = who === 'vireo' ? RESIDENT : undefined
    figures.push(single(label(`resident memory, in the guest, ${when}`, nameOf(who), 'MB'), (kib * 1024) / 1e6, budget))
  }
  return figures
}

/** Milliseconds of the guest's processor that each program and its ended children have had. */
const guestTime = async ({ shell }: AgentGuest): Promise<ReadonlyMap<Program, number>> => {
  const script = ALL.map(who => `sed 's/.*) //' /proc/$(pidof -s ${PROGRAMS[who]})/stat | cut -d' ' -f12-15`).join(';')
  const lines = (await shell(script)).trim().split('\n')
  const sum = (line = '') => line.split(' ').reduce((all, ticks) => all + Number(ticks), 0)
  return new Map(ALL.map((who, index) => [who, sum(lines[index]) * 10]))
}

/** Percent of the guest's one processor while `meanwhile` goes on. */
const guestCost = async (
  guest: AgentGuest,
  what: string,
  meanwhile: (who: Program, stop: AbortSignal) => Promise<void>,
) => {
  const stop = new AbortController()
  const watching = ALL.map(who => meanwhile(who, stop.signal))
  // What begins is not what goes on.
  await sleep(3000)
  const before = await guestTime(guest)
  const start = performance.now()
  await sleep(TELEMETRY_SECONDS * 1000)
  const after = await guestTime(guest)
  const elapsed = performance.now() - start
  stop.abort()
  await Promise.all(watching)
  return ALL.map(who => {
    const percent = (((after.get(who) ?? NaN) - (before.get(who) ?? NaN)) / elapsed) * 100
    return single(label(`processor of the guest, ${what}`, nameOf(who), '%'), percent)
  })
}

const telemetry = async (guest: AgentGuest): Promise<Figure[]> => {
  const figures = await guestCost(guest, 'idle', () => Promise.resolve())
  for (const seconds of [5, 1]) {
    const watch = (who: Program, stop: AbortSignal) => guest.agents[who].watchTelemetry(seconds, () => undefined, stop)
    figures.push(...(await guestCost(guest, `telemetry every ${seconds} s`, watch)))
  }
  return figures
}

/** The agent itself, without emulation and without libvirt: on a terminal of this computer. */
const onThisComputer = async (): Promise<Figure[]> => {
  const who = 'Vireo agent'
  await using agent = await startAgent()
  const memory = async (): Promise<number> =>
    (Number(/^VmRSS:\s+(\d+)/m.exec(await readFile(`/proc/${agent.pid}/status`, 'utf8'))?.[1]) * 1024) / 1e6
  await agent.line.call('agent.hello')
  const figures = [single(label('resident memory, at rest', who, 'MB'), await memory(), RESIDENT)]
  const pings: number[] = []
  for (let turn = 0; turn < 500; turn++) {
    const start = performance.now()
    await agent.line.call('ping')
    pings.push(performance.now() - start)
  }
  figures.push(repeated(label('ping', who, 'ms'), pings.slice(100), atMost(1, 'ms')))
  const before = await cpuTime([agent.pid])
  await sleep(20_000)
  figures.push(single(label('processor, idle', who, '%'), ((await cpuTime([agent.pid])) - before) / 200, nothing))
  figures.push(...(await transfers(agent.line, agent.folder)))
  await sleep(3000)
  figures.push(single(label('resident memory, after transfers', who, 'MB'), await memory(), RESIDENT))
  return figures
}

type Line = Awaited<ReturnType<typeof startAgent>>['line']

/** A hundred megabytes each way, one question after the other. */
const transfers = async (line: Line, folder: string): Promise<Figure[]> => {
  const path = join(folder, 'big')
  const size = 100 * MEGABYTE
  const rate = (what: string, ms: number) => single(label(what, 'Vireo agent', 'MB/s'), size / MEGABYTE / (ms / 1000))
  const begin = performance.now()
  const { upload } = await line.call('file.write.begin', { path, size_bytes: size })
  const data = randomFillSync(Buffer.alloc(45 * 1024)).toString('base64')
  const piece = 45 * 1024
  for (let offset = 0; offset < size; offset += piece) {
    const rest = size - offset
    const part = rest < piece ? Buffer.from(data, 'base64').subarray(0, rest).toString('base64') : data
    await line.call('file.write.chunk', { upload, offset, data: part })
  }
  await line.call('file.write.commit', { upload })
  const written = performance.now()
  for (let offset = 0; offset < size;) {
    const { bytes } = await line.call('file.read', { path, offset, length: 256 * 1024 })
    offset += Number(bytes)
  }
  const read = performance.now()
  return [rate('upload', written - begin), rate('download', read - written)]
}

/** The agent on this computer, and a hundred of them on one Vireo. */
export const agentSuite = async (): Promise<Figure[]> => {
  await builtAgent()
  const folder = await mkdtemp(join(tmpdir(), 'a-'))
  const { size } = await stat(agentProgram)
  const figures = [single(label('size of the program', 'Vireo agent', 'MB'), size / 1e6, atMost(2.2, 'MB'))]
  figures.push(...(await onThisComputer()), ...(await streamFigures(folder)))
  await rm(folder, { recursive: true, maxRetries: 5 })
  return figures
}

/** The agent beside qemu-ga and SSH in one Debian. */
export const agentGuestSuite = async (): Promise<Figure[]> => {
  await builtAgent()
  const folder = await mkdtemp(join(tmpdir(), 'a-'))
  await using guest = await agentGuest(folder)
  const figures = [...(await resident(guest, 'at rest')), ...(await speeds(guest, folder))]
  await sleep(5000)
  figures.push(...(await resident(guest, 'after transfers')), ...(await telemetry(guest)))
  await rm(folder, { recursive: true, maxRetries: 5 })
  return figures
}
