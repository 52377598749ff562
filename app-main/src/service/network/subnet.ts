/** Subnets of both families. Pure: nothing here looks at a computer. */
import ipaddr from 'ipaddr.js'

type Ip = ipaddr.IPv4 | ipaddr.IPv6

export interface Subnet {
  readonly family: 'ipv4' | 'ipv6'
  /** First address, as people write it. */
  readonly network: string
  readonly prefix: number
}

/** What is written strictly as an address of that family; null for anything else. */
export const addressOf = (text: string, family: Subnet['family']): string | null => {
  if (family === 'ipv4') return ipaddr.IPv4.isValidFourPartDecimal(text) ? ipaddr.IPv4.parse(text).toString() : null
  // A zone names an interface and has no place in a subnet.
  if (text.includes('%') || !ipaddr.IPv6.isValid(text)) return null
  return ipaddr.IPv6.parse(text).toRFC5952String()
}

/** The subnet that an address with a prefix lies in; `exact` tells whether it was written as that subnet. */
export const parseSubnet = (text: string): (Subnet & { readonly exact: boolean }) | null => {
  const found = /^([0-9a-fA-F.:]+)\/(\d{1,3})$/.exec(text.trim())
  const family = found?.[1]?.includes(':') ? 'ipv6' : 'ipv4'
  const address = addressOf(found?.[1] ?? '', family)
  const prefix = Number(found?.[2])
  if (address === null || prefix > (family === 'ipv4' ? 32 : 128)) return null
  const subnet = subnetOf(address, prefix)
  return { ...subnet, exact: subnet.network === address }
}

/** The subnet of an address that is known to be one. */
export const subnetOf = (address: string, prefix: number): Subnet => {
  const parsed = ipaddr.parse(address)
  const bytes = parsed.toByteArray().map((byte, at) => byte & maskByte(prefix, at))
  return { family: parsed.kind(), network: textOf(ipaddr.fromByteArray(bytes)), prefix }
}

const maskByte = (prefix: number, at: number): number => (0xff00 >> Math.min(8, Math.max(0, prefix - at * 8))) & 0xff
const textOf = (ip: Ip): string => ('toRFC5952String' in ip ? ip.toRFC5952String() : ip.toString())

export const subnetText = ({ network, prefix }: Subnet): string => `${network}/${prefix}`

export const overlaps = (one: Subnet, other: Subnet): boolean =>
  one.family === other.family &&
  subnetOf(one.network, Math.min(one.prefix, other.prefix)).network ===
    subnetOf(other.network, Math.min(one.prefix, other.prefix)).network

export const holds = (subnet: Subnet, address: string): boolean => {
  const family = ipaddr.parse(address).kind()
  return overlaps(subnet, { family, network: address, prefix: family === 'ipv4' ? 32 : 128 })
}

const numberOf = (address: string): number =>
  ipaddr.IPv4.parse(address)
    .toByteArray()
    .reduce((sum, byte) => sum * 256 + byte, 0)

/** Orders IPv4 addresses. */
export const compare = (one: string, other: string): number => numberOf(one) - numberOf(other)

/** However they are written. */
export const isSameAddress = (one: string, other: string): boolean =>
  ipaddr.isValid(one) &&
  ipaddr.isValid(other) &&
  ipaddr.parse(one).toNormalizedString() === ipaddr.parse(other).toNormalizedString()

/** The address so many places after the first one of the subnet; negative counts from the last. */
export const nth = ({ network, prefix, family }: Subnet, place: number): string => {
  const bytes = ipaddr.parse(network).toByteArray()
  if (place < 0) bytes.forEach((byte, at) => (bytes[at] = byte | (~maskByte(prefix, at) & 0xff)))
  let rest = place < 0 ? place + 1 : place
  for (let at = bytes.length - 1; at >= 0 && rest !== 0; at--) {
    const sum = (bytes[at] ?? 0) + rest
    bytes[at] = ((sum % 256) + 256) % 256
    rest = Math.floor(sum / 256)
  }
  return addressOf(textOf(ipaddr.fromByteArray(bytes)), family) ?? network
}

/** First and last address of an IPv4 subnet, which name the subnet and everybody in it. */
export const isEdge = (subnet: Subnet, address: string): boolean =>
  address === nth(subnet, 0) || address === nth(subnet, -1)

/** What addresses of machines can be of. */
const USABLE = new Set(['unicast', 'private', 'uniqueLocal', 'carrierGradeNat'])

/** Loopback, multicast, link-local and the like, whole or in part. */
export const isReserved = (subnet: Subnet): boolean =>
  [nth(subnet, 0), nth(subnet, -1)].some(address => !USABLE.has(ipaddr.parse(address).range())) ||
  NEVER.some(one => overlaps(subnet, one))

const NEVER: readonly Subnet[] = [
  { family: 'ipv4', network: '0.0.0.0', prefix: 8 },
  { family: 'ipv4', network: '127.0.0.0', prefix: 8 },
  { family: 'ipv4', network: '169.254.0.0', prefix: 16 },
  { family: 'ipv4', network: '224.0.0.0', prefix: 3 },
]

/** Private subnets that few people choose by hand, always in the same order. */
const candidates = function* (): Iterable<Subnet> {
  for (let at = 0; at < 250; at++)
    yield { family: 'ipv4', network: `10.${120 + ((at * 7) % 120)}.${(at * 53) % 256}.0`, prefix: 24 }
  for (let at = 0; at < 12; at++) yield { family: 'ipv4', network: `172.${20 + at}.120.0`, prefix: 24 }
  for (let at = 0; at < 100; at++) yield { family: 'ipv4', network: `192.168.${123 + at}.0`, prefix: 24 }
}

/** A subnet of 254 addresses that shares none with these; null where everything is taken. */
export const freeSubnet = (taken: readonly Subnet[]): Subnet | null => {
  for (const one of candidates()) if (!taken.some(other => overlaps(one, other))) return one
  return null
}
