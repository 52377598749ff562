/** Files into a machine: each stands there whole or not at all. */
import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream, type BigIntStats } from 'node:fs'
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import type { Duplex, Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { RemoteError, uploadStartReader, type UploadStart } from '../../contract/index.ts'
import type { Place } from './copy-place.ts'
import { copyProgress } from './copy-progress.ts'
import { guestEntry, type Target } from './download.ts'
import type { CopyOptions } from './guest-copy.ts'
import { note } from './terminal.ts'
import { printable, size as sizeText } from './text.ts'

const wrong = (message: string, hint?: string): RemoteError =>
  new RemoteError({ kind: 'precondition', message, ...(hint === undefined ? {} : { hint }) })

const localStat = async (path: string): Promise<BigIntStats> => {
  try {
    return await stat(path, { bigint: true })
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT'
    const message = missing ? `There is no ${path}.` : `${path} cannot be read: ${String(error)}`
    throw new RemoteError({ kind: missing ? 'not-found' : 'invalid-input', message }, { cause: error })
  }
}

/** The same file in the same state, to the same place, has the same key: so what the guest kept is found again. */
const keyOf = ({ id }: Target, file: string, path: string, { size, mtimeNs, ino, dev }: BigIntStats): string =>
  createHash('sha256')
    .update(JSON.stringify([id, path, resolve(file), ...[size, mtimeNs, ino, dev].map(String)]))
    .digest('hex')
    .slice(0, 32)

interface Sending {
  readonly size: number
  readonly shown: (bytes: number) => void
  readonly begun: (start: UploadStart) => void
}

/** Sends exactly `size` bytes and waits until the guest has the file under its name. */
const send = async (stream: Duplex, content: Readable, { size, shown, begun }: Sending): Promise<void> => {
  const ended = new Promise<void>((done, fail) => {
    stream.once('end', done).once('error', fail)
    stream.once('close', () =>
      fail(new RemoteError({ kind: 'connection', trouble: 'lost', message: 'The upload was cut off.' })),
    )
  })
  ended.catch(() => undefined)
  stream.on(
    'data',
    uploadStartReader(start => (start ? begun(start) : undefined)),
  )
  let sent = 0
  for await (const bytes of content as AsyncIterable<Buffer>) {
    sent += bytes.length
    if (!stream.write(bytes)) await Promise.race([once(stream, 'drain'), ended])
    shown(sent)
  }
  if (sent < size) stream.destroy(wrong('The file became shorter while it was copied.'))
  await ended
}

/** What one attempt came to know before it failed. */
interface Attempt {
  start: UploadStart | null
  sent: number
}

const sendOnce = async (target: Target, file: string, path: string, how: CopyOptions, attempt: Attempt) => {
  const found = await localStat(file)
  const [size, mode] = [Number(found.size), Number(found.mode) & 0o777]
  const key = how.resume ? { resumeKey: keyOf(target, file, path, found) } : {}
  const input = { id: target.id, path, sizeBytes: size, mode, overwrite: how.force, createParents: false, ...key }
  const stream = await target.session.open('guest', 'writeFile', input)
  const progress = copyProgress(printable(basename(path)), size)
  const stop = () => stream.destroy(new RemoteError({ kind: 'cancelled', message: 'The upload was interrupted.' }))
  process.once('SIGINT', stop)
  // What is appended meanwhile is left for the next time.
  const content = createReadStream(file, size > 0 ? { end: size - 1, highWaterMark: 256 * 1024 } : { end: 0 })
  const shown = (bytes: number) => progress.show((attempt.sent = bytes))
  const begun = (start: UploadStart) => {
    attempt.start = start
    if (start.offset > 0)
      note(`vireo: goes on after ${sizeText(start.offset)} of ${printable(path)}, which came before.`)
  }
  try {
    await send(stream, content, { size, shown, begun })
  } finally {
    process.off('SIGINT', stop)
    content.destroy()
    stream.destroy()
    progress.clear()
  }
}

/** Says what the next attempt can do with this one. */
const tellKept = ({ start, sent }: Attempt): void => {
  if (start === null || sent === 0) return
  const kept = 'vireo: the guest keeps what came so far for an hour; the same command goes on from there.'
  note(start.resumable ? kept : 'vireo: this guest agent keeps nothing of it: the same command starts anew.')
}

const sendFile = async (target: Target, file: string, path: string, how: CopyOptions): Promise<void> => {
  for (let again = true; ; again = false) {
    const attempt: Attempt = { start: null, sent: 0 }
    try {
      return await sendOnce(target, file, path, how, attempt)
    } catch (error) {
      // What the guest had was not the beginning of this file, and is gone now.
      const stale = error instanceof RemoteError && error.detail.kind === 'precondition' && attempt.start?.offset
      if (again && stale) continue
      tellKept(attempt)
      throw error
    }
  }
}

/** Its length must be known before its first byte is sent. */
const sendInput = async (target: Target, path: string, how: CopyOptions): Promise<void> => {
  const folder = await mkdtemp(join(tmpdir(), 'vireo-cp-'))
  try {
    const file = join(folder, 'input')
    await pipeline(process.stdin, createWriteStream(file, { mode: 0o644 }))
    await sendFile(target, file, path, { ...how, resume: false })
  } finally {
    await rm(folder, { recursive: true })
  }
}

/** Whether an earlier copy of the folder brought this file already: of the same size, and not older than ours. */
const isThere = async (target: Target, file: string, path: string): Promise<boolean> => {
  const { size, mtimeMs } = await localStat(file)
  const entry = await guestEntry(target, path).catch((error: unknown) => {
    if (error instanceof RemoteError && error.detail.kind === 'not-found') return null
    throw error
  })
  return entry?.type === 'file' && entry.sizeBytes === Number(size) && (entry.modifiedAt ?? 0) >= Number(mtimeMs)
}

const sendFolder = async (target: Target, folder: string, path: string, how: CopyOptions): Promise<void> => {
  let skipped = 0
  await target.session.call('guest', 'makeDirectory', { id: target.id, path, parents: true })
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const [own, inner] = [join(folder, entry.name), `${path.replace(/\/+$/, '')}/${entry.name}`]
    if (entry.isDirectory()) await sendFolder(target, own, inner, how)
    else if (entry.isFile()) {
      if (how.resume && !how.force && (await isThere(target, own, inner))) skipped++
      else await sendFile(target, own, inner, how)
    } else note(`vireo: warning: left out, neither file nor folder: ${printable(own)}`)
  }
  if (skipped > 0) note(`vireo: ${skipped} in ${printable(path)} were there already, of the same size and not older.`)
}

/** Whether a path in the guest is a folder; without an agent that can tell, only a `/` at its end says so. */
const isFolder = async (target: Target, path: string): Promise<boolean> => {
  try {
    return (await guestEntry(target, path))?.type === 'directory' || path.endsWith('/')
  } catch (error) {
    if (error instanceof RemoteError && error.detail.kind === 'not-found') return path.endsWith('/')
    throw error
  }
}

/** `path` may be an existing folder in the guest, into which it goes under its own name. */
export const upload = async (
  target: Target,
  from: Exclude<Place, { kind: 'guest' }>,
  path: string,
  how: CopyOptions,
): Promise<void> => {
  if (from.kind === 'pipe') return sendInput(target, path, how)
  const found = await localStat(from.path)
  if (found.isDirectory() && !how.recursive) throw wrong(`${from.path} is a folder.`, 'Copy it with --recursive.')
  if (!found.isDirectory() && !found.isFile()) throw wrong(`${from.path} is neither a file nor a folder.`)
  const name = basename(resolve(from.path))
  const place = (await isFolder(target, path)) ? `${path.replace(/\/+$/, '')}/${name}` : path
  if (found.isDirectory()) await sendFolder(target, from.path, place, how)
  else await sendFile(target, from.path, place, how)
}
