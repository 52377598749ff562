/**
 * Addresses of running machines. DHCP leases come a whole network at a time; ARP is asked about single machines that
 * have no lease. A machine that just started is looked at often until it has an address, then rarely, and not at all
 * while nobody wants to know.
 */
import type { Address } from '../../contract/index.ts'
import * as v from '../../libvirt/generated/constants.ts'
import { isConnectionError, type AddressSource, type Connection, type DomainRef } from '../../libvirt/index.ts'
import type { DomainKey } from '../driver.ts'
import type { Inventory } from './inventory.ts'

const FIRST_MS = 1000
const SLOW_MS = 60_000
/** One look may ask this many machines for ARP; the next look asks the next ones. */
const ARP_AT_ONCE = 20

export class AddressBook {
  readonly #inventory: Inventory
  readonly #canAsk: boolean
  #daemon: Connection | null = null
  #timer: NodeJS.Timeout | undefined
  #delay = FIRST_MS
  #looking = false
  /** Waits for somebody who wants to know. */
  #resting = false
  #wantedAt = -Infinity
  #running = new Set<DomainKey>()

  /** `canAsk` is false for drivers without networks. */
  constructor(inventory: Inventory, canAsk: boolean) {
    this.#inventory = inventory
    this.#canAsk = canAsk
    inventory.table.onChange(() => this.#noticeStarts())
  }

  follow(daemon: Connection): void {
    this.#daemon = daemon
    this.#running.clear()
    this.#noticeStarts()
  }

  stop(): void {
    this.#daemon = null
    this.#resting = false
    clearTimeout(this.#timer)
  }

  /** Somebody looks at machines: their addresses are kept up to date for a while. */
  wanted(): void {
    this.#wantedAt = performance.now()
    if (this.#resting) this.#lookIn(0)
  }

  #noticeStarts(): void {
    if (this.#daemon === null || !this.#canAsk) return
    const before = this.#running
    this.#running = new Set(running(this.#inventory))
    if (![...this.#running].some(key => !before.has(key))) return
    this.#delay = FIRST_MS
    this.#lookIn(0)
  }

  #lookIn(ms: number): void {
    this.#resting = false
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => void this.#look(), ms)
    this.#timer.unref()
  }

  async #look(): Promise<void> {
    const daemon = this.#daemon
    if (daemon === null || this.#looking) return
    this.#looking = true
    try {
      await this.#readInto(daemon)
    } catch (error) {
      // Addresses are an extra: without networks or rights there are none. A lost connection calls `stop`.
      if (!isConnectionError(error)) this.#delay = SLOW_MS
    } finally {
      this.#looking = false
    }
    if (this.#daemon !== daemon || this.#running.size === 0) return
    this.#resting = this.#delay >= SLOW_MS && performance.now() - this.#wantedAt > SLOW_MS
    if (!this.#resting) this.#lookIn(this.#delay)
    const missing = [...this.#running].some(key => this.#inventory.table.domains.get(key)?.addresses.length === 0)
    this.#delay = missing ? Math.min(SLOW_MS, this.#delay * 2) : SLOW_MS
  }

  async #readInto(daemon: Connection): Promise<void> {
    const leases = await leasesByMac(daemon)
    const without: DomainKey[] = []
    for (const key of this.#running) {
      const found = (this.#inventory.facts(key)?.macs ?? []).flatMap(mac => leases.get(mac) ?? [])
      if (found.length > 0) this.#inventory.table.patch(key, { addresses: found })
      else without.push(key)
    }
    for (const key of without.slice(0, ARP_AT_ONCE)) {
      const ref = this.#inventory.ref(key)
      if (ref === undefined || this.#daemon !== daemon) continue
      const found = await addressesFrom(daemon, ref, v.VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_ARP)
      if (found.length > 0) this.#inventory.table.patch(key, { addresses: found })
    }
  }
}

const running = function* (inventory: Inventory): Iterable<DomainKey> {
  for (const [key, { state }] of inventory.table.domains) if (state === 'running') yield key
}

const leasesByMac = async (daemon: Connection): Promise<Map<string, Address[]>> => {
  const byMac = new Map<string, Address[]>()
  const networks = await daemon.network.listAll(v.VIR_CONNECT_LIST_NETWORKS_ACTIVE, BACKGROUND)
  for (const network of networks)
    for (const { mac, ipaddr, prefix } of await daemon.network.getDhcpLeases(network, undefined, BACKGROUND)) {
      if (mac === null) continue
      const key = mac.toLowerCase()
      byMac.set(key, [...(byMac.get(key) ?? []), { ip: ipaddr, prefix, mac: key, source: 'lease' }])
    }
  return byMac
}

const BACKGROUND = { lane: 'background' } as const

const SOURCES: Readonly<Record<AddressSource, Address['source']>> = {
  [v.VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_LEASE]: 'lease',
  [v.VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_AGENT]: 'agent',
  [v.VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_ARP]: 'arp',
}

/** One machine's addresses from one source; none where the source is not there. Loopback is left out. */
const addressesFrom = async (
  daemon: Connection,
  ref: DomainRef,
  source: AddressSource,
  deadlineMs = 10_000,
): Promise<Address[]> => {
  try {
    const interfaces = await daemon.domain.interfaceAddresses(ref, source, { deadlineMs })
    return interfaces.flatMap(({ name, hwaddr, addrs }) =>
      name === 'lo'
        ? []
        : addrs.map(({ addr, prefix }) => ({
            ip: addr,
            // ARP knows single addresses and says 0.
            prefix: prefix > 0 ? prefix : null,
            mac: hwaddr?.toLowerCase() ?? null,
            source: SOURCES[source] ?? 'agent',
          })),
    )
  } catch (error) {
    if (isConnectionError(error)) throw error
    return []
  }
}

/** All that can be had: leases, then ARP, then what the guest itself says when it may be asked. */
export const allAddresses = async (daemon: Connection, ref: DomainRef, askGuest: boolean): Promise<Address[]> => {
  const lists = await Promise.all([
    addressesFrom(daemon, ref, v.VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_LEASE),
    askGuest ? addressesFrom(daemon, ref, v.VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_AGENT, AGENT_MS) : [],
    addressesFrom(daemon, ref, v.VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_ARP),
  ])
  const byIp = new Map<string, Address>()
  for (const address of lists.flat()) if (!byIp.has(address.ip)) byIp.set(address.ip, address)
  return [...byIp.values()]
}

/** A guest answers quickly or not at all. */
const AGENT_MS = 5000
