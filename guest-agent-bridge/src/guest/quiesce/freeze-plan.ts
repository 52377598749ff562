/** Which filesystems to freeze, in which order. */
import type { vireo } from '../../protocol/index.ts'
import { isDisk, visibleMounts, type Mount } from '../mounts.ts'
import { RpcError } from '../rpc-error.ts'

export type FrozenFilesystem = vireo.ResultOf<typeof vireo.quiesceFreeze>['filesystems'][number]

export interface Target extends FrozenFilesystem {
  /** Nobody named it: one that cannot be frozen by its kind is left out. */
  readonly optional: boolean
}

const targetOf = (mount: Mount, optional: boolean): Target => ({
  mount_point: mount.mountPoint,
  device: mount.source,
  fs_type: mount.type,
  optional,
})

const tidy = (path: string): string => path.replace(/(?<=.)\/+$/, '')

const named = (mounts: readonly Mount[], path: string): Mount => {
  const mount = mounts.find(candidate => candidate.mountPoint === tidy(path))
  if (mount === undefined) throw new RpcError('notFound', `Nothing is mounted at ${path}`)
  if (mount.readOnly) throw new RpcError('failed', `Mounted read-only: ${path}`)
  return mount
}

/**
 * What was mounted last comes first, so that a filesystem in a file (loop device) is frozen before the one that holds the file. A
 * filesystem that is mounted in several places is there once.
 */
export const freezePlan = (mounts: readonly Mount[], wanted: readonly string[] | undefined): Target[] => {
  const visible = visibleMounts(mounts)
  const chosen =
    wanted === undefined
      ? visible.filter(mount => isDisk(mount) && !mount.readOnly)
      : visible.filter(mount => wanted.map(path => named(visible, path)).includes(mount))
  const first = new Map(chosen.toReversed().map(mount => [mount.device, mount]))
  return chosen
    .filter(mount => first.get(mount.device) === mount)
    .toReversed()
    .map(mount => targetOf(mount, wanted === undefined))
}
