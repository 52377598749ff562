/** An instance in the contract's words. */
import { isIP } from 'node:net'
import {
  domainId,
  type Address,
  type ConnectionUri,
  type Disk,
  type DomainDetail,
  type DomainSummary,
  type FeatureSheet,
  type HostInfo,
  type Interface,
} from '../../contract/index.ts'
import type { Instance, InstanceState } from '../../lxd/index.ts'
import type { DomainKey } from '../driver.ts'
import { cpuLimit, memoryLimit, sizeOf } from './limits.ts'
import { isOn, stateWords } from './states.ts'

/** What of the host decides what an instance without limits may use. */
export type HostSize = Pick<HostInfo, 'cpus' | 'memoryBytes'>

/** Root in a container gives itself as many addresses and network cards as it likes; this many are shown. */
const MOST = 32
const DEFAULT_VM = { cpus: 1, memoryBytes: 1024 ** 3 }

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** The UUID, which survives a rename; the name where an old daemon gives none. */
export const keyOf = ({ name, config }: Instance): DomainKey => {
  const uuid = config['volatile.uuid']?.toLowerCase()
  return uuid !== undefined && UUID.test(uuid) ? uuid : name
}

export const isContainer = ({ type }: Instance): boolean => type === 'container'

export const sizeOfInstance = (
  { expanded_config: config, ...instance }: Instance,
  host: HostSize | null,
): { vcpus: number | null; memoryBytes: number | null } => {
  const without =
    instance.type === 'container'
      ? host === null
        ? null
        : { cpus: host.cpus, memoryBytes: host.memoryBytes }
      : DEFAULT_VM
  return {
    vcpus: cpuLimit(config['limits.cpu']) ?? without?.cpus ?? null,
    memoryBytes: memoryLimit(config['limits.memory'], host?.memoryBytes ?? null) ?? without?.memoryBytes ?? null,
  }
}

/** What others can reach it at: no loopback, no link-local addresses. */
export const addressesOf = (state: InstanceState | null | undefined): Address[] =>
  Object.entries(state?.network ?? {})
    .slice(0, MOST)
    .filter(([name, { type }]) => name !== 'lo' && type !== 'loopback')
    .flatMap(([, network]) =>
      network.addresses.flatMap(({ address, netmask, scope }): Address[] => {
        if (scope !== 'global' || isIP(address) === 0) return []
        const prefix = Number(netmask)
        const known = netmask !== '' && Number.isInteger(prefix) && prefix <= 128
        return [{ ip: address, prefix: known ? prefix : null, mac: macOf(network.hwaddr), source: 'agent' }]
      }),
    )
    .slice(0, MOST)

const macOf = (text: string | undefined): string | null =>
  text !== undefined && /^[0-9a-f]{2}(?::[0-9a-f]{2}){5}$/i.test(text) ? text.toLowerCase() : null

/** As the image says, for instance `Debian bookworm`; a VM's own agent knows better. */
const osOf = ({ config, state }: Instance): string | null => {
  const told = state?.os_info
  const words = told?.os ? [told.os, told.os_version] : [config['image.os'], config['image.release']]
  return (
    words
      .filter(word => word !== undefined && word !== '')
      .join(' ')
      .slice(0, 100) || null
  )
}

export const summaryOf = (uri: ConnectionUri, instance: Instance, host: HostSize | null): DomainSummary => {
  const { state, reason } = stateWords(instance)
  const key = keyOf(instance)
  return {
    id: domainId(key, uri),
    uuid: key,
    name: instance.name,
    connection: uri,
    kind: 'lxd',
    state,
    reason,
    ...sizeOfInstance(instance, host),
    addresses: isOn(state) ? addressesOf(instance.state) : [],
    guestOs: osOf(instance),
    title: null,
    autostart: /^(?:true|1|yes|on)$/i.test(instance.expanded_config['boot.autostart'] ?? ''),
    persistent: !instance.ephemeral,
    stale: false,
  }
}

type Devices = readonly (readonly [string, Readonly<Record<string, string>>])[]

const devicesOf = (instance: Instance, type: string): Devices =>
  Object.entries(instance.expanded_devices).filter(([, device]) => device['type'] === type)

const disksOf = (instance: Instance): Disk[] =>
  devicesOf(instance, 'disk').map(([name, device]) => {
    const used = instance.state?.disk[name]
    const place = [device['pool'], device['source']].filter(Boolean).join('/')
    return {
      target: device['path'] ?? name,
      bus: device['io.bus'] ?? 'lxd',
      device: 'disk',
      source: place === '' ? null : place,
      format: null,
      readOnly: device['readonly'] === 'true',
      capacityBytes: sizeOf(device['size']) ?? (used !== undefined && used.total > 0 ? used.total : null),
      allocationBytes: used === undefined || used.usage <= 0 ? null : used.usage,
    }
  })

const interfacesOf = (instance: Instance): Interface[] =>
  devicesOf(instance, 'nic').map(([name, device]) => {
    const inside = instance.state?.network[device['name'] ?? name]
    const told = instance.config[`volatile.${name}.hwaddr`] ?? device['hwaddr'] ?? inside?.hwaddr
    return {
      mac: macOf(told),
      model: null,
      type: device['network'] === undefined ? (device['nictype'] ?? 'nic') : 'network',
      source: device['network'] ?? device['parent'] ?? null,
      target: inside?.host_name || (instance.config[`volatile.${name}.host_name`] ?? null),
      linkUp: inside === undefined || inside.state === 'up',
    }
  })

/** The one console that LXD gives. */
export const CONSOLE = 'console'

/** LXD calls the one that is alone `none`. */
const memberOf = ({ location }: Instance): string | null => (location === '' || location === 'none' ? null : location)

export const detailOf = (summary: DomainSummary, instance: Instance, features: FeatureSheet): DomainDetail => {
  const container = isContainer(instance)
  const memoryBytes = summary.memoryBytes ?? 0
  return {
    ...summary,
    vcpus: summary.vcpus ?? 0,
    memoryBytes,
    description: instance.description || null,
    osId: null,
    member: memberOf(instance),
    arch: instance.architecture,
    machine: null,
    firmware: container ? 'bios' : 'uefi',
    virtType: container ? 'lxc' : 'kvm',
    maxMemoryBytes: memoryBytes,
    disks: disksOf(instance),
    interfaces: interfacesOf(instance),
    graphics: [],
    consoles: [{ alias: CONSOLE, type: 'console', port: 0 }],
    channels: [],
    hasNvram: !container,
    features,
  }
}
