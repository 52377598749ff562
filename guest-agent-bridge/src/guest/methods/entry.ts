/** How a file's metadata looks on the wire. */
import type { vireo } from '../../protocol/index.ts'
import { failedWith, type FileKind, type FileStat, type Sys } from '../sys.ts'
import { allGroups, allUsers } from '../users.ts'

const types: Partial<Record<FileKind, vireo.Entry['type']>> = { file: 'file', directory: 'directory', link: 'link' }

/** Names of users and groups, read once for a whole list. */
export class Names {
  readonly #users: ReadonlyMap<number, string>
  readonly #groups: ReadonlyMap<number, string>

  constructor(sys: Sys) {
    // Of several names for one number the first counts, as with getpwuid.
    this.#users = new Map(
      allUsers(sys)
        .toReversed()
        .map(user => [user.uid, user.name]),
    )
    this.#groups = new Map(
      allGroups(sys)
        .toReversed()
        .map(group => [group.gid, group.name]),
    )
  }

  user(uid: number): string | null {
    return this.#users.get(uid) ?? null
  }

  group(gid: number): string | null {
    return this.#groups.get(gid) ?? null
  }
}

const linkTarget = (sys: Sys, directory: number, name: string): string | null => {
  try {
    return sys.readLinkAt(directory, name)
  } catch (error) {
    if (failedWith(error, 'ENOENT', 'EINVAL', 'EACCES')) return null
    throw error
  }
}

export const entryOf = (sys: Sys, names: Names, directory: number, name: string, stat: FileStat): vireo.Entry => ({
  name,
  type: types[stat.kind] ?? 'other',
  size_bytes: stat.size,
  mode: stat.mode,
  uid: stat.uid,
  gid: stat.gid,
  owner: names.user(stat.uid),
  group: names.group(stat.gid),
  modified_at_ms: Math.trunc(stat.modifiedAt),
  link_target: stat.kind === 'link' ? linkTarget(sys, directory, name) : null,
})
