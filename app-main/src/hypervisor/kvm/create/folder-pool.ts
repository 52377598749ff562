/** Folders that somebody named for disks: the daemon writes into folders through pools only, and one folder has one pool. */
import { RemoteError } from '../../../contract/index.ts'
import * as v from '../../../libvirt/generated/constants.ts'
import { isNotFound, type Connection, type StoragePoolRef } from '../../../libvirt/index.ts'
import { parseXml } from '../../../libvirt/xml/document.ts'
import { find, textOf } from '../../../libvirt/xml/query.ts'
import { element, text } from '../../../libvirt/xml/write.ts'
import type { Creation } from '../../creation.ts'
import type { DaemonAccess } from '../daemon-access.ts'
import { usersOf } from '../disk-use.ts'
import { typed } from '../typed.ts'

const targetOf = async (daemon: Connection, pool: StoragePoolRef): Promise<string | null> =>
  textOf(find(parseXml(await daemon.storagePool.getXmlDesc(pool)).root, 'target/path'))

const lookup = async (daemon: Connection, name: string): Promise<StoragePoolRef | undefined> => {
  try {
    return await daemon.storagePool.lookupByName(name)
  } catch (error) {
    if (isNotFound(error)) return undefined
    throw error
  }
}

const runs = async (daemon: Connection, pool: StoragePoolRef): Promise<boolean> =>
  (await daemon.storagePool.getInfo(pool)).state === v.VIR_STORAGE_POOL_RUNNING

const define = async (daemon: Connection, name: string, path: string): Promise<StoragePoolRef> => {
  const target = element('target', {}, element('path', {}, text(path)))
  try {
    return await daemon.storagePool.defineXml(element('pool', { type: 'dir' }, element('name', {}, text(name)), target))
  } catch (error) {
    // Somebody may have made the very same a moment ago.
    const there = await lookup(daemon, name)
    if (there) return there
    throw error
  }
}

const make = async (daemon: Connection, name: string, path: string): Promise<void> => {
  const pool = (await lookup(daemon, name)) ?? (await define(daemon, name, path))
  if ((await targetOf(daemon, pool)) !== path)
    throw new RemoteError({
      kind: 'precondition',
      message: `There is a storage pool “${name}”, which is not the folder “${path}”.`,
      hint: 'Choose another folder, or a storage pool.',
    })
  // Machines that start with the host need their disks then, and who deletes them later needs the pool.
  await daemon.storagePool.setAutostart(pool, true)
  if (await runs(daemon, pool)) return
  try {
    await daemon.storagePool.create(pool)
  } catch (error) {
    if (!(await runs(daemon, pool))) throw error
  }
}

const remove = async (daemon: Connection, name: string, path: string): Promise<void> => {
  const pool = await lookup(daemon, name)
  if (!pool || (await targetOf(daemon, pool)) !== path) return
  const users = await usersOf(daemon, null)
  const inside = (file: string) => file.startsWith(`${path}/`) || file.startsWith(`${name}//`)
  if ([...users.keys()].some(inside)) return
  if (await runs(daemon, pool)) await daemon.storagePool.destroy(pool)
  await daemon.storagePool.undefine(pool)
}

export const kvmFolderPools = (connection: DaemonAccess): Pick<Creation, 'makeFolderPool' | 'removeFolderPool'> => ({
  makeFolderPool: (name, path) => typed(() => make(connection.writable(), name, path)),
  removeFolderPool: (name, path) => typed(() => remove(connection.writable(), name, path)),
})
