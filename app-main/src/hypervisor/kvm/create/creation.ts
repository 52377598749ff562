/** Making machines on a libvirt daemon. */
import { toAppError } from '../../../libvirt/app-error.ts'
import * as v from '../../../libvirt/generated/constants.ts'
import {
  isInvalidOperation,
  isNotFound,
  parseUri,
  type Connection,
  type DomainRef,
  type NetworkRef,
} from '../../../libvirt/index.ts'
import { parseNetworkXml } from '../../../libvirt/xml/network-xml.ts'
import type { Creation, CreationHost, CreationNetwork, TakenAddress } from '../../creation.ts'
import type { DaemonAccess } from '../daemon-access.ts'
import { knownMachines } from '../network-users.ts'
import { typed } from '../typed.ts'
import { newDomainXml } from './domain-xml.ts'
import { kvmFolderPools } from './folder-pool.ts'
import { hostArch, machineUserOf, offers, toldByCapabilities } from './host-facts.ts'
import { runInstaller } from './installer.ts'
import { kvmVolumes } from './volumes.ts'

const KIBIBYTE = 1024

/** Leases of machines that are there: a deleted one's runs out by itself, and nobody else answers at it. */
const leasedOn = async (connection: DaemonAccess, ref: NetworkRef): Promise<TakenAddress[]> => {
  const names = new Map(
    knownMachines(connection).flatMap(({ name, nics }) => nics.map(({ mac }) => [mac?.toLowerCase(), name] as const)),
  )
  // A network that does not run, or a driver without leases, has none.
  const leases = await connection
    .daemon()
    .network.getDhcpLeases(ref)
    .catch(() => [])
  return leases.flatMap(({ mac, ipaddr: ip }) => {
    const machine = names.get(mac?.toLowerCase()) ?? null
    return mac === null || machine === null ? [] : [{ ip, mac: mac.toLowerCase(), machine }]
  })
}

const networkOf = async (connection: DaemonAccess, ref: NetworkRef): Promise<CreationNetwork> => {
  const daemon = connection.writable()
  const active = await daemon.network.isActive(ref).catch(() => false)
  try {
    const { subnets, forward, fixed } = parseNetworkXml(await daemon.network.getXmlDesc(ref))
    return {
      name: ref.name,
      active,
      subnets: subnets.map(one => ({ ...one, dhcp: [...one.dhcp] })),
      taken: [...fixed.map(({ ip, mac }) => ({ ip, mac, machine: null })), ...(await leasedOn(connection, ref))],
      leadsOut: forward !== null,
    }
  } catch {
    // Gone in this moment, or nothing that can be read: whoever chooses it hears so from libvirt.
    return { name: ref.name, active }
  }
}

const networksOf = async (connection: DaemonAccess): Promise<CreationHost['networks']> => {
  const refs = await connection.writable().network.listAll()
  return Promise.all(refs.map(ref => networkOf(connection, ref)))
}

const readHost = async (connection: DaemonAccess): Promise<CreationHost> => {
  // Domain capabilities are told to those only who may change things.
  const daemon = connection.writable()
  const target = parseUri(connection.uri)
  const { host } = connection.status
  const capabilities = await daemon.node.getCapabilities()
  const arch = hostArch(capabilities)
  const kvm = offers(capabilities, 'kvm')
  const machine = arch === 'x86_64' ? 'q35' : 'virt'
  const [document, networks, available] = await Promise.all([
    daemon.node.getDomainCapabilities({ arch, machine, virtType: kvm ? 'kvm' : 'qemu' }),
    networksOf(connection),
    // A figure to look at: without it machines can be made all the same.
    daemon.node.getAvailableMemory().catch(() => null),
  ])
  const versions = { daemon: host?.daemonVersion ?? null, hypervisor: host?.hypervisorVersion ?? null }
  return {
    ...toldByCapabilities(document, versions),
    ...{ machine, kvm, networks, local: target.transport === 'unix', foreignUser: target.path !== '/session' },
    machineUser: machineUserOf(capabilities),
    ...{ cpus: host?.cpus ?? 1, memoryBytes: host?.memoryBytes ?? 0 },
    // Some kernels count pages as free and cached at once.
    availableMemoryBytes: available === null ? null : Math.min(available * KIBIBYTE, host?.memoryBytes ?? Infinity),
  }
}

const off = async (daemon: Connection, ref: DomainRef): Promise<void> => {
  try {
    await daemon.domain.destroyFlags(ref)
  } catch (error) {
    if (!isInvalidOperation(error) && !isNotFound(error)) throw error
  }
}

const FORGET =
  v.VIR_DOMAIN_UNDEFINE_MANAGED_SAVE | v.VIR_DOMAIN_UNDEFINE_SNAPSHOTS_METADATA | v.VIR_DOMAIN_UNDEFINE_NVRAM

export const kvmCreation = (connection: DaemonAccess): Creation => ({
  ...kvmVolumes(connection),
  ...kvmFolderPools(connection),
  host: () => typed(() => readHost(connection)),
  xml: newDomainXml,
  isDefined: uuid =>
    typed(async () => {
      try {
        await connection.daemon().domain.lookupByUuid(uuid)
        return true
      } catch (error) {
        if (isNotFound(error)) return false
        throw error
      }
    }),
  install: (uuid, xml, operation) => typed(() => runInstaller(connection, { uuid, xml }, operation)),
  discard: (uuid, operation) =>
    typed(async () => {
      const daemon = connection.writable()
      try {
        const ref = await daemon.domain.lookupByUuid(uuid)
        operation.progress(`Removing “${ref.name}”`)
        await off(daemon, ref)
        await daemon.domain.undefineFlags(ref, FORGET)
        await connection.refresh(ref)
      } catch (error) {
        if (!isNotFound(error) && toAppError(error).kind !== 'not-found') throw error
      }
    }),
})
