/** Which addresses does this computer use already, and which are free? Found by looking, never by trying. */
import type { Machine } from '../machine.ts'

/** Both as unsigned numbers. */
export interface Subnet {
  readonly address: number
  readonly mask: number
}

export interface Route extends Subnet {
  readonly device: string
}

/** `/proc/net/route`: hexadecimal in the byte order of the machine. */
export const parseRoutes = (text: string): readonly Route[] =>
  text
    .split('\n')
    .slice(1)
    .flatMap(line => {
      const [device, destination, , , , , , mask] = line.trim().split(/\s+/)
      if (!device || !destination || !mask) return []
      return [{ device, address: swapped(destination), mask: swapped(mask) }]
    })

const swapped = (hex: string): number => Buffer.from(hex.padStart(8, '0'), 'hex').readUInt32LE()

const numberOf = (dotted: string): number | undefined => {
  const parts = dotted.split('.').map(Number)
  if (parts.length !== 4 || parts.some(part => !Number.isInteger(part) || part < 0 || part > 255)) return undefined
  return Buffer.from(parts).readUInt32BE()
}

const dotted = (address: number): string => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(address >>> 0)
  return [...bytes].join('.')
}

const bitsOf = (mask: number): number => mask.toString(2).replaceAll('0', '').length
const maskOf = (bits: number): number => (bits === 0 ? 0 : (0xffffffff << (32 - bits)) >>> 0)
const textOf = ({ address, mask }: Subnet): string => `${dotted((address & mask) >>> 0)}/${bitsOf(mask)}`

export const overlap = (one: Subnet, other: Subnet): boolean => {
  const common = (one.mask & other.mask) >>> 0
  return (one.address & common) >>> 0 === (other.address & common) >>> 0
}

/** `10.1.2.1/24`; undefined for anything else. */
export const parseSubnet = (text: string): Subnet | undefined => {
  const found = /^([\d.]+)\/(\d{1,2})$/.exec(text)
  const address = numberOf(found?.[1] ?? '')
  const bits = Number(found?.[2])
  return address === undefined || bits > 32 ? undefined : { address, mask: maskOf(bits) }
}

/** The network in libvirt's description; bits of a `prefix` count as a netmask does. */
const inXml = (xml: string): Subnet | undefined => {
  const [ip] = /<ip\b[^>]*>/.exec(xml) ?? []
  if (ip === undefined || /\sfamily=['"]ipv6/.test(ip)) return undefined
  const address = numberOf(/\saddress=['"]([\d.]+)['"]/.exec(ip)?.[1] ?? '')
  const prefix = /\sprefix=['"](\d{1,2})['"]/.exec(ip)?.[1]
  const mask = prefix === undefined ? numberOf(/\snetmask=['"]([\d.]+)['"]/.exec(ip)?.[1] ?? '') : maskOf(+prefix)
  return address === undefined || mask === undefined ? undefined : { address, mask }
}

const routesOf = async ({ files }: Machine): Promise<readonly Route[]> =>
  // The default route leads everywhere and takes nothing.
  parseRoutes((await files.read('/proc/net/route')) ?? '').filter(({ mask }) => mask !== 0)

/** The first route that shares addresses with the network of this XML; the network's own bridge does not count. */
export const overlapOf = async (
  machine: Machine,
  xml: string,
): Promise<{ readonly subnet: string; readonly device: string } | null> => {
  const subnet = inXml(xml)
  const bridge = /<bridge[^>]*\sname=['"]([\w.-]+)['"]/.exec(xml)?.[1]
  if (!subnet) return null
  const found = (await routesOf(machine)).find(route => route.device !== bridge && overlap(route, subnet))
  return found ? { subnet: textOf(subnet), device: found.device } : null
}

const LIBVIRT_NETWORKS = '/etc/libvirt/qemu/networks'

/** Networks of libvirt that are off have no route; only root may read their descriptions. */
const libvirtNetworks = async ({ files }: Machine): Promise<readonly Subnet[]> => {
  const names = (await files.list(LIBVIRT_NETWORKS)).filter(name => name.endsWith('.xml'))
  const texts = await Promise.all(names.map(name => files.read(`${LIBVIRT_NETWORKS}/${name}`)))
  return texts.flatMap(text => inXml(text ?? '') ?? [])
}

/** Private networks that few people choose, always in the same order: a plan must not change while somebody reads it. */
const CANDIDATES: readonly Subnet[] = [
  ...Array.from({ length: 200 }, (_, at) => `10.${100 + ((at * 37) % 100)}.${1 + ((at * 53) % 250)}.0/24`),
  ...Array.from({ length: 12 }, (_, at) => `172.${20 + at}.87.0/24`),
  ...Array.from({ length: 60 }, (_, at) => `192.168.${180 + at}.0/24`),
].flatMap(text => parseSubnet(text) ?? [])

/**
 * A subnet of 254 addresses that neither a route nor one of these nor a network of libvirt uses, with its first address;
 * null where everything is taken.
 */
export const freeSubnet = async (
  machine: Machine,
  others: readonly Subnet[],
): Promise<{ readonly subnet: string; readonly gateway: string } | null> => {
  const taken = [...others, ...(await routesOf(machine)), ...(await libvirtNetworks(machine))]
  const free = CANDIDATES.find(one => !taken.some(other => overlap(one, other)))
  return free ? { subnet: textOf(free), gateway: `${dotted(free.address + 1)}/${bitsOf(free.mask)}` } : null
}
