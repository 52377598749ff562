/** A machine's screen through `vireo serve`, against a connection straight to QEMU. */
import { connect } from 'node:net'
import { privateDaemon } from '../fixture/private-daemon.ts'
import { testDomain } from '../fixture/domain.ts'
import { startServer } from '../fixture/server.ts'
import { inTurns } from './peer.ts'
import { atLeast, atMost, median, repeated, single, type Figure, type Label } from './report.ts'
import { countFrames, frameTimes, type Bytes } from './rfb-client.ts'
import { webClient } from './web-client.ts'

const LOOK_MS = 3000
const ROUNDS = 5
const PACE_MS = 10_000
const PACE_ROUNDS = 3
/** Draws a line every 10 ms or so. */
const MOVING = 'exec >/dev/tty1; while :; do i=$((i+1)); echo $i; usleep 10000; done'

/** A plain socket, handed over piece by piece as the contract's streams are. */
const direct = async (port: number): Promise<Bytes> => {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject))
  return {
    write: bytes => socket.write(bytes),
    onData: listener => void socket.on('data', chunk => listener(chunk, () => undefined)),
    close: () => socket.destroy(),
  }
}

type Open = () => Promise<Bytes>

const label = (what: string, who: string, unit: Label['unit']): Label => ({ suite: 'VNC', what, who, unit })

/** Whole frames as fast as they come: how many bytes get through. */
const wholeFrames = async (openers: ReadonlyMap<string, Open>): Promise<Figure[]> => {
  const megabytes = new Map([...openers.keys()].map(who => [who, [] as number[]]))
  const look = (who: string, open: Open) => async () => {
    const { frames, bytes, seconds } = await countFrames(await open(), LOOK_MS)
    megabytes.get(who)?.push(bytes / seconds / 1e6)
    return frames / seconds
  }
  const frames = await inTurns(ROUNDS, new Map([...openers].map(([who, open]) => [who, look(who, open)])))
  // The first one is the warm-up, which `inTurns` leaves out.
  const rates = new Map([...megabytes].map(([who, samples]) => [who, samples.slice(1)]))
  const share = (samples: ReadonlyMap<string, readonly number[]>) => {
    const straight = samples.get('direct') ?? []
    return median((samples.get('vireo serve') ?? []).map((value, round) => (value / (straight[round] ?? 0)) * 100))
  }
  return [
    ...[...frames].map(([who, samples]) => repeated(label('full frames', who, 'fps'), samples)),
    ...[...rates].map(([who, samples]) => repeated(label('bytes', who, 'MB/s'), samples)),
    single(label('frames of direct', 'vireo serve', '%'), share(frames), atLeast(90, '%')),
    single(label('bytes of direct', 'vireo serve', '%'), share(rates), atLeast(90, '%')),
  ]
}

/** Frames of several viewers in the time when all of them looked. */
export const inCommon = (looks: readonly (readonly number[])[]): readonly (readonly number[])[] => {
  const start = Math.max(...looks.map(times => times[0] ?? Number.POSITIVE_INFINITY))
  const end = Math.min(...looks.map(times => times.at(-1) ?? Number.NEGATIVE_INFINITY))
  return looks.map(times => times.filter(time => time >= start && time <= end))
}

/** Changes at QEMU's own pace, all looking at the same time: who does not get what the others get has dropped it. */
const atQemusPace = async (openers: ReadonlyMap<string, Open>): Promise<Figure[]> => {
  const rates = new Map([...openers.keys()].map(who => [who, [] as number[]]))
  const gaps = new Map([...openers.keys()].map(who => [who, [] as number[]]))
  const dropped: number[] = []
  for (let round = 0; round < PACE_ROUNDS; round++) {
    const looks = inCommon(
      await Promise.all([...openers.values()].map(async open => frameTimes(await open(), PACE_MS))),
    )
    const counts = [...openers.keys()].map((who, index) => {
      const times = looks[index] ?? []
      rates.get(who)?.push(((times.length - 1) / ((times.at(-1) ?? 0) - (times[0] ?? 0))) * 1000)
      gaps.get(who)?.push(...times.slice(1).map((time, at) => time - (times[at] ?? 0)))
      return times.length
    })
    dropped.push(Math.max(...counts) - (counts.at(-1) ?? 0))
  }
  return [
    ...[...rates].map(([who, samples]) => repeated(label("changes at QEMU's pace", who, 'fps'), samples)),
    ...[...gaps].map(([who, samples]) => repeated(label('frame to frame', who, 'ms'), samples)),
    repeated(label(`frames dropped in ${PACE_MS / 1000} s`, 'vireo serve', 'count'), dropped, {
      // Where the common time begins and ends, one of them may be ahead by a frame.
      ...atMost(1, 'frame (the edge)'),
    }),
  ]
}

export const vncSuite = async (): Promise<Figure[]> => {
  await using daemon = await privateDaemon()
  const domain = await testDomain({ uri: daemon.uri })
  await domain.ready()
  // QEMU looks at a picture that never changes less and less often; one that moves, every 30 ms.
  await domain.spawnInGuest('/bin/sh', '-c', MOVING)
  const display = Number(/:(\d+)\s*$/.exec((await domain.virsh('vncdisplay')).trim())?.[1])
  const server = await startServer({ connections: [daemon.uri] })
  try {
    const client = await webClient(server.env.XDG_RUNTIME_DIR ?? '')
    const id = `${domain.uuid}@${daemon.uri}`
    const openers = new Map<string, Open>([
      ['direct', async () => direct(5900 + display)],
      ['vireo serve', async () => client.open('domain', 'screen', { id })],
    ])
    return [...(await wholeFrames(openers)), ...(await atQemusPace(openers))]
  } finally {
    await server.stop()
  }
}
