/** Networks: what machines are plugged into. */
import { z } from 'zod'
import { ConnectionUri, PartialAnswer } from './connection.ts'
import { call, event } from './define.ts'
import { DomainId } from './domain.ts'
import { AppError } from './error.ts'
import { TaskRef } from './task.ts'

/**
 * `nat`: machines reach out under this computer's address. `routed`: under their own. `isolated`: they reach each other
 * and this computer. `bridge`: they are plugged into a bridge of this computer. `macvtap`: into one of its interfaces.
 */
export const NewNetworkKind = z.enum(['nat', 'routed', 'isolated', 'bridge', 'macvtap'])
export type NewNetworkKind = z.infer<typeof NewNetworkKind>

/** `other`: what Vireo shows but does not make, such as a pool of virtual functions. */
export const NetworkKind = z.enum([...NewNetworkKind.options, 'other'])
export type NetworkKind = z.infer<typeof NetworkKind>

export const AddressRange = z.object({ start: z.string(), end: z.string() })
export type AddressRange = z.infer<typeof AddressRange>

export const NetworkSubnet = z.object({
  family: z.enum(['ipv4', 'ipv6']),
  /** This computer's own address in it. */
  address: z.string(),
  prefix: z.number().int(),
  /** Where addresses are given out; empty without DHCP. */
  dhcp: z.array(AddressRange),
})
export type NetworkSubnet = z.infer<typeof NetworkSubnet>

/** An address that DHCP keeps for one network card. */
export const FixedAddress = z.object({
  /** Lower case, null where the entry knows the card by something else. */
  mac: z.string().nullable(),
  ip: z.string(),
  name: z.string().nullable(),
})
export type FixedAddress = z.infer<typeof FixedAddress>

export const NetworkUser = z.object({
  id: DomainId,
  name: z.string(),
  /** Network cards of this machine on it. */
  macs: z.array(z.string()),
  running: z.boolean(),
})
export type NetworkUser = z.infer<typeof NetworkUser>

export const Network = z.object({
  connection: ConnectionUri,
  /** Names it inside its connection. */
  name: z.string(),
  uuid: z.string(),
  kind: NetworkKind,
  active: z.boolean(),
  autostart: z.boolean(),
  /** False: it ceases to exist when it stops. */
  persistent: z.boolean(),
  /** Bridge on the host, its own or the one it leads to. */
  bridge: z.string().nullable(),
  /** Interface of the host that it leads out through, where it is tied to one. */
  device: z.string().nullable(),
  subnets: z.array(NetworkSubnet),
  fixed: z.array(FixedAddress),
  users: z.array(NetworkUser),
})
export type Network = z.infer<typeof Network>

export const NetworkDetail = Network.extend({ xml: z.string() })
export type NetworkDetail = z.infer<typeof NetworkDetail>

/** One connection's networks; `error` says why they cannot be listed. */
export const ConnectionNetworks = z.object({
  connection: ConnectionUri,
  networks: z.array(Network),
  error: AppError.nullable(),
})
export type ConnectionNetworks = z.infer<typeof ConnectionNetworks>

export const HostInterface = z.object({
  name: z.string(),
  up: z.boolean(),
  bridge: z.boolean(),
  /** Wi-Fi carries one address per card only, so no machine can be plugged into it. */
  wireless: z.boolean(),
  /** Hardware, or a bond or VLAN on hardware. */
  physical: z.boolean(),
  /** Bridge it is a port of. */
  master: z.string().nullable(),
  /** Network of libvirt whose bridge this is. */
  network: z.string().nullable(),
})
export type HostInterface = z.infer<typeof HostInterface>

export const NetworkHost = z.object({
  /** Null where the computer is not this one, so that nobody knows. */
  interfaces: z.array(HostInterface).nullable(),
  /** A subnet that nothing uses, null where none was found. */
  freeSubnet: z.string().nullable(),
})
export type NetworkHost = z.infer<typeof NetworkHost>

const NewNetwork = z.object({
  connection: ConnectionUri,
  name: z.string().max(200).describe('name of the network'),
  kind: NewNetworkKind.default('nat').describe('what it leads to'),
  subnet: z.string().max(100).nullable().default(null).describe('for instance 10.20.30.0/24; a free one unless told'),
  dhcp: z.boolean().default(true).describe('give out addresses'),
  dhcpStart: z.string().max(100).nullable().default(null).describe('first address to give out'),
  dhcpEnd: z.string().max(100).nullable().default(null).describe('last address to give out'),
  subnet6: z.string().max(100).nullable().default(null).describe('IPv6 subnet, for instance fd12:3456:789a:1::/64'),
  bridge: z.string().max(200).nullable().default(null).describe('bridge of the host; else the name of the new one'),
  device: z.string().max(200).nullable().default(null).describe('interface of the host that it leads out through'),
})
export type NewNetwork = z.infer<typeof NewNetwork>

