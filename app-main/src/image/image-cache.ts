/** Images that are here: read-only files named by their content, with a note on each of where it came from. */
import { createHash, randomBytes } from 'node:crypto'
import { constants, createReadStream } from 'node:fs'
import { access, chmod, mkdir, open, readdir, readFile, rename, rm, stat, utimes } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { z } from 'zod'
import { withFileLock } from '../base/file-lock.ts'
import { writeFileAtomic } from '../base/json-file.ts'
import { createLog } from '../base/log.ts'
import { RemoteError } from '../contract/index.ts'
import { Architecture, Firmware } from './catalogue.ts'

const log = createLog('image')

export const StoredFormat = z.enum(['qcow2', 'raw', 'iso'])
export type StoredFormat = z.infer<typeof StoredFormat>

const Origin = z.object({
  /** What was asked for, in a form that is equal for equal wishes. */
  key: z.string(),
  /** Where it was fetched from, without passwords; null for what was made or imported here. */
  url: z.string().nullable(),
  /** What the vendor says of the file as it is published, for instance packed. */
  checksum: z.string().nullable(),
  /** Epoch milliseconds. */
  at: z.number(),
})

/** Agents that an image brings with it. */
export const ImageAgent = z.enum(['qemu-ga', 'vireo'])
export type ImageAgent = z.infer<typeof ImageAgent>

export const Signature = z.object({ state: z.enum(['good', 'unchecked', 'none']), about: z.string() })
export type Signature = z.infer<typeof Signature>

const About = z.object({
  name: z.string(),
  format: StoredFormat,
  /** Size of the disk the guest sees, bytes. */
  bytes: z.number().int().positive(),
  /** Entry of the catalogue, or `unknown`. */
  osId: z.string(),
  architecture: Architecture.nullable(),
  defaultUser: z.string().nullable(),
  firmware: Firmware,
  signature: Signature,
  agents: z.array(ImageAgent).default([]),
})
/** What is noted when an image is taken in. */
export type About = z.infer<typeof About>
export type Origin = z.infer<typeof Origin>

const Note = About.extend({ sha256: z.string(), addedAt: z.number(), origins: z.array(Origin) })

export interface StoredImage extends z.infer<typeof Note> {
  readonly path: string
  /** Bytes on disk. */
  readonly fileBytes: number
  /** When it was last asked for, epoch milliseconds. */
  readonly usedAt: number
}

const DIGEST = /^[0-9a-f]{64}$/
const NOTE = /^([0-9a-f]{64})\.json$/
const FILE = /^([0-9a-f]{64})\.(?:qcow2|raw|iso)$/
/** How long a reserved image counts as used although its user does not exist yet, milliseconds. */
const RESERVED_MS = 3_600_000

export const sha256Of = async (
  path: string,
  signal: AbortSignal,
  progress: (done: number) => void = () => undefined,
) => {
  const hash = createHash('sha256')
  let done = 0
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20, signal })) {
    const bytes: unknown = chunk
    if (!Buffer.isBuffer(bytes)) continue
    hash.update(bytes)
    done += bytes.length
    progress(done)
  }
  return hash.digest('hex')
}

export class ImageCache {
  readonly #folder: string

  /** `folder` is made when it is first needed: for everybody to read, because QEMU may run as another user. */
  constructor(folder: string) {
    this.#folder = folder
  }

  get folder(): string {
    return this.#folder
  }

