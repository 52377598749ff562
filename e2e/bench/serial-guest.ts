/** Serial lines that a real guest floods: what the emulated devices give, and who takes it. */
import { testDomain, type TestDomain } from '../fixture/domain.ts'
import { privateDaemon } from '../fixture/private-daemon.ts'
import { cliProgram } from '../fixture/server.ts'
import { consoleByProgram, consoleByWebSocket, type Arrival, type GuestConsole } from './guest-console.ts'
import { LINE_BYTES } from './numbered-lines.ts'
import { atMost, repeated, type Figure, type Label } from './report.ts'
import { ECHO_MS, withServer, type SerialBench } from './serial.ts'

const OURS = 'vireo serve, WebSocket'
const ROUNDS = 3
const ECHOES = 15

const label = (what: string, who: string, unit: Label['unit']): Label => ({ suite: 'serial, guest', what, who, unit })

interface Device {
  /** libvirt's name. */
  readonly alias: string
  readonly words: string
  readonly lines: number
}

/** Everybody who can read a console; each opens the line for itself, because it is exclusive. */
const contestants = ({ daemon, server, client }: SerialBench, domain: TestDomain, alias: string) => {
  const input = { id: `${domain.uuid}@${daemon.uri}`, alias }
  const virsh = ['virsh', '-c', daemon.uri, 'console', domain.name, '--devname', alias] as const
  const where = ['--connection', daemon.uri, '--alias', alias]
  const ours = [process.execPath, cliProgram, 'console', domain.name, ...where] as const
  return new Map<string, () => Promise<GuestConsole>>([
    [OURS, async () => consoleByWebSocket(client, { kind: 'serial', input })],
    ['virsh console', async () => consoleByProgram(virsh)],
    ['vireo console', async () => consoleByProgram(ours, server.env)],
  ])
}

interface Measured {
  readonly rates: number[]
  readonly lost: number[]
  readonly echoes: number[]
}

/** Numbered lines in a file of the guest, made there through its agent: the line is measured, not awk. */
const prepare = async (domain: TestDomain, { lines }: Device): Promise<void> => {
  const filler = '-'.repeat(53)
  const program = `awk 'BEGIN{for(i=0;i<${lines};i++)printf "%08d %s\\n",i,"${filler}"}' >/tmp/new; mv /tmp/new /tmp/f-${lines}`
  await domain.spawnInGuest('/bin/sh', '-c', program)
}

const look = async (console: GuestConsole, { lines }: Device, turn: number, measured: Measured): Promise<void> => {
  const file = `/tmp/f-${lines}`
  try {
    const mark = 1000 + turn
    // Whatever is lost, the mark is not: it comes when the line has come to rest.
    const typed = `until [ -e ${file} ]; do sleep 1; done; cat ${file}; usleep 300000; echo end-$((${turn}+1000))-end`
    const arrival: Arrival = await console.flood({ typed, mark: `end-${mark}-end` })
    if (!arrival.ordered) throw new Error('lines came twice or out of order')
    measured.rates.push((arrival.lines * LINE_BYTES) / arrival.ms)
    measured.lost.push((1 - arrival.lines / lines) * 100)
    if (turn === 0) measured.echoes.push(...(await console.echo(`while :; do cat ${file}; done`, ECHOES)))
  } finally {
    await console.close()
  }
}

const guest = async (bench: SerialBench, domain: TestDomain, device: Device): Promise<Figure[]> => {
  await prepare(domain, device)
  const order = [...contestants(bench, domain, device.alias)]
  const results = new Map(order.map(([who]): [string, Measured] => [who, { rates: [], lost: [], echoes: [] }]))
  for (let turn = 0; turn < ROUNDS; turn++) {
    for (const [who, open] of order) {
      const measured = results.get(who)
      if (measured) await look(await open(), device, turn, measured)
    }
    order.push(...order.splice(0, 1))
  }
  return [...results].flatMap(([who, { rates, lost, echoes }]) => {
    const budget = who === 'virsh console' ? undefined : { ...atMost(ECHO_MS, 'ms (p95)'), of: 'p95' as const }
    return [
      repeated(label(`throughput, ${device.words}`, who, 'kB/s'), rates),
      repeated(label(`lines lost, ${device.words}`, who, '%'), lost),
      repeated(label(`echo, ${device.words}`, who, 'ms'), echoes, budget),
    ]
  })
}

export const guestSerialSuite = async (): Promise<Figure[]> => {
  await using daemon = await privateDaemon()
  const machine = await testDomain({ uri: daemon.uri, virtioConsole: true, graphics: 'none' })
  await machine.ready()
  return await withServer(daemon, async bench => [
    ...(await guest(bench, machine, { alias: 'serial0', words: '16550 UART', lines: 2048 })),
    ...(await guest(bench, machine, { alias: 'console1', words: 'virtio console', lines: 4096 })),
  ])
}