export const NetworkField = z.enum([
  'name',
  'subnet',
  'subnet6',
  'dhcp',
  'dhcpStart',
  'dhcpEnd',
  'bridge',
  'device',
  'ip',
  'mac',
])
export type NetworkField = z.infer<typeof NetworkField>

/** What is wrong with a network that somebody wants; `code` is a key of `NETWORK_WORDS`. */
export const NetworkIssue = z.object({
  field: NetworkField,
  code: z.string(),
  values: z.record(z.string(), z.union([z.string(), z.number()])),
})
export type NetworkIssue = z.infer<typeof NetworkIssue>

/** What would be made: all that was left open is decided. */
export const NetworkPlan = z.object({
  name: z.string(),
  kind: NewNetworkKind,
  subnets: z.array(NetworkSubnet),
  bridge: z.string().nullable(),
  device: z.string().nullable(),
})
export type NetworkPlan = z.infer<typeof NetworkPlan>

export const DhcpLease = z.object({
  mac: z.string().nullable(),
  ip: z.string(),
  /** As the guest calls itself: never trust it. */
  hostname: z.string().nullable(),
  /** Epoch milliseconds, null for one that does not end. */
  expiresAt: z.number().nullable(),
  machine: NetworkUser.pick({ id: true, name: true }).nullable(),
})
export type DhcpLease = z.infer<typeof DhcpLease>

const One = z.object({ connection: ConnectionUri, name: z.string().min(1).max(1024).describe('name of the network') })
const Nothing = z.object({})
const EvenIfUsed = z.boolean().default(false).describe('also when machines use it')
const Mac = z.string().max(100).nullable().default(null).describe('which network card, where it has several')

export const network = {
  list: call({
    summary: 'Lists the networks of all connections, or of one.',
    verb: 'network list',
    effect: 'read',
    input: z.object({ connection: ConnectionUri.optional(), partial: PartialAnswer }),
    output: z.array(ConnectionNetworks),
  }),
  info: call({
    summary: 'Tells everything about one network.',
    verb: 'network info',
    effect: 'read',
    input: One,
    output: NetworkDetail,
  }),
  host: call({
    summary: 'Tells which bridges and interfaces a network can lead to, and a free subnet.',
    verb: 'network host',
    effect: 'read',
    input: z.object({ connection: ConnectionUri }),
    output: NetworkHost,
  }),
  check: call({
    summary: 'Tells what a new network would be and what is wrong with it; makes nothing.',
    effect: 'read',
    input: NewNetwork,
    output: z.object({ issues: z.array(NetworkIssue), plan: NetworkPlan }),
  }),
  create: call({
    summary: 'Makes a network.',
    title: 'Make network',
    verb: 'network create',
    effect: 'change',
    input: NewNetwork.extend({
      autostart: z.boolean().default(true).describe('start with the host'),
      start: z.boolean().default(true).describe('start it now'),
    }),
    output: TaskRef,
  }),
  start: call({
    summary: 'Starts a network.',
    title: 'Start network',
    verb: 'network start',
    effect: 'change',
    input: One,
    output: TaskRef,
  }),
  stop: call({
    summary: 'Stops a network; machines on it are cut off until they start again.',
    title: 'Stop network',
    verb: 'network stop',
    effect: 'destroy',
    confirm: 'Stop the network {name}?',
    input: One.extend({ evenIfUsed: EvenIfUsed.describe('also when running machines use it') }),
    output: TaskRef,
  }),
  autostart: call({
    summary: 'Sets whether a network starts with the host.',
    verb: 'network autostart',
    effect: 'change',
    input: One.extend({ enabled: z.boolean().default(true).describe('start with the host') }),
    output: Nothing,
  }),
  delete: call({
    summary: 'Stops a network and removes it; refused while machines use it.',
    title: 'Delete network',
    verb: 'network delete',
    effect: 'destroy',
    confirm: 'Delete the network {name}?',
    input: One.extend({ evenIfUsed: EvenIfUsed }),
    output: TaskRef,
  }),
  leases: call({
    summary: 'Lists the addresses that a network gave out.',
    verb: 'network leases',
    effect: 'read',
    input: One,
    output: z.array(DhcpLease),
  }),
  fixAddress: call({
    summary: 'Gives a machine always the same address; it has it after its next start.',
    verb: 'network fix-address',
    target: 'domain',
    effect: 'change',
    input: z.object({ id: DomainId, ip: z.string().max(100).describe('an address of its network'), mac: Mac }),
    output: z.object({ network: z.string(), mac: z.string(), ip: z.string() }),
  }),
  freeAddress: call({
    summary: 'Lets a machine have any address again.',
    verb: 'network free-address',
    target: 'domain',
    effect: 'change',
    input: z.object({ id: DomainId, mac: Mac }),
    output: z.object({ network: z.string(), mac: z.string() }),
  }),
  /** Networks of a connection came, went or changed: ask again. */
  changed: event(z.object({ connection: ConnectionUri })),
} as const
