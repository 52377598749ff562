/** The disks of new machines are volumes: an ordinary user cannot write the pools' folders, the daemon can. */
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { RemoteError } from '../../../contract/index.ts'
import { toAppError, toRemoteError } from '../../../libvirt/app-error.ts'
import * as v from '../../../libvirt/generated/constants.ts'
import { storageVolGetInfoFlags } from '../../../libvirt/generated/remote-procedures.ts'
import {
  isDuplicate,
  isNotFound,
  parseUri,
  type Connection,
  type StoragePoolRef,
  type StorageVolumeRef,
} from '../../../libvirt/index.ts'
import { parseXml, type XmlElement } from '../../../libvirt/xml/document.ts'
import { attribute, find, textOf } from '../../../libvirt/xml/query.ts'
import { element, text } from '../../../libvirt/xml/write.ts'
import type { Creation, FoundVolume, NewVolume, PoolFacts } from '../../creation.ts'
import type { DaemonAccess } from '../daemon-access.ts'
import { filesInUse, volumeName } from '../disk-use.ts'
import { typed } from '../typed.ts'

const USUAL = 'default'
/** Before it is made nobody knows how much room there will be. */
const NOT_YET: PoolFacts = {
  name: USUAL,
  path: '',
  availableBytes: Number.MAX_SAFE_INTEGER,
  folder: true,
  active: false,
}
const FOLDER_TYPES = ['dir', 'fs', 'netfs']

type Storage = Pick<
  Creation,
  | ('pools' | 'usualPool' | 'startPool' | 'volume' | 'createVolume' | 'upload' | 'removeVolume' | 'removeUnused')
  | ('volumesNamed' | 'filesInUse')
>

const factsOf = async (daemon: Connection, pool: StoragePoolRef): Promise<PoolFacts> => {
  const [xml, info] = await Promise.all([daemon.storagePool.getXmlDesc(pool), daemon.storagePool.getInfo(pool)])
  const { root } = parseXml(xml)
  return {
    name: pool.name,
    path: textOf(find(root, 'target/path')) ?? '',
    availableBytes: info.available,
    folder: FOLDER_TYPES.includes(attribute(root, 'type') ?? ''),
    active: info.state === v.VIR_STORAGE_POOL_RUNNING,
  }
}

const volumeXml = ({ name, format, capacityBytes, base, shared }: NewVolume): string =>
  element(
    'volume',
    {},
    element('name', {}, text(name)),
    element('capacity', { unit: 'bytes' }, text(capacityBytes)),
    // Thin: what nobody wrote takes no room.
    element('allocation', {}, '0'),
    element(
      'target',
      {},
      element('format', { type: format }),
      element('permissions', {}, element('mode', {}, shared ? '0644' : '0600')),
      format === 'qcow2' ? element('compat', {}, '1.1') : '',
    ),
    base
      ? element('backingStore', {}, element('path', {}, text(base.path)), element('format', { type: base.format }))
      : '',
  )

/** A full disk is what a person can mend, and the daemon says it in many ways. */
export const storageFailure = (error: unknown, what: string): RemoteError => {
  const detail = toAppError(error)
  if (!/no space left|not enough (free )?space|ENOSPC|disk quota|quota exceeded/i.test(detail.message)) {
    return toRemoteError(error)
  }
  const message = `There is no room for ${what}: ${detail.message}`
  const hint = 'Make room there, or choose another storage pool.'
  return new RemoteError({ kind: 'precondition', message, hint }, { cause: error })
}

const usualFolder = (uri: string): string =>
  parseUri(uri).path === '/session'
    ? join(process.env['XDG_DATA_HOME'] || join(homedir(), '.local', 'share'), 'libvirt', 'images')
    : '/var/lib/libvirt/images'

/** Several may want it at once; the first one makes it. */
const makeUsual = async (daemon: Connection, folder: string): Promise<void> => {
  const xml = element(
    'pool',
    { type: 'dir' },
    element('name', {}, USUAL),
    element('target', {}, element('path', {}, text(folder))),
  )
  try {
    const pool = await daemon.storagePool.defineXml(xml)
    await daemon.storagePool.build(pool)
    // Machines that start with the host need their disks then.
    await daemon.storagePool.setAutostart(pool, true)
  } catch (error) {
    const there = await daemon.storagePool.lookupByName(USUAL).catch(() => undefined)
    if (there === undefined) throw error
  }
}

const start = async (daemon: Connection, pool: StoragePoolRef): Promise<void> => {
  const running = async () => (await daemon.storagePool.getInfo(pool)).state === v.VIR_STORAGE_POOL_RUNNING
  if (await running()) return
  try {
    await daemon.storagePool.create(pool)
  } catch (error) {
    if (!(await running())) throw error
  }
}

const exists = (name: string, pool: string, cause: unknown): RemoteError =>
  new RemoteError(
    {
      kind: 'precondition',
      message: `The storage pool “${pool}” already has a volume “${name}”.`,
      hint: 'Choose another name, or delete that volume.',
    },
    { cause },
  )

const findVolume = async (
  daemon: Connection,
  poolName: string,
  name: string,
): Promise<StorageVolumeRef | undefined> => {
  try {
    const pool = await daemon.storagePool.lookupByName(poolName)
    return await daemon.storageVolume.lookupByName(pool, name)
  } catch (error) {
    if (isNotFound(error)) return undefined
    throw error
  }
}

