/** How long it takes to find out what this computer can run machines with. */
import { HostStatus } from '@vireo/app-main/contract'
import { cli } from '../fixture/cli-user.ts'
import { startServer } from '../fixture/server.ts'
import { atMost, repeated, type Figure, type Label } from './report.ts'
import { webClient } from './web-client.ts'

const COLD = 7
const WARM = 5
const KNOWN = 50

const label = (what: string, who: string): Label => ({ suite: 'host', what, who, unit: 'ms' })

/** A process that looks for the first time: what it says the detection took, and how long the process lived. */
const cold = async (): Promise<Figure[]> => {
  await using vireo = await cli()
  const looks: number[] = []
  const lives: number[] = []
  for (let round = 0; round <= COLD; round++) {
    const begun = performance.now()
    const { code, out, err } = await vireo.run(['host', 'status', '--partial', '--json'])
    if (code !== 0) throw new Error(`vireo host status: exit ${code}: ${err}`)
    // The first turn reads the program from the disk.
    if (round === 0) continue
    lives.push(performance.now() - begun)
    looks.push(HostStatus.parse(JSON.parse(out)).detection_ms)
  }
  return [
    repeated(label('detection of all hypervisors', 'new process'), looks, atMost(300, 'ms')),
    repeated(label('process to cards', 'vireo host status'), lives),
  ]
}

/** A server that has looked before: it looks again at everything, and tells what it knows. */
const warm = async (): Promise<Figure[]> => {
  const server = await startServer({ connections: ['memory:///bench?domains=0'] })
  try {
    const client = await webClient(server.env.XDG_RUNTIME_DIR ?? '')
    const seen: HostStatus[] = []
    for (let round = 0; round < WARM; round++) seen.push(HostStatus.parse(await client.call('host', 'detect', {})))
    const asked: number[] = []
    for (let round = 0; round < KNOWN; round++) {
      const begun = performance.now()
      await client.call('host', 'status', { partial: true })
      asked.push(performance.now() - begun)
    }
    const probes = seen.flatMap(({ hypervisors }) => hypervisors.kvm.boot_probe ?? [])
    const times = (runs: readonly { readonly milliseconds: number | null }[]) =>
      runs.flatMap(({ milliseconds }) => milliseconds ?? [])
    const emulation = times(probes.map(probe => probe.emulation))
    const kvm = times(probes.map(probe => probe.kvm))
    const looks = seen.map(({ detection_ms: ms }) => ms)
    return [
      repeated(label('detection of all hypervisors', 'running server'), looks, atMost(300, 'ms')),
      repeated(label('cards of a computer that is known', 'running server'), asked),
      repeated(label('boot probe', 'emulation'), emulation),
      // Where the guest does not finish under KVM there is no time to tell.
      ...(kvm.length > 0 ? [repeated(label('boot probe', 'KVM'), kvm)] : []),
    ]
  } finally {
    await server.stop()
  }
}

export const hostSuite = async (): Promise<Figure[]> => [...(await cold()), ...(await warm())]
