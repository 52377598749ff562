/** Calls about virtual networks. */
import type { Caller } from './caller.ts'
import { LibvirtError } from './errors.ts'
import * as remote from './generated/remote-procedures.ts'
import type { RemoteNetworkDhcpLease } from './generated/remote-types.ts'
import type { CallOptions } from './pending-call.ts'
import type { NetworkRef } from './refs.ts'

/** virDrvFeature: `virNetworkUpdate` takes its arguments in the order that is written down. */
const FEATURE_UPDATE_ORDER = 16

export class NetworkCalls {
  readonly #caller: Caller

  constructor(caller: Caller) {
    this.#caller = caller
  }

  /** @param flags `VIR_CONNECT_LIST_NETWORKS_*`, 0 for all */
  async listAll(flags = 0, options?: CallOptions): Promise<NetworkRef[]> {
    const { nets } = await this.#caller.call(remote.connectListAllNetworks, { need_results: 1, flags }, options)
    return [...nets]
  }

  async lookupByName(name: string, options?: CallOptions): Promise<NetworkRef> {
    return (await this.#caller.call(remote.networkLookupByName, { name }, options)).net
  }

  async getXmlDesc(network: NetworkRef, flags = 0, options?: CallOptions): Promise<string> {
    return (await this.#caller.call(remote.networkGetXmlDesc, { net: network, flags }, options)).xml
  }

  /** @param mac only this one's leases */
  async getDhcpLeases(
    network: NetworkRef,
    mac?: string,
    options?: CallOptions,
  ): Promise<readonly RemoteNetworkDhcpLease[]> {
    const args = { net: network, mac: mac ?? null, need_results: 1, flags: 0 }
    return (await this.#caller.call(remote.networkGetDhcpLeases, args, options)).leases
  }

  async isActive(network: NetworkRef, options?: CallOptions): Promise<boolean> {
    return (await this.#caller.call(remote.networkIsActive, { net: network }, options)).active !== 0
  }

  async defineXml(xml: string, options?: CallOptions): Promise<NetworkRef> {
    return (await this.#caller.call(remote.networkDefineXml, { xml }, options)).net
  }

  async create(network: NetworkRef, options?: CallOptions): Promise<void> {
    await this.#caller.call(remote.networkCreate, { net: network }, options)
  }

  async destroy(network: NetworkRef, options?: CallOptions): Promise<void> {
    await this.#caller.call(remote.networkDestroy, { net: network }, options)
  }

  async undefine(network: NetworkRef, options?: CallOptions): Promise<void> {
    await this.#caller.call(remote.networkUndefine, { net: network }, options)
  }

  async setAutostart(network: NetworkRef, autostart: boolean, options?: CallOptions): Promise<void> {
    const args = { net: network, autostart: autostart ? 1 : 0 }
    await this.#caller.call(remote.networkSetAutostart, args, options)
  }

  /**
   * Changes a part of a network, of the running one and of its definition as `flags` (`VIR_NETWORK_UPDATE_AFFECT_*`) say.
   * @param change `command`: `VIR_NETWORK_UPDATE_COMMAND_*`, `section`: `VIR_NETWORK_SECTION_*`, `parentIndex`: which
   *   element of several, counted from 0
   */
  async update(
    network: NetworkRef,
    change: {
      readonly command: number
      readonly section: number
      readonly parentIndex: number
      readonly xml: string
      readonly flags: number
    },
    options?: CallOptions,
  ): Promise<void> {
    const { command, section, ...rest } = change
    // Daemons before 7.2 take the two the other way round, and only those that do not say that they know.
    const right = await this.#knowsOrder(options)
    const order = right ? { command, section } : { command: section, section: command }
    await this.#caller.call(remote.networkUpdate, { net: network, ...rest, ...order }, options)
  }

  async #knowsOrder(options?: CallOptions): Promise<boolean> {
    const feature = FEATURE_UPDATE_ORDER
    try {
      return (await this.#caller.call(remote.connectSupportsFeature, { feature }, options)).supported !== 0
    } catch (error) {
      if (error instanceof LibvirtError) return false
      throw error
    }
  }
}
