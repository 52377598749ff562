/** libvirt's networks. */
import type { DhcpLease, Network, NetworkPlan } from '../../contract/index.ts'
import { Emitter } from '../../base/emitter.ts'
import * as v from '../../libvirt/generated/constants.ts'
import { isInvalidOperation, isNotFound, isUnsupported, type Connection, type NetworkRef } from '../../libvirt/index.ts'
import { parseUri } from '../../libvirt/uri.ts'
import { dhcpHostXml, networkXml, parseNetworkXml } from '../../libvirt/xml/network-xml.ts'
import { readHostLinks } from '../host-links.ts'
import type { Networks } from '../networks.ts'
import type { DaemonAccess } from './daemon-access.ts'
import { knownMachines, machinesNow, usersOf, type NetworkMachine } from './network-users.ts'
import { networkOf, type NetworkFlags } from './network-words.ts'
import { typed } from './typed.ts'

/** Starting one starts dnsmasq and writes firewall rules. */
const SLOW = { deadlineMs: 50_000 } as const

/** Tells when networks change, whichever daemon is behind the connection at the moment. */
export class NetworkNews {
  readonly #emitter = new Emitter<void>()
  readonly listen = this.#emitter.event

  /** A new connection may show other networks than the last one did. */
  follow(daemon: Connection): void {
    daemon.events.onNetworkLifecycle(() => this.tell())
    this.tell()
  }

  tell(): void {
    this.#emitter.fire()
  }
}

export const kvmNetworks = (connection: DaemonAccess, news: NetworkNews): Networks => ({
  onNetworks: news.listen,
  ...readings(connection),
  ...changes(connection, news),
  ...addresses(connection, news),
})

const readings = (connection: DaemonAccess): Pick<Networks, 'list' | 'get' | 'host' | 'leases'> => ({
  list: () =>
    typed(async () => {
      const daemon = connection.daemon()
      const [refs, flags] = await Promise.all([daemon.network.listAll(), flagsOf(daemon)])
      const machines = knownMachines(connection)
      const read = refs.map(async ref => {
        const xml = await daemon.network.getXmlDesc(ref).catch(goneIsNull)
        return xml === null ? [] : [describe(connection, ref, flags(ref), xml, machines)]
      })
      return (await Promise.all(read)).flat()
    }),

  get: name =>
    typed(async () => {
      const daemon = connection.daemon()
      const ref = await daemon.network.lookupByName(name)
      const [xml, flags, machines] = await Promise.all([
        daemon.network.getXmlDesc(ref),
        flagsOf(daemon),
        machinesNow(connection),
      ])
      return { network: describe(connection, ref, flags(ref), xml, machines), xml }
    }),

  host: async () => {
    const { transport, driver } = parseUri(connection.uri)
    // The test driver's networks are nowhere.
    return transport === 'unix' && driver !== 'test' ? readHostLinks() : null
  },

  leases: name =>
    typed(async () => {
      const daemon = connection.daemon()
      const ref = await daemon.network.lookupByName(name)
      const leases = await daemon.network.getDhcpLeases(ref).catch(stoppedIsEmpty)
      const owners = new Map(
        knownMachines(connection).flatMap(({ id, name: owner, nics }) =>
          nics.map(({ mac }) => [mac, { id, name: owner }] as const),
        ),
      )
      return leases.map(({ mac, ipaddr, hostname, expirytime }): DhcpLease => {
        const card = mac?.toLowerCase() ?? null
        const expiresAt = expirytime > 0n ? Number(expirytime) * 1000 : null
        return { mac: card, ip: ipaddr, hostname, expiresAt, machine: owners.get(card) ?? null }
      })
    }),
})

/** Leases are gone with their network, and a driver that knows of none gave none out. */
const stoppedIsEmpty = (error: unknown): [] => {
  if (isInvalidOperation(error) || isUnsupported(error)) return []
  throw error
}

const goneIsNull = (error: unknown): null => {
  if (isNotFound(error)) return null
  throw error
}

const flagsOf = async (daemon: Connection): Promise<(ref: NetworkRef) => NetworkFlags> => {
  const having = async (flag: number) => new Set((await daemon.network.listAll(flag)).map(({ uuid }) => uuid))
  const [active, autostart, persistent] = await Promise.all([
    having(v.VIR_CONNECT_LIST_NETWORKS_ACTIVE),
    having(v.VIR_CONNECT_LIST_NETWORKS_AUTOSTART),
    having(v.VIR_CONNECT_LIST_NETWORKS_PERSISTENT),
  ])
  return ({ uuid }) => ({ active: active.has(uuid), autostart: autostart.has(uuid), persistent: persistent.has(uuid) })
}

