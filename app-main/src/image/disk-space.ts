import { mkdir, statfs } from 'node:fs/promises'
import { RemoteError } from '../contract/index.ts'

/** Left over on every file system, bytes: a full one breaks more than a download. */
const RESERVE = 256 * 1024 * 1024
const gib = (bytes: number) => `${(bytes / 1024 ** 3).toFixed(1)} GiB`

/** Bytes that this user may still write in a folder. */
export type FreeBytes = (folder: string) => Promise<number>

export const freeBytes: FreeBytes = async folder => {
  await mkdir(folder, { recursive: true })
  const { bavail, bsize } = await statfs(folder)
  return bavail * bsize
}

export const noSpace = (folder: string, needed: number | null, cause?: unknown): RemoteError =>
  new RemoteError(
    {
      kind: 'precondition',
      message: needed === null ? `The disk of ${folder} is full.` : `${folder} has no room for ${gib(needed)} more.`,
      hint: 'Make room (vireo image cleanup removes images that nothing uses), then try again: what is here already is kept.',
    },
    { cause },
  )

/** Throws `precondition` when `needed` more bytes would leave less than the reserve. */
export const ensureSpace = async (free: FreeBytes, folder: string, needed: number): Promise<void> => {
  if ((await free(folder)) < needed + RESERVE) throw noSpace(folder, needed)
}

export const isFull = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT')

/** Looks again after every so many bytes while something is written. */
export class SpaceWatch {
  static readonly EVERY = 32 * 1024 * 1024
  readonly #free: FreeBytes
  readonly #folder: string
  #since = 0

  constructor(free: FreeBytes, folder: string) {
    this.#free = free
    this.#folder = folder
  }

  async wrote(bytes: number): Promise<void> {
    this.#since += bytes
    if (this.#since < SpaceWatch.EVERY) return
    this.#since = 0
    await ensureSpace(this.#free, this.#folder, 0)
  }
}
