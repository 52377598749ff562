/** The network cards of a new machine. */
import { RemoteError, type CreateDraft } from '../../contract/index.ts'
import type { SeedNic } from '../../cloud-init/index.ts'
import type { CreationHost, CreationNetwork, NicSpec, TakenAddress } from '../../hypervisor/creation.ts'
import { compare, holds, isEdge, isSameAddress, subnetOf, subnetText } from '../network/subnet.ts'

/** A port of this computer that Vireo leads into the machine once it is there. */
export interface LedPort {
  readonly port: number
  readonly guestPort: number
  /** Where the machine is, when that is decided here; null: as is found out. */
  readonly guestAddress: string | null
}

export interface DecidedNic {
  readonly card: NicSpec
  readonly seed: SeedNic
  readonly led: readonly LedPort[]
  /** English sentences. */
  readonly warnings: readonly string[]
}

type DraftNic = CreateDraft['networks'][number]
type Place = Pick<NicSpec, 'type' | 'source'>

const USUAL = 'default'

const wrong = (message: string, hint?: string): RemoteError =>
  new RemoteError({ kind: 'invalid-input', message, ...(hint === undefined ? {} : { hint }) })

const onNetwork = (name: string, { networks }: CreationHost): Place => {
  const network = networks.find(one => one.name === name)
  if (!network) {
    const names = networks.map(one => one.name).join(', ')
    throw wrong(
      `There is no network “${name}” on this connection.`,
      names === '' ? 'It has none.' : `There are: ${names}.`,
    )
  }
  if (network.active) return { type: 'network', source: name }
  const hint = `Start it: virsh net-start ${name}`
  throw new RemoteError({ kind: 'precondition', message: `The network “${name}” does not run.`, hint })
}

const placeOf = (nic: DraftNic, host: CreationHost): Place => {
  switch (nic.type) {
    case 'auto': {
      if (nic.source !== undefined) return onNetwork(nic.source, host)
      const usual = host.networks.some(({ name, active }) => name === USUAL && active)
      // Ports that libvirt itself leads into the machine are open without Vireo, too.
      const byLibvirt = nic.forwards.length > 0 && host.passt
      return usual && !byLibvirt ? { type: 'network', source: USUAL } : { type: 'user', source: null }
    }
    case 'network':
      return onNetwork(nic.source ?? USUAL, host)
    case 'user':
      return { type: 'user', source: null }
    case 'bridge':
    case 'macvtap':
      if (nic.source === undefined) throw wrong(`A ${nic.type} needs the name of its device.`, 'Say it as its source.')
      return { type: nic.type, source: nic.source }
  }
}

interface Addressed {
  readonly seed: Omit<SeedNic, 'mac'>
  readonly warnings: readonly string[]
}

const reachesDhcp = (subnet: NonNullable<CreationNetwork['subnets']>[number], ip: string): boolean =>
  subnet.family === 'ipv4' && subnet.dhcp.some(({ start, end }) => compare(start, ip) <= 0 && compare(ip, end) <= 0)

const ownerOf = ({ mac, machine }: TakenAddress): string =>
  machine === null ? `the card ${mac ?? 'of another machine'}` : `“${machine}”`

/**
 * Whether the network keeps the address for this very card: then it may lie anywhere in its subnet, in what DHCP gives
 * out as well. Throws `precondition` where somebody else has it.
 */
const isKept = ({ name, taken = [] }: CreationNetwork, ip: string, mac: string): boolean => {
  const entries = taken.filter(one => isSameAddress(one.ip, ip))
  const foreign = entries.find(one => one.mac !== mac)
  if (foreign)
    throw new RemoteError({
      kind: 'precondition',
      message: `${foreign.machine === null ? `The network “${name}” keeps ${ip} for` : `${ip} of the network “${name}” belongs to`} ${ownerOf(foreign)}.`,
      hint: 'Take another address, or none.',
    })
  return entries.some(({ machine }) => machine === null)
}