const kvmPools = (connection: DaemonAccess): Pick<Storage, 'pools' | 'usualPool' | 'startPool'> => ({
  pools: () =>
    typed(async () => {
      const daemon = connection.daemon()
      const refs = await daemon.storagePool.listAll()
      const facts = await Promise.all(
        refs.map(ref =>
          factsOf(daemon, ref).catch((error: unknown) => {
            if (isNotFound(error)) return undefined
            throw error
          }),
        ),
      )
      return facts.flatMap(one => one ?? [])
    }),

  usualPool: make =>
    typed(async () => {
      const daemon = make ? connection.writable() : connection.daemon()
      const there = (await daemon.storagePool.listAll()).some(({ name }) => name === USUAL)
      const path = usualFolder(connection.uri)
      if (!make && !there) return { ...NOT_YET, path }
      if (!there) await makeUsual(daemon, path)
      const pool = await daemon.storagePool.lookupByName(USUAL)
      if (make) await start(daemon, pool)
      return factsOf(daemon, pool)
    }),

  startPool: name =>
    typed(async () => {
      const daemon = connection.writable()
      await start(daemon, await daemon.storagePool.lookupByName(name))
    }),
})

/** False: it is needed. `looksLocal` is null where it goes in any case. */
const remove = async (daemon: Connection, pool: string, name: string, looksLocal: boolean | null): Promise<boolean> => {
  const ref = await daemon.storagePool.lookupByName(pool).catch((error: unknown) => {
    if (isNotFound(error)) return undefined
    throw error
  })
  // Nobody can say where the volumes of a pool were that nobody knows any more.
  if (ref === undefined) return true
  // One that does not run tells nothing of its volumes.
  await start(daemon, ref)
  // What was made by a call that failed may be unknown to the pool so far.
  await daemon.storagePool.refresh(ref).catch(() => undefined)
  const volume = await findVolume(daemon, pool, name)
  if (volume === undefined) return true
  if (looksLocal !== null) {
    const { users, unread } = await filesInUse(daemon, looksLocal)
    const path = await daemon.storageVolume.getPath(volume)
    if (unread !== null || users.has(path) || users.has(volumeName(pool, name))) return false
  }
  await daemon.storageVolume.delete(volume)
  return true
}

const seconds = (root: XmlElement, which: string): number => {
  const value = Number(textOf(find(root, `target/timestamps/${which}`)) ?? 0)
  return Number.isFinite(value) ? value : 0
}

const volumesNamed = async (daemon: Connection, prefix: string): Promise<FoundVolume[]> => {
  const found: FoundVolume[] = []
  for (const pool of await daemon.storagePool.listAll(v.VIR_CONNECT_LIST_STORAGE_POOLS_ACTIVE)) {
    const volumes = await daemon.storagePool.listAllVolumes(pool)
    for (const volume of volumes.filter(({ name }) => name.startsWith(prefix))) {
      try {
        const { root } = parseXml(await daemon.storageVolume.getXmlDesc(volume))
        const { allocation } = await daemon.storageVolume.getInfo(volume)
        const touchedAt = 1000 * Math.max(seconds(root, 'mtime'), seconds(root, 'atime'))
        const path = textOf(find(root, 'target/path')) ?? ''
        found.push({ pool: pool.name, name: volume.name, path, bytes: allocation, touchedAt })
      } catch (error) {
        if (!isNotFound(error)) throw error
      }
    }
  }
  return found
}

const isLocal = ({ uri }: DaemonAccess): boolean => parseUri(uri).transport === 'unix'

export const kvmVolumes = (connection: DaemonAccess): Storage => ({
  ...kvmPools(connection),

  volume: (pool, name) =>
    typed(async () => {
      const daemon = connection.daemon()
      const vol = await findVolume(daemon, pool, name)
      if (vol === undefined) return undefined
      const args = { vol, flags: v.VIR_STORAGE_VOL_GET_PHYSICAL }
      const [path, info] = await Promise.all([
        daemon.storageVolume.getPath(vol),
        daemon.call(storageVolGetInfoFlags, args),
      ])
      return { path, physicalBytes: Number(info.allocation) }
    }),

  createVolume: volume =>
    typed(async () => {
      const daemon = connection.writable()
      const pool = await daemon.storagePool.lookupByName(volume.pool)
      try {
        const made = await daemon.storageVolume.createXml(pool, volumeXml(volume))
        return await daemon.storageVolume.getPath(made)
      } catch (error) {
        if (isDuplicate(error) || /already exists|exists already/.test(toAppError(error).message))
          throw exists(volume.name, volume.pool, error)
        throw storageFailure(error, `“${volume.name}”`)
      }
    }),

  upload: (pool, name, bytes, signal) =>
    typed(async () => {
      connection.writable()
      const side = await connection.side()
      const vol = await findVolume(side, pool, name)
      if (vol === undefined) throw new RemoteError({ kind: 'not-found', message: `“${name}” is gone from “${pool}”.` })
      try {
        await pipeline(Readable.from(bytes), await side.storageVolume.upload(vol), { signal })
      } catch (error) {
        if (signal.aborted && signal.reason instanceof RemoteError) throw signal.reason
        throw storageFailure(error, `“${name}”`)
      }
    }),

  removeVolume: (pool, name) => typed(async () => void (await remove(connection.writable(), pool, name, null))),
  removeUnused: (pool, name) => typed(async () => remove(connection.writable(), pool, name, isLocal(connection))),
  volumesNamed: prefix => typed(async () => volumesNamed(connection.daemon(), prefix)),
  filesInUse: () => typed(async () => filesInUse(connection.daemon(), isLocal(connection))),
})
