/** Calls about virtual networks. */
import type { Caller } from './caller.ts'
import * as remote from './generated/remote-procedures.ts'
import type { RemoteNetworkDhcpLease } from './generated/remote-types.ts'
import type { CallOptions } from './pending-call.ts'
import type { NetworkRef } from './refs.ts'

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
}
