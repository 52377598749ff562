/** Files out of a machine: whole or not at all, and never outside of the chosen folder. */
import { once } from 'node:events'
import { mkdir, rename, rm, stat, type FileHandle } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { Duplex } from 'node:stream'
import { RemoteError, type DomainId, type GuestEntry } from '../../contract/index.ts'
import { nameIn, safeName, type Place } from './copy-place.ts'
import { copyProgress } from './copy-progress.ts'
import type { CopyOptions } from './guest-copy.ts'
import { openPart, partBytes, partPath, removeOlderParts } from './part-file.ts'
import type { Session } from './session.ts'
import { note } from './terminal.ts'
import { printable, size as sizeText } from './text.ts'

export interface Target {
  readonly session: Session
  readonly id: DomainId
}

/** Bytes that are compared with the guest's before a download goes on after them. */
const OVERLAP = 64 * 1024
const DEEPEST = 100

const wrong = (message: string, hint?: string): RemoteError =>
  new RemoteError({ kind: 'precondition', message, ...(hint === undefined ? {} : { hint }) })

const local = async <T>(path: string, work: () => Promise<T>): Promise<T> => {
  try {
    return await work()
  } catch (error) {
    if (error instanceof RemoteError) throw error
    const why = error instanceof Error ? error.message : String(error)
    throw new RemoteError({ kind: 'invalid-input', message: `${path} cannot be written: ${why}` }, { cause: error })
  }
}

const kindOf = async (path: string): Promise<'folder' | 'file' | 'other' | null> => {
  const found = await stat(path).catch(() => null)
  return found === null ? null : found.isDirectory() ? 'folder' : found.isFile() ? 'file' : 'other'
}

/** What the guest tells of a path; null where its agent cannot tell. */
export const guestEntry = async ({ session, id }: Target, path: string): Promise<GuestEntry | null> => {
  try {
    return await session.known('guest', 'stat', { id, path })
  } catch (error) {
    if (error instanceof RemoteError && error.detail.kind === 'unsupported') return null
    throw error
  }
}

const toStdout = async (stream: Duplex): Promise<void> => {
  for await (const bytes of stream as AsyncIterable<Buffer>) {
    if (!process.stdout.write(bytes)) await once(process.stdout, 'drain')
  }
}

/** The end of what is there already, when the guest's file has the same bytes in that place: where to go on. */
const resumePoint = async (target: Target, path: string, file: FileHandle, size: number): Promise<number> => {
  const { size: have } = await file.stat()
  if (have === 0 || have > size) return 0
  const length = Math.min(have, OVERLAP)
  const own = Buffer.alloc(length)
  await file.read(own, 0, length, have - length)
  const stream = await target.session.open('guest', 'readFile', { id: target.id, path, offset: have - length })
  const theirs: Buffer[] = []
  let got = 0
  for await (const bytes of stream as AsyncIterable<Buffer>) {
    theirs.push(bytes)
    got += bytes.length
    if (got >= length) break
  }
  return Buffer.concat(theirs).subarray(0, length).equals(own) ? have : 0
}

/** Bytes beyond the size that the guest told: a log may grow, a disk is not to be filled. */
const tooMuch = (size: number) => Math.max(2 * size, size + 64 * 1024 * 1024)

const fetchInto = async (target: Target, path: string, file: FileHandle, from: number, size: number | null) => {
  const stream = await target.session.open('guest', 'readFile', { id: target.id, path, offset: from })
  const progress = copyProgress(printable(basename(path)), size)
  const stop = () => stream.destroy(new RemoteError({ kind: 'cancelled', message: 'The download was interrupted.' }))
  process.once('SIGINT', stop)
  let at = from
  try {
    for await (const bytes of stream as AsyncIterable<Buffer>) {
      await file.write(bytes, 0, bytes.length, at)
      at += bytes.length
      progress.show(at)
      if (size !== null && size > 0 && at > tooMuch(size))
        throw wrong(`${printable(path)} is far longer than the ${size} bytes that the guest told.`)
    }
  } finally {
    process.off('SIGINT', stop)
    progress.clear()
  }
}

