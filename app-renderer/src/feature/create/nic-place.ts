/** Where a network card of a new machine leads, as far as the window knows the host; pure. */
import type { CreateOptions } from '@vireo/app-main/contract'
import type { Nic } from './draft.ts'

export type KnownNetwork = CreateOptions['networks'][number]
export type KnownSubnet = KnownNetwork['subnets'][number]

const USUAL = 'default'

/** Who leads ports into it: libvirt itself (`passt`), Vireo as long as it runs, or nobody. */
export const forwardsBy = (nic: Nic, options: CreateOptions | null): 'libvirt' | 'vireo' | 'nobody' => {
  // Nobody knows yet: what is typed is not taken away.
  if (nic.type === 'bridge' || nic.type === 'macvtap') return 'nobody'
  if (options === null) return nic.type === 'network' ? 'vireo' : 'libvirt'
  if (nic.type !== 'network' && options.portForwards) return 'libvirt'
  if (!options.local || nic.type === 'user') return 'nobody'
  return networkOf(nic, options) === null ? 'nobody' : 'vireo'
}

/** The network of libvirt that it will be on; null where it is none. */
export const networkOf = (nic: Nic, options: CreateOptions | null): KnownNetwork | null => {
  const networks = options?.networks ?? []
  if (nic.type === 'network') return networks.find(({ name }) => name === nic.source) ?? null
  if (nic.type !== 'auto') return null
  const outside = options?.portForwards === true && nic.forwards.trim() !== ''
  return outside ? null : (networks.find(({ name, active }) => name === USUAL && active) ?? null)
}

/** What names its machines; an address of IPv6 is rarely fixed by hand. */
export const subnetOf = (network: KnownNetwork | null): KnownSubnet | null =>
  network?.subnets.find(({ family }) => family === 'ipv4') ?? null

const numberOf = (address: string): number => address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)

const textOf = (address: number): string =>
  [24, 16, 8, 0].map(shift => Math.floor(address / 2 ** shift) % 256).join('.')

const sizeOf = ({ prefix }: KnownSubnet): number => 2 ** (32 - prefix)
const firstOf = (subnet: KnownSubnet): number => {
  const address = numberOf(subnet.address)
  return address - (address % sizeOf(subnet))
}

/** As `192.168.122.0/24`. */
export const subnetText = (subnet: KnownSubnet): string => `${textOf(firstOf(subnet))}/${subnet.prefix}`

/** Of an IPv4 address with or without its prefix. */
export const isInside = (subnet: KnownSubnet, address: string): boolean => {
  const offset = numberOf(address.split('/')[0] ?? '') - firstOf(subnet)
  const host = numberOf(subnet.address) - firstOf(subnet)
  return offset > 0 && offset < sizeOf(subnet) - 1 && offset !== host
}

/** An address that its network gives to nobody, else any; null in a subnet too small for one. */
export const exampleAddress = (subnet: KnownSubnet): string | null => {
  const first = firstOf(subnet)
  const given = (address: number): boolean =>
    subnet.dhcp.some(({ start, end }) => numberOf(start) <= address && address <= numberOf(end))
  const most = Math.min(sizeOf(subnet) - 1, 1024)
  const places = Array.from({ length: Math.max(0, most - 1) }, (_, at) => first + at + 1)
  const free = places.filter(address => isInside(subnet, textOf(address)))
  const found = free.find(address => !given(address)) ?? free[0]
  return found === undefined ? null : `${textOf(found)}/${subnet.prefix}`
}
