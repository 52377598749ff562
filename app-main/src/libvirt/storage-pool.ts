/** Calls about storage pools. */
import type { Caller } from './caller.ts'
import * as remote from './generated/remote-procedures.ts'
import type { CallOptions } from './pending-call.ts'
import type { StoragePoolRef, StorageVolumeRef } from './refs.ts'

/** Sizes in bytes; `state` is `VIR_STORAGE_POOL_RUNNING`… */
export interface StoragePoolInfo {
  readonly state: number
  readonly capacity: number
  readonly allocation: number
  readonly available: number
}

export class StoragePoolCalls {
  readonly #caller: Caller

  constructor(caller: Caller) {
    this.#caller = caller
  }

  /** @param flags `VIR_CONNECT_LIST_STORAGE_POOLS_*`, 0 for all */
  async listAll(flags = 0, options?: CallOptions): Promise<StoragePoolRef[]> {
    const { pools } = await this.#caller.call(remote.connectListAllStoragePools, { need_results: 1, flags }, options)
    return [...pools]
  }

  async lookupByName(name: string, options?: CallOptions): Promise<StoragePoolRef> {
    return (await this.#caller.call(remote.storagePoolLookupByName, { name }, options)).pool
  }

  async lookupByVolume(vol: StorageVolumeRef, options?: CallOptions): Promise<StoragePoolRef> {
    return (await this.#caller.call(remote.storagePoolLookupByVolume, { vol }, options)).pool
  }

  async getXmlDesc(pool: StoragePoolRef, flags = 0, options?: CallOptions): Promise<string> {
    return (await this.#caller.call(remote.storagePoolGetXmlDesc, { pool, flags }, options)).xml
  }

  async getInfo(pool: StoragePoolRef, options?: CallOptions): Promise<StoragePoolInfo> {
    const info = await this.#caller.call(remote.storagePoolGetInfo, { pool }, options)
    return {
      state: info.state,
      capacity: Number(info.capacity),
      allocation: Number(info.allocation),
      available: Number(info.available),
    }
  }

  async listAllVolumes(pool: StoragePoolRef, options?: CallOptions): Promise<readonly StorageVolumeRef[]> {
    const args = { pool, need_results: 1, flags: 0 }
    return (await this.#caller.call(remote.storagePoolListAllVolumes, args, options)).vols
  }

  async refresh(pool: StoragePoolRef, options?: CallOptions): Promise<void> {
    await this.#caller.call(remote.storagePoolRefresh, { pool, flags: 0 }, options)
  }

  async defineXml(xml: string, options?: CallOptions): Promise<StoragePoolRef> {
    return (await this.#caller.call(remote.storagePoolDefineXml, { xml, flags: 0 }, options)).pool
  }

  /** Whether it starts with the daemon. */
  async setAutostart(pool: StoragePoolRef, enabled: boolean, options?: CallOptions): Promise<void> {
    await this.#caller.call(remote.storagePoolSetAutostart, { pool, autostart: enabled ? 1 : 0 }, options)
  }

  /** Makes what the pool needs, for instance its folder. */
  async build(pool: StoragePoolRef, flags = 0, options?: CallOptions): Promise<void> {
    await this.#caller.call(remote.storagePoolBuild, { pool, flags }, options)
  }

  async create(pool: StoragePoolRef, flags = 0, options?: CallOptions): Promise<void> {
    await this.#caller.call(remote.storagePoolCreate, { pool, flags }, options)
  }

  /** Stops the pool; its volumes stay. */
  async destroy(pool: StoragePoolRef, options?: CallOptions): Promise<void> {
    await this.#caller.call(remote.storagePoolDestroy, { pool }, options)
  }

  async undefine(pool: StoragePoolRef, options?: CallOptions): Promise<void> {
    await this.#caller.call(remote.storagePoolUndefine, { pool }, options)
  }
}
