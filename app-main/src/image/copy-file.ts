/** Copies a file that may be large: it can be cancelled, tells how far it is, and what is empty stays empty. */
import { constants, createReadStream } from 'node:fs'
import { copyFile, open, rm } from 'node:fs/promises'
import { createHash } from 'node:crypto'
import { sha256Of } from './image-cache.ts'

const PIECE = 1 << 20
const EMPTY = Buffer.alloc(PIECE)

/**
 * Gives the SHA-256 of what was written to `to`, which is replaced. Where the file system can share the bytes, nothing is
 * copied. Rejects with the signal's `AbortError`, and leaves what was written by then.
 */
export const copyHashed = async (
  from: string,
  to: string,
  signal: AbortSignal,
  progress: (done: number) => void,
): Promise<string> => {
  signal.throwIfAborted()
  const shared = await copyFile(from, to, constants.COPYFILE_FICLONE_FORCE).then(
    () => true,
    () => false,
  )
  if (shared) return sha256Of(to, signal, progress)
  await rm(to, { force: true })
  const file = await open(to, 'wx')
  try {
    const hash = createHash('sha256')
    let done = 0
    for await (const chunk of createReadStream(from, { highWaterMark: PIECE, signal })) {
      const bytes: unknown = chunk
      if (!Buffer.isBuffer(bytes)) continue
      hash.update(bytes)
      if (!bytes.equals(EMPTY.subarray(0, bytes.length))) await file.write(bytes, 0, bytes.length, done)
      done += bytes.length
      progress(done)
    }
    await file.truncate(done)
    return hash.digest('hex')
  } finally {
    await file.close()
  }
}
