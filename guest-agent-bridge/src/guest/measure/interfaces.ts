/** The network interfaces: addresses, state, counters. */
import type { vireo } from '../../protocol/index.ts'
import { namesIn, readText } from '../files.ts'
import type { NetworkAddress, Sys } from '../sys.ts'

const MOST = 256

interface Counters {
  readonly received_bytes: number
  readonly received_packets: number
  readonly receive_errors: number
  readonly sent_bytes: number
  readonly sent_packets: number
  readonly send_errors: number
}

/** /proc/net/dev: eight columns in, eight out. */
export const parseCounters = (text: string): Map<string, Counters> =>
  new Map(
    [...text.matchAll(/^\s*([^:\n]+):\s*(.*)$/gm)].map(([, name = '', columns = '']) => {
      const [inBytes = 0, inPackets = 0, inErrors = 0, , , , , , outBytes = 0, outPackets = 0, outErrors = 0] = columns
        .split(/\s+/)
        .map(Number)
      return [
        name,
        {
          received_bytes: inBytes,
          received_packets: inPackets,
          receive_errors: inErrors,
          sent_bytes: outBytes,
          sent_packets: outPackets,
          send_errors: outErrors,
        },
      ]
    }),
  )

const none: Counters = {
  received_bytes: 0,
  received_packets: 0,
  receive_errors: 0,
  sent_bytes: 0,
  sent_packets: 0,
  send_errors: 0,
}

const written = ({ address, prefix }: NetworkAddress): string => `${address}/${prefix}`

const describe = (
  sys: Sys,
  name: string,
  counters: Counters,
  addresses: readonly NetworkAddress[],
): vireo.NetworkInterface => {
  const fact = (file: string): string => (readText(sys, `/sys/class/net/${name}/${file}`) ?? '').trim()
  const index = Number(fact('ifindex'))
  const own = addresses.filter(({ interfaceIndex }) => interfaceIndex === index)
  const mac = fact('address')
  return {
    name,
    mac: /^(?:[0-9a-f]{2}:){5}[0-9a-f]{2}$/.test(mac) ? mac : null,
    addresses: [...own.filter(({ family }) => family === 4), ...own.filter(({ family }) => family === 6)].map(written),
    // IFF_UP: what its operator wants; the carrier may be missing.
    up: (Number(fact('flags')) & 1) === 1,
    mtu: Number(fact('mtu')) || 0,
    ...counters,
  }
}

/** All of them; the loopback only when told. */
export const networkInterfaces = (sys: Sys, loopback = false): vireo.NetworkInterface[] => {
  const counters = parseCounters(readText(sys, '/proc/net/dev') ?? '')
  const addresses = sys.networkAddresses()
  return namesIn(sys, '/sys/class/net')
    .filter(name => (loopback || name !== 'lo') && counters.has(name))
    .toSorted()
    .slice(0, MOST)
    .map(name => describe(sys, name, counters.get(name) ?? none, addresses))
}
