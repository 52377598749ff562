/** Domains: the virtual machines. What one is. */
import { z } from 'zod'
import { ConnectionUri, HypervisorKind } from './connection.ts'
import { FeatureSheet } from './feature.ts'

/**
 * `<key>@<connection URI>`, where the key is the hypervisor's own stable name (libvirt: the UUID). The same UUID may
 * exist on two connections, so neither half is enough. The key never holds an `@`.
 */
export const DomainId = z
  .string()
  .max(1200)
  .regex(/^[^@]+@.+$/s, 'must be <key>@<connection URI>')
  .brand<'DomainId'>()
export type DomainId = z.infer<typeof DomainId>

export const domainId = (key: string, uri: string): DomainId => `${key}@${uri}` as DomainId
/** Takes an id apart at its first `@`; URIs may hold more of them. */
export const splitDomainId = (id: DomainId): { key: string; uri: ConnectionUri } => {
  const at = id.indexOf('@')
  return { key: id.slice(0, at), uri: id.slice(at + 1) as ConnectionUri }
}

/** `saved` is off with a saved memory image; `suspended` is the guest's own sleep; `unknown` is honest ignorance. */
export const DomainState = z.enum([
  'running',
  'paused',
  'shutting-down',
  'shutoff',
  'saved',
  'crashed',
  'suspended',
  'unknown',
])
export type DomainState = z.infer<typeof DomainState>

export const Address = z.object({
  ip: z.string(),
  /** Prefix length, null where the source does not tell. */
  prefix: z.number().int().nullable(),
  mac: z.string().nullable(),
  source: z.enum(['lease', 'agent', 'arp']),
})
export type Address = z.infer<typeof Address>

export const DomainSummary = z.object({
  id: DomainId,
  uuid: z.string(),
  name: z.string(),
  connection: ConnectionUri,
  kind: HypervisorKind,
  state: DomainState,
  /** Why it is in this state, for instance `Crashed: guest panicked`; null when ordinary. */
  reason: z.string().nullable(),
  /** Null until known: some drivers tell these two only in the machine's definition, which is read afterwards. */
  vcpus: z.number().int().nullable(),
  memoryBytes: z.number().nullable(),
  addresses: z.array(Address),
  /** Operating system as the machine's metadata or its agent tells, null when unknown. */
  guestOs: z.string().nullable(),
  title: z.string().nullable(),
  autostart: z.boolean(),
  /** False for a machine that ceases to exist when it stops. */
  persistent: z.boolean(),
  /** True when the connection is not ready: this is the last known state. */
  stale: z.boolean(),
})
export type DomainSummary = z.infer<typeof DomainSummary>

/** Raw counters since the machine's start; rates are the reader's difference of two. Null: the hypervisor does not tell. */
export const DomainStats = z.object({
  id: DomainId,
  /** Epoch milliseconds of the measurement. */
  at: z.number(),
  cpuSeconds: z.number().nullable(),
  vcpus: z.number().int(),
  memoryUsedBytes: z.number().nullable(),
  memoryBytes: z.number().nullable(),
  diskReadBytes: z.number().nullable(),
  diskWriteBytes: z.number().nullable(),
  netReceiveBytes: z.number().nullable(),
  netTransmitBytes: z.number().nullable(),
})
export type DomainStats = z.infer<typeof DomainStats>

export const Disk = z.object({
  /** Name in the guest's order, for instance `vda`. */
  target: z.string(),
  bus: z.string(),
  device: z.string(),
  source: z.string().nullable(),
  format: z.string().nullable(),
  readOnly: z.boolean(),
  /** Sizes are null where the hypervisor does not tell. */
  capacityBytes: z.number().nullable(),
  allocationBytes: z.number().nullable(),
})
export type Disk = z.infer<typeof Disk>

export const Interface = z.object({
  mac: z.string().nullable(),
  model: z.string().nullable(),
  type: z.string(),
  source: z.string().nullable(),
  target: z.string().nullable(),
  linkUp: z.boolean(),
})
export type Interface = z.infer<typeof Interface>

export const Graphics = z.object({ type: z.enum(['vnc', 'spice', 'other']), listen: z.string().nullable() })
export type Graphics = z.infer<typeof Graphics>

export const Console = z.object({ alias: z.string(), type: z.enum(['serial', 'console']), port: z.number().int() })
export type Console = z.infer<typeof Console>

export const Channel = z.object({ name: z.string(), connected: z.boolean() })
export type Channel = z.infer<typeof Channel>

export const DomainDetail = z.object({
  ...DomainSummary.shape,
  vcpus: z.number().int(),
  memoryBytes: z.number(),
  description: z.string().nullable(),
  /** libosinfo id, for instance `http://debian.org/debian/12`. */
  osId: z.string().nullable(),
  /** Which member of a cluster has it; null: its hypervisor is not one of several. */
  member: z.string().nullable(),
  arch: z.string(),
  machine: z.string().nullable(),
  firmware: z.enum(['bios', 'uefi']),
  /** `kvm` when hardware accelerated, `qemu` for emulation, `lxc` for a container. */
  virtType: z.string(),
  maxMemoryBytes: z.number(),
  disks: z.array(Disk),
  interfaces: z.array(Interface),
  graphics: z.array(Graphics),
  consoles: z.array(Console),
  channels: z.array(Channel),
  hasNvram: z.boolean(),
  /** What this machine cannot do now, and why. */
  features: FeatureSheet,
})
export type DomainDetail = z.infer<typeof DomainDetail>
