/** Calls about volumes: the disks in storage pools. */
import type { Duplex } from 'node:stream'
import type { Caller } from './caller.ts'
import * as remote from './generated/remote-procedures.ts'
import type { CallOptions } from './pending-call.ts'
import type { StoragePoolRef, StorageVolumeRef } from './refs.ts'

/** Sizes in bytes; `type` is `VIR_STORAGE_VOL_FILE`… */
export interface StorageVolumeInfo {
  readonly type: number
  readonly capacity: number
  readonly allocation: number
}

/** Copying and deleting whole disks takes its time. */
const LONG_MS = 10 * 60_000

export class StorageVolumeCalls {
  readonly #caller: Caller

  constructor(caller: Caller) {
    this.#caller = caller
  }

  /** @throws {LibvirtError} isNotFound when no running pool holds it */
  async lookupByPath(path: string, options?: CallOptions): Promise<StorageVolumeRef> {
    return (await this.#caller.call(remote.storageVolLookupByPath, { path }, options)).vol
  }

  async lookupByName(pool: StoragePoolRef, name: string, options?: CallOptions): Promise<StorageVolumeRef> {
    return (await this.#caller.call(remote.storageVolLookupByName, { pool, name }, options)).vol
  }

  async getInfo(vol: StorageVolumeRef, options?: CallOptions): Promise<StorageVolumeInfo> {
    const info = await this.#caller.call(remote.storageVolGetInfo, { vol }, options)
    return { type: info.type, capacity: Number(info.capacity), allocation: Number(info.allocation) }
  }

  async getXmlDesc(vol: StorageVolumeRef, options?: CallOptions): Promise<string> {
    return (await this.#caller.call(remote.storageVolGetXmlDesc, { vol, flags: 0 }, options)).xml
  }

  async getPath(vol: StorageVolumeRef, options?: CallOptions): Promise<string> {
    return (await this.#caller.call(remote.storageVolGetPath, { vol }, options)).name
  }

  /** @param flags `VIR_STORAGE_VOL_CREATE_*` */
  async createXml(pool: StoragePoolRef, xml: string, flags = 0, options?: CallOptions): Promise<StorageVolumeRef> {
    const args = { pool, xml, flags }
    return (await this.#caller.call(remote.storageVolCreateXml, args, { via: 'long', deadlineMs: LONG_MS, ...options }))
      .vol
  }

  /** @param flags `VIR_STORAGE_VOL_DELETE_*` */
  async delete(vol: StorageVolumeRef, flags = 0, options?: CallOptions): Promise<void> {
    await this.#caller.call(remote.storageVolDelete, { vol, flags }, { via: 'long', deadlineMs: LONG_MS, ...options })
  }

  /** @param capacity bytes */
  async resize(vol: StorageVolumeRef, capacity: number, flags = 0, options?: CallOptions): Promise<void> {
    await this.#caller.call(remote.storageVolResize, { vol, capacity: BigInt(capacity), flags }, options)
  }

  /** Writes into a volume: `finish` means that the daemon has it all. @param length bytes, 0 for as many as come */
  async upload(vol: StorageVolumeRef, offset = 0, length = 0, options?: CallOptions): Promise<Duplex> {
    const args = { vol, offset: BigInt(offset), length: BigInt(length), flags: 0 }
    const { stream } = await this.#caller.openStream(remote.storageVolUpload, args, options)
    // Nothing comes back, and a stream whose end nobody reads never closes its connection.
    return stream.resume()
  }

  /** @param length bytes, 0 for all */
  async download(vol: StorageVolumeRef, offset = 0, length = 0, options?: CallOptions): Promise<Duplex> {
    const args = { vol, offset: BigInt(offset), length: BigInt(length), flags: 0 }
    return (await this.#caller.openStream(remote.storageVolDownload, args, { ...options, readOnly: true })).stream
  }
}