const describe = (
  { uri }: DaemonAccess,
  ref: NetworkRef,
  flags: NetworkFlags,
  text: string,
  machines: readonly NetworkMachine[],
): Network => {
  const xml = parseNetworkXml(text)
  return { connection: uri, ...networkOf(ref, flags, xml), users: usersOf(ref.name, xml, machines) }
}

type Change = 'create' | 'start' | 'stop' | 'autostart' | 'remove'

const changes = (connection: DaemonAccess, news: NetworkNews): Pick<Networks, Change> => {
  const change = (name: string, work: (daemon: Connection, ref: NetworkRef) => Promise<void>) =>
    typed(async () => {
      const daemon = connection.writable()
      await work(daemon, await daemon.network.lookupByName(name))
      news.tell()
    })
  return {
    create: (plan, options) =>
      typed(async () => {
        await create(connection.writable(), plan, options)
        news.tell()
      }),
    start: name => change(name, (daemon, ref) => daemon.network.create(ref, SLOW)),
    stop: name => change(name, (daemon, ref) => daemon.network.destroy(ref, SLOW)),
    autostart: (name, enabled) => change(name, (daemon, ref) => daemon.network.setAutostart(ref, enabled)),
    remove: name => change(name, remove),
  }
}

const create = async (
  daemon: Connection,
  plan: NetworkPlan,
  { autostart, start }: { autostart: boolean; start: boolean },
): Promise<void> => {
  const ref = await daemon.network.defineXml(networkXml(plan))
  try {
    if (start) await daemon.network.create(ref, SLOW)
    if (autostart) await daemon.network.setAutostart(ref, true)
  } catch (error) {
    // The failure is what matters; one that came to life after its deadline is stopped before it is removed.
    await daemon.network.destroy(ref, SLOW).catch(() => undefined)
    await daemon.network.undefine(ref).catch(() => undefined)
    throw error
  }
}

const remove = async (daemon: Connection, ref: NetworkRef): Promise<void> => {
  const flags = (await flagsOf(daemon))(ref)
  if (flags.active) await daemon.network.destroy(ref, SLOW)
  if (!flags.persistent) return
  try {
    await daemon.network.undefine(ref)
  } catch (error) {
    if (isNotFound(error)) return
    // What could not be removed is as it was.
    if (flags.active) await daemon.network.create(ref, SLOW).catch(() => undefined)
    throw error
  }
}

/** The entry of a network card, as it is and as it is to be; null for none. */
type Entry = { readonly mac: string; readonly ip: string } | null

const commandFor = (before: Entry, after: Entry): number | null => {
  if (before === null) return after === null ? null : v.VIR_NETWORK_UPDATE_COMMAND_ADD_LAST
  return after === null ? v.VIR_NETWORK_UPDATE_COMMAND_DELETE : v.VIR_NETWORK_UPDATE_COMMAND_MODIFY
}

const setEntry = async (daemon: Connection, name: string, mac: string, after: Entry): Promise<void> => {
  const ref = await daemon.network.lookupByName(name)
  const [flags, text] = await Promise.all([flagsOf(daemon), daemon.network.getXmlDesc(ref)])
  const { active, persistent } = flags(ref)
  const { fixed, dhcpIndex } = parseNetworkXml(text)
  const known = fixed.find(entry => entry.mac === mac)
  const before: Entry = known === undefined ? null : { mac, ip: known.ip }
  const command = commandFor(before, after)
  const entry = after ?? before
  if (command === null || entry === null) return
  await daemon.network.update(ref, {
    command,
    section: v.VIR_NETWORK_SECTION_IP_DHCP_HOST,
    parentIndex: dhcpIndex,
    // The name is an administrator's, and stays.
    xml: dhcpHostXml({ ...entry, name: known?.name ?? null }),
    flags: (active ? v.VIR_NETWORK_UPDATE_AFFECT_LIVE : 0) | (persistent ? v.VIR_NETWORK_UPDATE_AFFECT_CONFIG : 0),
  })
}

const addresses = (connection: DaemonAccess, news: NetworkNews): Pick<Networks, 'fixAddress' | 'freeAddress'> => {
  const set = (name: string, mac: string, after: Entry) =>
    typed(async () => {
      await setEntry(connection.writable(), name, mac, after)
      // libvirt tells of no such change.
      news.tell()
    })
  return {
    fixAddress: (name, entry) => set(name, entry.mac, entry),
    freeAddress: (name, mac) => set(name, mac, null),
  }
}
