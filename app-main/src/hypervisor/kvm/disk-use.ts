/** Who else needs a disk. */
import * as v from '../../libvirt/generated/constants.ts'
import {
  isConnectionError,
  isNotFound,
  isUnsupported,
  type Connection,
  type DomainRef,
  type StoragePoolRef,
  type StorageVolumeRef,
} from '../../libvirt/index.ts'
import { parseXml, type XmlElement } from '../../libvirt/xml/document.ts'
import { attribute, find, findAll, textOf } from '../../libvirt/xml/query.ts'
import { backingChain } from './backing-chain.ts'

/** Paths and volumes that other machines use, as disks, kernels or bases of their disks, each with one machine's name. */
export const usersOf = async (daemon: Connection, except: DomainRef | null): Promise<ReadonlyMap<string, string>> => {
  const users = new Map<string, string>()
  const others = (await daemon.domain.listAll()).filter(({ uuid }) => uuid !== except?.uuid)
  await Promise.all(
    others.map(async ref => {
      // Running, a machine may have other disks than it will have after its next start; both count.
      const views = ref.id < 0 ? [0] : [0, v.VIR_DOMAIN_XML_INACTIVE]
      for (const flags of views) {
        const xml = await daemon.domain.getXmlDesc(ref, flags, { lane: 'disk-use' }).catch(vanished)
        if (xml !== null) for (const path of pathsIn(parseXml(xml).root)) users.set(path, ref.name)
      }
    }),
  )
  return users
}

/** How a volume is named where a disk does not tell its path. */
export const volumeName = (pool: string, volume: string): string => `${pool}//${volume}`

/** Every file that stands anywhere below the devices or the boot settings. */
const pathsIn = (root: XmlElement): string[] => {
  const paths: string[] = []
  const walk = (element: XmlElement) => {
    if (element.name === 'source') {
      const path = attribute(element, 'file') ?? attribute(element, 'dev')
      if (path !== null) paths.push(path)
      const volume = attribute(element, 'volume')
      if (volume !== null) paths.push(volumeName(attribute(element, 'pool') ?? '', volume))
    }
    element.children.forEach(walk)
  }
  for (const disk of findAll(root, 'devices/disk')) walk(disk)
  for (const name of ['kernel', 'initrd', 'nvram', 'loader']) {
    const path = textOf(find(root, `os/${name}`))
    if (path !== null) paths.push(path)
  }
  return paths
}

export interface Bases {
  /** Volumes on which other volumes are built, each with the path of one that is. */
  readonly paths: ReadonlyMap<string, string>
  /** A pool that could not be read, null when all were: it may hold volumes that are built on any other. */
  readonly unread: string | null
}

/** Looks through all running pools. A pool knows only what it saw when it last looked, so they look again first. */
export const basesOf = async (daemon: Connection): Promise<Bases> => {
  const paths = new Map<string, string>()
  const pools = await daemon.storagePool
    .listAll(v.VIR_CONNECT_LIST_STORAGE_POOLS_ACTIVE)
    .catch((error: unknown) => (isUnsupported(error) ? [] : Promise.reject(error)))
  const read = async (pool: StoragePoolRef): Promise<string | null> => {
    try {
      if (!daemon.readOnly) await daemon.storagePool.refresh(pool, { deadlineMs: REFRESH_MS })
      const volumes = await daemon.storagePool.listAllVolumes(pool)
      await Promise.all(volumes.map(volume => addBase(daemon, volume, paths)))
      return null
    } catch (error) {
      if (isConnectionError(error)) throw error
      return pool.name
    }
  }
  const failed = await Promise.all(pools.map(read))
  return { paths, unread: failed.find(name => name !== null) ?? null }
}

/** Big pools on slow disks take their time. */
const REFRESH_MS = 60_000

const addBase = async (daemon: Connection, volume: StorageVolumeRef, bases: Map<string, string>): Promise<void> => {
  const xml = await daemon.storageVolume.getXmlDesc(volume, { lane: 'disk-use' }).catch(vanished)
  if (xml === null) return
  const { root } = parseXml(xml)
  const base = textOf(find(root, 'backingStore/path'))
  if (base !== null) bases.set(base, textOf(find(root, 'target/path')) ?? volume.name)
}

/** A volume that was deleted in this moment needs nothing. */
const vanished = (error: unknown): null => {
  if (!isNotFound(error)) throw error
  return null
}

export interface FilesInUse {
  /** Each with a machine, or a volume, that needs it. */
  readonly users: ReadonlyMap<string, string>
  /** As in `Bases`. */
  readonly unread: string | null
}

/** Everything that machines use, what their disks are built on included. `local`: this computer's files can be looked at. */
export const filesInUse = async (daemon: Connection, local: boolean): Promise<FilesInUse> => {
  const [used, { paths, unread }] = await Promise.all([usersOf(daemon, null), basesOf(daemon)])
  const users = new Map([...paths, ...used])
  // A disk outside of all pools tells only in its own header what it is built on.
  if (local)
    for (const [path, name] of used)
      for (const base of await backingChain(path)) if (!users.has(base)) users.set(base, name)
  return { users, unread }
}
