/** What a new machine starts from. */
import { stat } from 'node:fs/promises'
import { isAbsolute } from 'node:path'
import { RemoteError } from '../../contract/index.ts'
import type { Operation } from '../../hypervisor/driver.ts'
import { CATALOGUE, type Resources } from '../../image/catalogue.ts'
import { inspectDisk } from '../../image/qemu-img.ts'

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
  /** What the catalogue says is enough; absent or null where it says nothing. */
  readonly suggested?: Resources | null
}

export interface IsoSource {
  readonly kind: 'iso'
  readonly path: string
  readonly bytes: number
  readonly osId: string | null
  readonly suggested?: Resources | null
}

export type Source = ImageSource | IsoSource

/** Finds what a person named. `fetch` false: nothing may be downloaded or built for it. */
export type ResolveSource = (source: string, operation: Operation, fetch: boolean) => Promise<Source>

/** Keeps images from being deleted while machines are built on them; files that are nobody's images are no matter. */
export interface ImageHold {
  /** Said before `user`, a file built on the image at `path`, is made. Rejects with `not-found` when that is gone. */
  reserve(path: string, user: string): Promise<void>
  /** `user` was made, or will not be: its existence alone tells from now on. */
  settle(path: string, user: string): Promise<void>
}

export const NO_HOLD: ImageHold = { reserve: async () => undefined, settle: async () => undefined }

/** Of a system of the catalogue libosinfo's name, by which guests and other tools know it, and what is enough for it. */
const knownOf = (id: string | null) => {
  const entry = id === null ? undefined : CATALOGUE.find(one => one.id === id)
  return { osId: entry?.osinfo ?? null, suggested: entry?.suggested ?? null }
}

/** What a source that is not here yet will be, as far as its words tell. */
export const presumedSource = (words: string): Source => {
  const [, id = '', iso] = /^(?:build:)?(.*?)(:iso)?$/.exec(words) ?? []
  const entry = CATALOGUE.find(one => one.id === id)
  const known = { path: '', bytes: 0, ...knownOf(entry?.id ?? null) }
  if (iso !== undefined || /\.iso$/i.test(words)) return { kind: 'iso', ...known }
  const { defaultUser = null, firmware = 'any' } = entry ?? {}
  return { kind: 'image', format: 'qcow2', ...known, defaultUser, firmware }
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
  (images: ResolveSource): ResolveSource =>
  async (words, operation, fetch) => {
    if (isAbsolute(words)) {
      await mustBeFile(words)
      const { format, bytes } = await inspectDisk(words, operation.signal)
      if (format === 'iso') return { kind: 'iso', path: words, bytes, osId: null }
      const own = { kind: 'image', path: words, bytes, osId: null, defaultUser: null, firmware: 'any' } as const
      if (format === 'qcow2' || format === 'raw') return { ...own, format }
    }
    const found = await images(words, operation, fetch)
    return { ...found, ...knownOf(found.osId) }
  }
