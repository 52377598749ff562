/** Image files that are in a daemon's store only for as long as machines are made from them. */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { createLog } from '../../base/log.ts'
import { RemoteError } from '../../contract/index.ts'
import { isNotFound, uploadImage, type LxdClient } from '../../lxd/index.ts'
import type { Operation } from '../driver.ts'

const log = createLog('lxd')

interface Held {
  users: number
  /** One of them put it there. */
  fresh: boolean
}

/** Images that launches of this process use, by connection and fingerprint. */
const held = new Map<string, Held>()
/** Those that are being taken out of the store: whoever looks meanwhile would find what is about to go. */
const leaving = new Map<string, Promise<unknown>>()

export interface ImageFile {
  readonly fingerprint: string
  /** Called once. The last launch that uses it takes it out of the store, unless it was there before. Never rejects. */
  readonly release: () => Promise<void>
}

/** Puts an image file into the daemon's store. Rejects with `not-found` when there is no such file. */
export const importFile = async (
  client: LxdClient,
  { uri, path }: { readonly uri: string; readonly path: string },
  operation: Operation,
): Promise<ImageFile> => {
  const found = await stat(path).catch(() => null)
  if (!found?.isFile())
    throw new RemoteError({ kind: 'not-found', message: `There is no file ${path} on the computer where Vireo runs.` })
  operation.progress('Reading the image file')
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path, { signal: operation.signal })) hash.update(chunk as Buffer)
  const fingerprint = hash.digest('hex')
  const image = client.path(['images', fingerprint])
  const key = `${uri} ${fingerprint}`
  const mine = await hold(key)
  const release = async (): Promise<void> => {
    if (--mine.users > 0) return
    held.delete(key)
    if (!mine.fresh) return
    const going = client.change('DELETE', image).catch((error: unknown) => {
      if (!isNotFound(error)) log.warn('an image that was only for a launch is left', { image, error })
    })
    leaving.set(key, going)
    await going
    leaving.delete(key)
  }
  try {
    if (!(await client.exists(image, operation.signal))) {
      await upload(client, { path, size: found.size }, operation)
      mine.fresh = true
    }
    return { fingerprint, release }
  } catch (error) {
    await release()
    throw error
  }
}

const hold = async (key: string): Promise<Held> => {
  for (let going = leaving.get(key); going !== undefined; going = leaving.get(key)) await going
  const mine = held.get(key) ?? { users: 0, fresh: false }
  held.set(key, mine)
  mine.users++
  return mine
}

const upload = async (
  client: LxdClient,
  { path, size }: { readonly path: string; readonly size: number },
  operation: Operation,
): Promise<void> => {
  let sent = 0
  const content = async function* () {
    for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
      sent += chunk.length
      operation.progress('Handing the image file to LXD', sent / Math.max(1, size))
      yield chunk
    }
  }
  await uploadImage(client, content(), operation.signal)
}
