/** A machine's screen through `vireo serve`, against a connection straight to QEMU. */
import { connect } from 'node:net'
import { privateDaemon } from '../fixture/private-daemon.ts'
import { testDomain } from '../fixture/domain.ts'
import { startServer } from '../fixture/server.ts'
import { inTurns } from './peer.ts'
import { atLeast, median, repeated, single, type Figure, type Label } from './report.ts'
import { countFrames, type Bytes } from './rfb-client.ts'
import { webClient } from './web-client.ts'

const LOOK_MS = 3000
const ROUNDS = 7

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

export const vncSuite = async (): Promise<Figure[]> => {
  await using daemon = await privateDaemon()
  const domain = await testDomain({ uri: daemon.uri })
  await domain.ready()
  // QEMU looks at a picture that never changes less and less often; one that moves, every 30 ms.
  await domain.spawnInGuest('/bin/sh', '-c', 'while :; do i=$((i+1)); echo $i >/dev/tty1; usleep 10000; done')
  const display = Number(/:(\d+)\s*$/.exec((await domain.virsh('vncdisplay')).trim())?.[1])
  const server = await startServer({ connections: [daemon.uri] })
  try {
    const client = await webClient(server.env.XDG_RUNTIME_DIR ?? '')
    const id = `${domain.uuid}@${daemon.uri}`
    const megabytes: Record<string, number[]> = { direct: [], 'vireo serve': [] }
    const look = (who: string, open: () => Promise<Bytes>) => async () => {
      const { frames, bytes, seconds } = await countFrames(await open(), LOOK_MS)
      megabytes[who]?.push(bytes / seconds / 1e6)
      return frames / seconds
    }
    const contestants = new Map([
      ['direct', look('direct', async () => direct(5900 + display))],
      ['vireo serve', look('vireo serve', async () => client.open('domain', 'screen', { id }))],
    ])
    const frames = await inTurns(ROUNDS, contestants)
    const label = (what: string, who: string, unit: Label['unit']): Label => ({ suite: 'VNC', what, who, unit })
    // Of two turns of a round the first one of `megabytes` is the warm-up, which `inTurns` leaves out.
    const rates = new Map(Object.entries(megabytes).map(([who, samples]) => [who, samples.slice(1)]))
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
  } finally {
    await server.stop()
  }
}
