/** What a new machine starts from. */
import { stat } from 'node:fs/promises'
import { isAbsolute } from 'node:path'
import { RemoteError } from '../../contract/index.ts'
import type { Operation } from '../../hypervisor/driver.ts'
import { CATALOGUE, type Resources } from '../../image/catalogue.ts'
import type { ImageAgent } from '../../image/image-cache.ts'
import { inspectDisk } from '../../image/qemu-img.ts'
import { WHERE_IT_LIES, type FoundSource, type Taken } from '../image/resolve-image.ts'
import { catalogueIdOf } from './known-media.ts'
import { volumeMarks, type OsinfoDatabase, type OsResources } from './osinfo.ts'

/** What a system wants of its machine. */
export interface Wishes {
  readonly name: string
  readonly minimum: OsResources
  readonly recommended: OsResources
}

/** An image that machines are built on and that nobody writes to. */
export interface ImageSource {
  readonly kind: 'image'
  /** Absolute. */
  readonly path: string
  readonly format: 'qcow2' | 'raw'
  /** What the guest sees. */
  readonly bytes: number
  readonly osId: string | null
  readonly defaultUser: string | null
  readonly firmware: 'bios' | 'uefi' | 'any'
  /** It brings them with it. */
  readonly agents: readonly ImageAgent[]
  readonly wishes: Wishes | null
  /** It is not here yet: how it will come. Path and size then only say where and how large about. */
  readonly pending?: string
  /** The system of the catalogue from whose packages it will be made. */
  readonly builds?: string
  /** Which source it is and why that one; told only where nothing is fetched for it. */
  readonly taken?: Taken
}

export interface IsoSource {
  readonly kind: 'iso'
  readonly path: string
  readonly bytes: number
  readonly osId: string | null
  readonly wishes: Wishes | null
  readonly pending?: string
  readonly taken?: Taken
}

export type Source = ImageSource | IsoSource

/** Finds what a person named. `fetch` false: nothing may be downloaded or built for it. */
export type ResolveSource = (source: string, operation: Operation, fetch: boolean) => Promise<Source>
/** The same, with what the image room knows: systems by their names in the catalogue. */
export type ResolveImage = (source: string, operation: Operation, fetch: boolean) => Promise<FoundSource>

/** Keeps images from being deleted while machines are built on them; files that are nobody's images are no matter. */
export interface ImageHold {
  /** Said before `user`, a file built on the image at `path`, is made. Rejects with `not-found` when that is gone. */
  reserve(path: string, user: string): Promise<void>
  /** `user` was made, or will not be: its existence alone tells from now on. */
  settle(path: string, user: string): Promise<void>
}

export const NO_HOLD: ImageHold = { reserve: async () => undefined, settle: async () => undefined }

const inBytes = ({ vcpus, memoryMiB, diskGiB }: Resources): OsResources => ({
  ...{ cpus: vcpus, memoryBytes: memoryMiB * 2 ** 20, diskBytes: diskGiB * 2 ** 30 },
})

/** Of a system of the catalogue libosinfo's name, by which guests and other tools know it, and what it wants. */
const knownAs = (id: string | null): Pick<Source, 'osId' | 'wishes'> => {
  const entry = CATALOGUE.find(one => one.id === id)
  if (!entry) return { osId: null, wishes: null }
  const wishes = { name: entry.name, minimum: inBytes(entry.minimum), recommended: inBytes(entry.suggested) }
  return { osId: entry.osinfo, wishes }
}

/** What a source that cannot be found will be, as far as its words tell. */
export const presumedSource = (words: string): Source => {
  const [, id = '', iso] = /^(?:build:|image:)?(.*?)(:iso)?$/.exec(words) ?? []
  const entry = CATALOGUE.find(one => one.id === id)
  const known = { path: '', bytes: 0, ...knownAs(entry?.id ?? null) }
  if (iso !== undefined || /\.iso$/i.test(words)) return { kind: 'iso', ...known }
  const { defaultUser = null, firmware = 'any' } = entry ?? {}
  return { kind: 'image', format: 'qcow2', agents: [], ...known, defaultUser, firmware }
}

/**
 * Nothing depends on it: a medium that nobody can name is a medium all the same. libosinfo's database knows more systems;
 * without it, and for those that are newer, the catalogue's own are known.
 */
const recognised = async (path: string, database: OsinfoDatabase): Promise<Pick<Source, 'osId' | 'wishes'>> => {
  const marks = await volumeMarks(path).catch(() => null)
  if (marks === null) return { osId: null, wishes: null }
  const found = await database.byMarks(marks)
  if (!found) return knownAs(catalogueIdOf(marks))
  const { id, name, minimum, recommended } = found
  return { osId: id, wishes: { name, minimum, recommended } }
}

const mustBeFile = async (path: string): Promise<void> => {
  const facts = await stat(path).catch((cause: NodeJS.ErrnoException) => {
    const missing = cause.code === 'ENOENT' || cause.code === 'ENOTDIR'
    const message = missing ? `There is no file “${path}”.` : `“${path}” cannot be read: ${cause.message}`
    throw new RemoteError({ kind: missing ? 'not-found' : 'permission', message }, { cause })
  })
  // Nothing else is opened: a pipe would keep us waiting.
  if (!facts.isFile()) throw new RemoteError({ kind: 'invalid-input', message: `“${path}” is no file.` })
}

/**
 * Files of this computer are used where they lie, when machines can be built on them as they are; everything else is the
 * image room's.
 */
export const sourceFinder =
  (images: ResolveImage, database: OsinfoDatabase): ResolveSource =>
  async (words, operation, fetch) => {
    if (isAbsolute(words)) {
      await mustBeFile(words)
      const { format, bytes } = await inspectDisk(words, operation.signal)
      const taken: Taken = { from: 'file', why: WHERE_IT_LIES }
      if (format === 'iso') return { kind: 'iso', path: words, bytes, taken, ...(await recognised(words, database)) }
      const unknown = { taken, osId: null, wishes: null, defaultUser: null, firmware: 'any', agents: [] } as const
      if (format === 'qcow2' || format === 'raw') return { kind: 'image', path: words, bytes, format, ...unknown }
    }
    const found = await images(words, operation, fetch)
    if (found.kind === 'iso' && found.osId === null) return { ...found, ...(await recognised(found.path, database)) }
    return { ...found, ...knownAs(found.osId) }
  }
