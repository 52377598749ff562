/** What is mounted where, from /proc/self/mountinfo (proc(5)). */
import { readText } from './files.ts'
import type { Sys } from './sys.ts'

export interface Mount {
  /** `major:minor` of the filesystem; major 0 where no block device stands behind it. */
  readonly device: string
  /** What of the filesystem is mounted: `/`, or a folder in it (bind mount, subvolume). */
  readonly root: string
  readonly mountPoint: string
  readonly type: string
  /** The device's file, or what else the filesystem comes from. */
  readonly source: string
  /** The mount or the whole filesystem takes no writes. */
  readonly readOnly: boolean
}

/** Blank, tab, newline and backslash are written as three octal digits. */
const unescape = (text: string): string =>
  text.replaceAll(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)))

const isReadOnly = (options: string): boolean => options.split(',').includes('ro')

const parseLine = (line: string): Mount | null => {
  const fields = line.split(' ')
  const separator = fields.indexOf('-')
  const [, , device, root, mountPoint, options] = fields
  const [type, source, superOptions = ''] = fields.slice(separator + 1)
  if (separator < 6 || device === undefined || root === undefined || mountPoint === undefined) return null
  if (options === undefined || type === undefined || source === undefined) return null
  const readOnly = isReadOnly(options) || isReadOnly(superOptions)
  return { device, root: unescape(root), mountPoint: unescape(mountPoint), type, source: unescape(source), readOnly }
}

/** In the order in which they were mounted. */
export const parseMounts = (text: string): Mount[] => text.split('\n').flatMap(line => parseLine(line) ?? [])

export const allMounts = (sys: Sys): Mount[] => parseMounts(readText(sys, '/proc/self/mountinfo') ?? '')

/** On a block device, or on one that only looks otherwise (btrfs has anonymous device numbers). */
export const isDisk = (mount: Mount): boolean => !mount.device.startsWith('0:') || mount.type === 'btrfs'

/** Without those that another one, mounted later at the same place, hides. */
export const visibleMounts = (mounts: readonly Mount[]): Mount[] => {
  const last = new Map(mounts.map(mount => [mount.mountPoint, mount]))
  return mounts.filter(mount => last.get(mount.mountPoint) === mount)
}
