/** Files into a machine: each stands there whole or not at all. */
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import type { Duplex, Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { RemoteError } from '../../contract/index.ts'
import type { Place } from './copy-place.ts'
import { copyProgress } from './copy-progress.ts'
import { guestEntry, type Target } from './download.ts'
import type { CopyOptions } from './guest-copy.ts'
import { note } from './terminal.ts'
import { printable } from './text.ts'

const wrong = (message: string, hint?: string): RemoteError =>
  new RemoteError({ kind: 'precondition', message, ...(hint === undefined ? {} : { hint }) })

const localStat = async (path: string) => {
  try {
    return await stat(path)
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT'
    const message = missing ? `There is no ${path}.` : `${path} cannot be read: ${String(error)}`
    throw new RemoteError({ kind: missing ? 'not-found' : 'invalid-input', message }, { cause: error })
  }
}

/** Sends exactly `size` bytes and waits until the guest has the file under its name. */
const send = async (stream: Duplex, content: Readable, size: number, shown: (bytes: number) => void): Promise<void> => {
  const ended = new Promise<void>((done, fail) => {
    stream.once('end', done).once('error', fail)
    stream.once('close', () =>
      fail(new RemoteError({ kind: 'connection', trouble: 'lost', message: 'The upload was cut off.' })),
    )
  })
  ended.catch(() => undefined)
  stream.resume()
  let sent = 0
  for await (const bytes of content as AsyncIterable<Buffer>) {
    sent += bytes.length
    if (!stream.write(bytes)) await Promise.race([once(stream, 'drain'), ended])
    shown(sent)
  }
  if (sent < size) stream.destroy(wrong('The file became shorter while it was copied.'))
  await ended
}

const sendFile = async ({ session, id }: Target, file: string, path: string, how: CopyOptions): Promise<void> => {
  const { size, mode } = await localStat(file)
  const input = { id, path, sizeBytes: size, mode: mode & 0o777, overwrite: how.force, createParents: false }
  const stream = await session.open('guest', 'writeFile', input)
  const progress = copyProgress(printable(basename(path)), size)
  const stop = () => stream.destroy(new RemoteError({ kind: 'cancelled', message: 'The upload was interrupted.' }))
  process.once('SIGINT', stop)
  // What is appended meanwhile is left for the next time.
  const content = createReadStream(file, size > 0 ? { end: size - 1, highWaterMark: 256 * 1024 } : { end: 0 })
  try {
    await send(stream, content, size, progress.show)
  } finally {
    process.off('SIGINT', stop)
    content.destroy()
    stream.destroy()
    progress.clear()
  }
}

/** Its length must be known before its first byte is sent. */
const sendInput = async (target: Target, path: string, how: CopyOptions): Promise<void> => {
  const folder = await mkdtemp(join(tmpdir(), 'vireo-cp-'))
  try {
    const file = join(folder, 'input')
    await pipeline(process.stdin, createWriteStream(file, { mode: 0o644 }))
    await sendFile(target, file, path, how)
  } finally {
    await rm(folder, { recursive: true })
  }
}

const sendFolder = async (target: Target, folder: string, path: string, how: CopyOptions): Promise<void> => {
  await target.session.call('guest', 'makeDirectory', { id: target.id, path, parents: true })
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const [own, inner] = [join(folder, entry.name), `${path.replace(/\/+$/, '')}/${entry.name}`]
    if (entry.isDirectory()) await sendFolder(target, own, inner, how)
    else if (entry.isFile()) await sendFile(target, own, inner, how)
    else note(`vireo: warning: left out, neither file nor folder: ${printable(own)}`)
  }
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
