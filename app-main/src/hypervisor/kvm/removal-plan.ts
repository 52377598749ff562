/** What removing a machine would remove, and what it must leave alone. */
import * as v from '../../libvirt/generated/constants.ts'
import {
  isNotFound,
  isUnsupported,
  type Connection,
  type DomainRef,
  type StorageVolumeRef,
} from '../../libvirt/index.ts'
import { domainListAllCheckpoints } from '../../libvirt/generated/remote-procedures.ts'
import type { DiskXml } from '../../libvirt/xml/disk-xml.ts'
import { parseDomainXml, type DomainXml } from '../../libvirt/xml/domain-xml.ts'
import type { UndefinePreview } from '../driver.ts'
import { SEED_SERIAL } from './create/disk-elements.ts'
import { basesOf, usersOf, volumeName, type Bases } from './disk-use.ts'

export interface PlannedDisk {
  readonly target: string
  readonly path: string
  /** Null when it may be deleted; then there is a volume. */
  readonly keptBecause: string | null
  readonly volume: StorageVolumeRef | null
}

export interface RemovalPlan {
  readonly disks: readonly PlannedDisk[]
  readonly nvram: string | null
  readonly savedState: boolean
  readonly snapshots: number
  readonly checkpoints: number
}

export const previewOf = ({ disks, nvram, savedState, snapshots }: RemovalPlan): UndefinePreview => ({
  disks: disks.map(({ target, path, keptBecause }) => ({ target, path, keptBecause })),
  nvram,
  savedState,
  snapshots,
})

/** With storage `keep` nobody needs to know about the disks, and nobody looks. */
export const planRemoval = async (
  daemon: Connection,
  ref: DomainRef,
  storage: 'keep' | 'delete' = 'delete',
): Promise<RemovalPlan> => {
  const { domain } = daemon
  const facts = parseDomainXml(await domain.getXmlDesc(ref, v.VIR_DOMAIN_XML_INACTIVE))
  const [savedState, snapshots, checkpoints, disks] = await Promise.all([
    domain.hasManagedSaveImage(ref).catch(unsupported(false)),
    domain.snapshotNum(ref).catch(unsupported(0)),
    countCheckpoints(daemon, ref).catch(unsupported(0)),
    storage === 'keep' ? [] : planDisks(daemon, ref, facts.disks),
  ])
  return { disks, nvram: variablesOf(facts), savedState, snapshots, checkpoints }
}

/** Where libvirt chose the firmware itself it also chose the folder, and names the file after the machine. */
const variablesOf = ({ nvram, firmware, name }: DomainXml): string | null =>
  nvram ?? (firmware === 'uefi' ? `${name}_VARS.fd` : null)

const countCheckpoints = async (daemon: Connection, ref: DomainRef): Promise<number> => {
  const args = { dom: ref, need_results: 1, flags: 0 }
  return (await daemon.call(domainListAllCheckpoints, args)).checkpoints.length
}

const planDisks = async (daemon: Connection, ref: DomainRef, disks: readonly DiskXml[]): Promise<PlannedDisk[]> => {
  const [users, bases] = await Promise.all([usersOf(daemon, ref), basesOf(daemon)])
  const present = disks.filter(({ source }) => source !== null)
  return Promise.all(present.map(disk => planDisk(daemon, disk, { users, bases })))
}

const unsupported =
  <T>(instead: T) =>
  (error: unknown): T => {
    if (!isUnsupported(error)) throw error
    return instead
  }

interface Use {
  /** Other machines by the paths they use. */
  readonly users: ReadonlyMap<string, string>
  readonly bases: Bases
}

const planDisk = async (daemon: Connection, disk: DiskXml, use: Use): Promise<PlannedDisk> => {
  const shown = disk.source ?? ''
  const keep = (keptBecause: string, path = shown): PlannedDisk => ({
    target: disk.target,
    path,
    keptBecause,
    volume: null,
  })
  const nature = keptByNature(disk)
  if (nature !== null) return keep(nature)
  const volume = await volumeOf(daemon, disk)
  if (volume === null) return keep('It is in no running storage pool, so libvirt cannot delete it.')
  const path = disk.path ?? (await daemon.storageVolume.getPath(volume))
  const user = use.users.get(path) ?? use.users.get(volumeName(volume.pool, volume.name))
  if (user !== undefined) return keep(`“${user}” uses it, too.`, path)
  const child = use.bases.paths.get(path)
  if (child !== undefined) return keep(`“${child}” is built on it.`, path)
  const { unread } = use.bases
  if (unread !== null) return keep(`The pool “${unread}” cannot be read, and something in it may be built on it.`, path)
  return { target: disk.target, path, keptBecause: null, volume }
}

const keptByNature = (disk: DiskXml): string | null => {
  if (disk.device === 'cdrom') return 'It is a CD-ROM.'
  if (disk.device === 'floppy') return 'It is a floppy disk.'
  if (disk.device === 'lun') return 'It is a device of the host.'
  // A machine's seed is nobody else's.
  if (disk.readOnly && disk.serial !== SEED_SERIAL) return 'It is read-only.'
  if (disk.shareable) return 'It is marked as shared with other machines.'
  if (disk.path === null && disk.volume === null) return 'It is not on this host.'
  return null
}

const volumeOf = async (daemon: Connection, disk: DiskXml): Promise<StorageVolumeRef | null> => {
  try {
    if (disk.path !== null) return await daemon.storageVolume.lookupByPath(disk.path)
    const pool = await daemon.storagePool.lookupByName(disk.pool ?? '')
    return await daemon.storageVolume.lookupByName(pool, disk.volume ?? '')
  } catch (error) {
    if (isNotFound(error) || isUnsupported(error)) return null
    throw error
  }
}
