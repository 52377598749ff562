/** What came of a download before it was interrupted: a file beside its target whose name tells what it is a part of. */
import { createHash } from 'node:crypto'
import { constants } from 'node:fs'
import { open, readdir, rm, stat, type FileHandle } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { GuestEntry } from '../../contract/index.ts'

/** A file in a guest in one state; what was written later or elsewhere is another source. */
export interface Source {
  /** The machine's id. */
  readonly id: string
  readonly path: string
  /** Null where the guest's agent cannot tell. */
  readonly entry: Pick<GuestEntry, 'sizeBytes' | 'modifiedAt'> | null
}

const LONGEST = 255

/** As much of a name as fits in so many bytes, in whole characters. */
const cut = (name: string, bytes: number): string => {
  let kept = name
  while (Buffer.byteLength(kept) > bytes) kept = Array.from(kept).slice(0, -1).join('')
  return kept
}

const endOf = ({ id, path, entry }: Source): string => {
  const told = JSON.stringify([id, path, entry?.sizeBytes ?? null, entry?.modifiedAt ?? null])
  return `.${createHash('sha256').update(told).digest('hex').slice(0, 16)}.vireo-part`
}

/** Where a download of `source` into `to` gathers: a changed source has another place. */
export const partPath = (to: string, source: Source): string => {
  const end = endOf(source)
  return join(dirname(to), `${cut(basename(to), LONGEST - end.length)}${end}`)
}

/** Opens a part for reading and writing; never through a link that somebody laid there. */
export const openPart = (path: string): Promise<FileHandle> =>
  open(path, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, 0o600)

/** Removes parts of the same target that belong to a source that is no more. */
export const removeOlderParts = async (to: string, own: string): Promise<void> => {
  const end = endOf({ id: '', path: '', entry: null })
  const begin = cut(basename(to), LONGEST - end.length)
  const names = await readdir(dirname(to))
  const older = names.filter(
    name => name.startsWith(begin) && /^\.[0-9a-f]{16}\.vireo-part$/.test(name.slice(begin.length)),
  )
  for (const name of older.filter(one => one !== basename(own))) await rm(join(dirname(to), name), { force: true })
}

/** Bytes that a part has; 0 for one that is not there. */
export const partBytes = async (path: string): Promise<number> => (await stat(path).catch(() => null))?.size ?? 0
