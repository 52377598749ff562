/** How full the mounted filesystems are. */
import type { vireo } from '../../protocol/index.ts'
import { allMounts, isDisk, visibleMounts, type Mount } from '../mounts.ts'
import { SysError, type Sys } from '../sys.ts'

/** A list longer than this says nothing to anybody. */
const MOST = 256

/** Each filesystem once, where it was mounted first. Those without a disk (network mounts too: asking them may hang) are left out. */
const shown = (mounts: readonly Mount[]): Mount[] => {
  const disks = visibleMounts(mounts).filter(isDisk)
  const first = new Map(disks.toReversed().map(mount => [mount.device, mount]))
  return disks.filter(mount => first.get(mount.device) === mount).slice(0, MOST)
}

const usage = (sys: Sys, mount: Mount): vireo.Filesystem | null => {
  try {
    const { blockSize, blocks, available } = sys.filesystem(mount.mountPoint)
    const total = blocks * blockSize
    const free = Math.min(total, available * blockSize)
    return {
      mount_point: mount.mountPoint,
      device: mount.source,
      fs_type: mount.type,
      total_bytes: total,
      used_bytes: total - free,
      available_bytes: free,
      used_percent: total === 0 ? 0 : Math.round((1000 * (total - free)) / total) / 10,
    }
  } catch (error) {
    if (error instanceof SysError) return null
    throw error
  }
}

export const filesystems = (sys: Sys): vireo.Filesystem[] =>
  shown(allMounts(sys)).flatMap(mount => usage(sys, mount) ?? [])