/** A fixed address lies in its network, and finds the way out of it unless another one was told. */
const addressed = (nic: DraftNic, network: CreationNetwork | undefined, mac: string): Addressed => {
  const { address, gateway, nameServers } = nic
  if (address === undefined) {
    if (gateway !== undefined) throw wrong('A gateway goes with a fixed address.')
    return { seed: { address: null, gateway: null, nameServers }, warnings: [] }
  }
  const ip = address.split('/')[0] ?? address
  const family = ip.includes(':') ? 'ipv6' : 'ipv4'
  const subnets = (network?.subnets ?? []).filter(one => one.family === family)
  if (network === undefined || subnets.length === 0)
    return { seed: { address, gateway: gateway ?? null, nameServers }, warnings: [] }
  const named = `The network “${network.name}”`
  const subnet = subnets.find(one => holds(subnetOf(one.address, one.prefix), ip))
  if (!subnet) {
    const texts = subnets.map(one => subnetText(subnetOf(one.address, one.prefix)))
    throw wrong(`${named} is ${texts.join(' and ')}, and ${ip} is not in it.`, 'Take an address of it, or none.')
  }
  if (isSameAddress(ip, subnet.address)) throw wrong(`${named} has the address ${ip} itself.`, 'Take another one.')
  if (family === 'ipv4' && isEdge(subnetOf(subnet.address, subnet.prefix), ip))
    throw wrong(`${ip} is no address of a single machine.`, 'Take another one.')
  const kept = isKept(network, ip, mac)
  const out = network.leadsOut === false ? null : subnet.address
  const given = `${named} gives ${ip} to others as well: keep it for this machine under Networks, or take one that it does not give out.`
  return {
    seed: {
      address,
      gateway: gateway ?? out,
      nameServers: nameServers.length > 0 ? nameServers : [subnet.address],
    },
    warnings: !kept && reachesDhcp(subnet, ip) ? [given] : [],
  }
}

const ledPorts = (nic: DraftNic, { type, source }: Place, host: CreationHost): readonly LedPort[] => {
  if (type !== 'network' || nic.forwards.length === 0) return []
  const refused = (message: string, hint: string) => new RemoteError({ kind: 'unsupported', message, hint })
  if (!host.local)
    throw refused(
      `Ports of this computer cannot be led into “${source}”, which is on another one.`,
      'Leave the forwards out.',
    )
  const datagrams = nic.forwards.find(({ protocol }) => protocol === 'udp')
  if (datagrams)
    throw refused(
      `Port ${datagrams.host} cannot be led into “${source}”: on a network Vireo forwards TCP only.`,
      'Leave it out, or take user networking where the host has passt.',
    )
  const guestAddress = nic.address?.split('/')[0] ?? null
  return nic.forwards.map(one => ({ port: one.host, guestPort: one.guest, guestAddress }))
}

const twice = <T>(values: readonly T[]): T | undefined => values.find((value, at) => values.indexOf(value) < at)

/** @param freshMac gives an address that nobody has */
export const decideNics = (nics: readonly DraftNic[], host: CreationHost, freshMac: () => string): DecidedNic[] => {
  const decided = nics.map((nic): DecidedNic => {
    const mac = nic.mac ?? freshMac()
    const place = placeOf(nic, host)
    const network = place.type === 'network' ? host.networks.find(({ name }) => name === place.source) : undefined
    const { seed, warnings } = addressed(nic, network, mac.toLowerCase())
    const led = ledPorts(nic, place, host)
    const forwards = place.type === 'network' ? [] : nic.forwards
    return { card: { ...place, mac, forwards }, seed: { mac, ...seed }, led, warnings }
  })
  if (twice(decided.map(({ card }) => card.mac)) !== undefined)
    throw wrong('Two network cards have the same MAC address.')
  const port = twice(nics.flatMap(({ forwards }) => forwards.map(({ host: from, protocol }) => `${from}/${protocol}`)))
  if (port !== undefined) throw wrong(`Port ${port} of this computer is forwarded twice.`, 'Take another one.')
  const fixed = twice(decided.flatMap(({ seed }) => (seed.address === null ? [] : [seed.address.split('/')[0]])))
  if (fixed !== undefined) throw wrong(`Two network cards have the address ${fixed}.`)
  return decided
}