  async list(): Promise<StoredImage[]> {
    const names = await readdir(join(this.#folder, 'base')).catch(() => [])
    const found = await Promise.all(names.flatMap(name => NOTE.exec(name)?.[1] ?? []).map(async id => this.#read(id)))
    return found.filter(image => image !== undefined).toSorted((a, b) => b.addedAt - a.addedAt)
  }

  /** The newest image that was got for this wish. */
  async find(key: string): Promise<StoredImage | undefined> {
    const images = (await this.list()).filter(({ origins }) => origins.some(origin => origin.key === key))
    const asked = (image: StoredImage) => image.origins.find(origin => origin.key === key)?.at ?? 0
    return images.toSorted((a, b) => asked(b) - asked(a))[0]
  }

  /** The image that a vendor's checksum is of. */
  async byChecksum(checksum: string): Promise<StoredImage | undefined> {
    return (await this.list()).find(({ origins }) => origins.some(origin => origin.checksum === checksum))
  }

  /** Throws `not-found`; a beginning of at least six digits that only one image has will do. */
  async get(id: string): Promise<StoredImage> {
    const all = await this.list()
    const found = all.filter(({ sha256 }) => id.length >= 6 && sha256.startsWith(id))
    const [only] = found
    if (only && found.length === 1) return only
    if (found.length > 1) {
      const candidates = found.map(({ sha256 }) => sha256)
      throw new RemoteError({ kind: 'ambiguous', message: `Several images begin with “${id}”.`, candidates })
    }
    throw new RemoteError({
      kind: 'not-found',
      message: `There is no image “${id.slice(0, 80)}” here.`,
      hint: 'vireo image list shows those that are here.',
    })
  }

  /** A folder for half-made things; whatever is left in it is removed with `sweep`. */
  async workshop(): Promise<string> {
    const folder = join(this.#folder, 'work', `${process.pid}-${randomBytes(6).toString('hex')}`)
    await this.#makeFolders()
    await mkdir(folder, { recursive: true, mode: 0o700 })
    return folder
  }

  /** Takes a finished file in, which must lie on the same file system; when its content is here already, that stays. */
  async adopt(file: string, sha256: string, about: About, origin: Origin): Promise<StoredImage> {
    if (!DIGEST.test(sha256)) throw new Error('not a digest')
    await this.#makeFolders()
    const handle = await open(file, 'r')
    try {
      await handle.sync()
    } finally {
      await handle.close()
    }
    await chmod(file, 0o444)
    return this.#locked(sha256, async () => {
      const old = await this.#read(sha256)
      const path = this.#path(sha256, about.format)
      if (old) await rm(file, { force: true })
      else await rename(file, path)
      const origins = [...(old?.origins ?? []).filter(({ key }) => key !== origin.key), origin]
      const now = Date.now()
      // What is known of an image only gets better.
      const better = old === undefined || (old.osId === 'unknown' && about.osId !== 'unknown')
      const note = { ...(old ? noteOf(old) : { sha256, addedAt: now }), ...(better ? about : {}), origins }
      await this.#write(sha256, Note.parse(note))
      const stored = await this.#read(sha256)
      if (stored) return stored
      throw new Error(`the image ${sha256} vanished while it was taken in`)
    })
  }

  /** Notes that a wish is met by an image that is here. */
  async addOrigin(image: StoredImage, origin: Origin): Promise<void> {
    await this.#locked(image.sha256, async () => {
      const found = await this.#read(image.sha256)
      if (!found) throw gone()
      const origins = [...found.origins.filter(({ key }) => key !== origin.key), origin]
      await this.#write(image.sha256, { ...noteOf(found), origins })
    })
  }

  /** Says that it was used now. */
  async touch(sha256: string): Promise<void> {
    const now = new Date()
    await utimes(join(this.#folder, 'base', `${sha256}.json`), now, now).catch(() => undefined)
  }

  /**
   * Keeps an image from being deleted as long as the file `user` (absolute, for instance an overlay) exists. Say it before
   * that file is made. Throws `not-found` when the image is gone.
   */
  async reserve(sha256: string, user: string): Promise<void> {
    if (!DIGEST.test(sha256)) throw gone()
    await this.#locked(sha256, async () => {
      if (!(await this.#read(sha256))) throw gone()
      await writeFileAtomic(this.#reservation(sha256, user), JSON.stringify({ user }))
    })
  }

  /** Says that `user` was made, or never will be: from now on the image is kept only while that file exists. */
  async settle(sha256: string, user: string): Promise<void> {
    await utimes(this.#reservation(sha256, user), 0, 0).catch(() => undefined)
  }

  /** The digest of the image that lies, or lay, at a path; undefined for a file that is not in this cache. */
  digestAt(path: string): string | undefined {
    return dirname(path) === join(this.#folder, 'base') ? FILE.exec(basename(path))?.[1] : undefined
  }

  /** Files that need the image, as far as it was said. `prune` forgets those that are gone. */
  async users(sha256: string, prune = false): Promise<string[]> {
    const folder = join(this.#folder, 'users', sha256)
    const found: string[] = []
    for (const name of await readdir(folder).catch(() => [])) {
      const path = join(folder, name)
      const text = await readFile(path, 'utf8').catch(() => '')
      const age = Date.now() - ((await stat(path).catch(() => undefined))?.mtimeMs ?? 0)
      const user = /"user":("(?:[^"\\]|\\.)*")/.exec(text)?.[1]
      if (user === undefined) continue
      const file = z.string().parse(JSON.parse(user))
      if ((await exists(file)) || age < RESERVED_MS) found.push(file)
      else if (prune) await rm(path, { force: true })
    }
    return found
  }

  /** Removes an image. Throws `precondition` while something is made from it. `alsoUsed`: files known from elsewhere. */
  async remove(sha256: string, alsoUsed: readonly string[] = []): Promise<void> {
    const image = await this.get(sha256)
    await this.#locked(image.sha256, async () => {
      const users = [...(await this.users(image.sha256, true)), ...alsoUsed]
      if (users.length > 0)
        throw new RemoteError({
          kind: 'precondition',
          message: `“${image.name}” is what ${users.slice(0, 3).join(', ')}${users.length > 3 ? ' and others' : ''} is built on.`,
          hint: 'Delete those machines first.',
        })
      await rm(join(this.#folder, 'base', `${image.sha256}.json`), { force: true })
      await rm(image.path, { force: true })
      await rm(join(this.#folder, 'users', image.sha256), { recursive: true, force: true })
    })
  }

  #path(sha256: string, format: StoredFormat): string {
    return join(this.#folder, 'base', `${sha256}.${format}`)
  }

  #reservation(sha256: string, user: string): string {
    const name = createHash('sha256').update(user).digest('hex').slice(0, 32)
    return join(this.#folder, 'users', sha256, name)
  }

  async #makeFolders(): Promise<void> {
    await mkdir(join(this.#folder, 'base'), { recursive: true, mode: 0o755 })
    for (const folder of [this.#folder, join(this.#folder, 'base')]) {
      // A narrow umask would keep QEMU's user out; somebody else's folder is left as it is.
      await chmod(folder, 0o755).catch(() => undefined)
    }
    await access(this.#folder, constants.W_OK).catch(() => {
      throw new RemoteError({ kind: 'permission', message: `“${this.#folder}” may not be written by this user.` })
    })
  }

  #locked<T>(sha256: string, work: () => Promise<T>): Promise<T> {
    return withFileLock(join(this.#folder, 'base', `.${sha256}.lock`), work)
  }

  async #write(sha256: string, note: z.infer<typeof Note>): Promise<void> {
    await writeFileAtomic(join(this.#folder, 'base', `${sha256}.json`), JSON.stringify(note, null, 1), 0o600)
  }

  async #read(sha256: string): Promise<StoredImage | undefined> {
    const file = join(this.#folder, 'base', `${sha256}.json`)
    try {
      const note = Note.parse(JSON.parse(await readFile(file, 'utf8')))
      const path = this.#path(sha256, note.format)
      const [found, noted] = [await stat(path), await stat(file)]
      return { ...note, sha256, path, fileBytes: found.size, usedAt: noted.mtimeMs }
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT'))
        log.warn('an image is passed over', { file, error: String(error) })
      return undefined
    }
  }
}

/** Only what is certainly gone is gone: a pool’s folder may be closed to this user. */
const exists = async (path: string): Promise<boolean> => {
  try {
    await stat(path)
    return true
  } catch (error) {
    return !(error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR'))
  }
}
const gone = () => new RemoteError({ kind: 'not-found', message: 'This image was removed in the meantime.' })
const noteOf = ({ path: _path, fileBytes: _bytes, usedAt: _used, ...note }: StoredImage): z.infer<typeof Note> => note

/** Where images of this user lie. QEMU's own user must be able to walk there, which a root's home does not allow. */
export const imageFolder = (environment: NodeJS.ProcessEnv = process.env): string => {
  const own = environment['XDG_CACHE_HOME']
  if (own) return join(own, 'vireo', 'images')
  if (process.getuid?.() === 0) return '/var/cache/vireo/images'
  return join(environment['HOME'] ?? '/', '.cache', 'vireo', 'images')
}