const checkPlace = async (to: string, { force }: CopyOptions): Promise<void> => {
  const there = await kindOf(to)
  if (there === null || (there === 'file' && force)) return
  if (there === 'file') throw wrong(`${to} is there already.`, 'Replace it with --force.')
  throw wrong(there === 'folder' ? `${to} is a folder.` : `${to} is neither a file nor a folder.`)
}

/** Gathers in a file beside, which takes the name when it is whole. What an earlier attempt left of the same source is gone on with. */
const fetchFile = async (target: Target, path: string, to: string, entry: GuestEntry | null, how: CopyOptions) => {
  await checkPlace(to, how)
  const known = entry?.type === 'file' ? entry : null
  const part = partPath(to, { id: target.id, path, entry: known })
  const size = known?.sizeBytes ?? null
  const file = await local(part, () => openPart(part))
  let whole = false
  try {
    const from = how.resume ? await resumePoint(target, path, file, size ?? Number.MAX_SAFE_INTEGER) : 0
    if (from > 0) note(`vireo: goes on after ${sizeText(from)} of ${printable(path)}, which came before.`)
    await file.truncate(from)
    await fetchInto(target, path, file, from, size)
    await file.chmod((known?.mode == null ? 0o666 : known.mode & 0o777) & ~process.umask())
    await file.sync()
    // By its time a folder that is copied again knows it.
    if (known?.modifiedAt != null) await file.utimes(known.modifiedAt / 1000, known.modifiedAt / 1000)
    whole = true
  } finally {
    await file.close()
    if (!whole) await keepOrRemove(part)
  }
  await local(to, () => rename(part, to))
  await removeOlderParts(to, part)
}

/** Something to go on from is kept; nothing is nothing. */
const keepOrRemove = async (part: string): Promise<void> => {
  if ((await partBytes(part)) > 0) note(`vireo: what came so far is in ${part}; the same command goes on from there.`)
  else await rm(part, { force: true })
}

/** Whether an earlier copy of the folder brought this file already, and nobody touched it since, here or there. */
const isHere = async (to: string, { sizeBytes, modifiedAt }: GuestEntry): Promise<boolean> => {
  const found = await stat(to).catch(() => null)
  return found !== null && found.isFile() && found.size === sizeBytes && Math.round(found.mtimeMs) === modifiedAt
}

const fetchFolder = async (
  target: Target,
  path: string,
  to: string,
  how: CopyOptions,
  depth: number,
): Promise<void> => {
  if (depth > DEEPEST) throw wrong(`${printable(path)} is nested too deeply.`)
  await local(to, () => mkdir(to, { recursive: true }))
  const entries = await target.session.known('guest', 'list', { id: target.id, path })
  for (const entry of entries) {
    const inner = `${path.replace(/\/+$/, '')}/${entry.name}`
    if (!safeName(entry.name)) note(`vireo: warning: left out, no name for a file here: ${printable(inner)}`)
    else if (entry.type === 'directory') await fetchFolder(target, inner, join(to, entry.name), how, depth + 1)
    else if (entry.type === 'file') {
      if (how.resume && !how.force && (await isHere(join(to, entry.name), entry))) continue
      await fetchFile(target, inner, join(to, entry.name), entry, how)
    } else note(`vireo: warning: left out, neither file nor folder: ${printable(inner)}`)
  }
}

/** `to` may be an existing folder, into which it goes under its own name. */
export const download = async (
  target: Target,
  path: string,
  to: Exclude<Place, { kind: 'guest' }>,
  how: CopyOptions,
): Promise<void> => {
  const entry = await guestEntry(target, path)
  if (entry?.type === 'directory' && !how.recursive)
    throw wrong(`${printable(path)} is a folder.`, 'Copy it with --recursive.')
  if (entry?.type === 'other') throw wrong(`${printable(path)} is neither a file nor a folder.`)
  if (to.kind === 'pipe') {
    return toStdout(await target.session.open('guest', 'readFile', { id: target.id, path, offset: 0 }))
  }
  const inside = (await kindOf(to.path)) === 'folder'
  const place = inside ? join(to.path, nameIn(path)) : to.path
  if (entry?.type === 'directory') await fetchFolder(target, path, place, how, 0)
  else await fetchFile(target, path, place, entry, how)
}
