/** What a person can ask an image of. */
import { createHash } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { isAbsolute } from 'node:path'
import { RemoteError } from '../contract/index.ts'
import { catalogueEntry, ownArchitecture, type Architecture, type Firmware } from './catalogue.ts'
import { parseChecksum, type Checksum } from './checksums.ts'
import { shownAddress, webAddress } from './http.ts'
import { recipeKey, type Recipe } from './recipe.ts'

/** What a person says of an image of their own. */
export interface Description {
  readonly name?: string | undefined
  readonly osId?: string | undefined
  readonly defaultUser?: string | null | undefined
  readonly firmware?: Firmware | undefined
}

export type ImageSource =
  /** What the vendor has now. `what` is `image` unless told. */
  | {
      readonly kind: 'catalogue'
      readonly id: string
      readonly what?: 'image' | 'iso'
      readonly architecture?: Architecture
    }
  | { readonly kind: 'url'; readonly url: string; readonly checksum?: string | undefined; readonly about?: Description }
  /** A file of this computer; copied into the cache, or used where it lies. */
  | {
      readonly kind: 'file'
      readonly path: string
      readonly inPlace?: boolean
      readonly raw?: boolean
      readonly about?: Description
    }
  /** What a machine's disk holds, bases included; the machine must be off. */
  | {
      readonly kind: 'machine'
      /** Of its own layer. */
      readonly path: string
      readonly format: 'qcow2' | 'raw'
      /** What the machine starts by, where nothing else is known. */
      readonly firmware: 'bios' | 'uefi'
      readonly about?: Description
    }
  /** Made here from a distribution's package mirror. */
  | { readonly kind: 'build'; readonly recipe: Recipe }
  /** One that is in the cache. */
  | { readonly kind: 'cached'; readonly sha256: string }

/** Throws `invalid-input` where something that was given as a checksum is none. */
export const checksumOf = (text: string | undefined): Checksum | null => {
  if (text === undefined || text.trim() === '') return null
  const checksum = parseChecksum(text)
  if (checksum) return checksum
  throw new RemoteError({
    kind: 'invalid-input',
    message: 'This is no checksum that Vireo knows.',
    hint: 'Give the 64 digits of a SHA-256 or the 128 of a SHA-512.',
  })
}

/** A form that is equal for equal wishes, without passwords. Throws `not-found` and `invalid-input`. */
export const sourceKey = async (source: ImageSource): Promise<string> => {
  switch (source.kind) {
    case 'catalogue': {
      const { id, what = 'image', architecture = ownArchitecture() } = source
      return `catalogue:${catalogueEntry(id).id}:${what}:${architecture}`
    }
    case 'url': {
      const checksum = checksumOf(source.checksum)
      const { href, search } = webAddress(source.url)
      // Other words after the question mark may mean another file, and may be secret.
      const query = search === '' ? '' : `?${createHash('sha256').update(search).digest('hex').slice(0, 32)}`
      return `url:${shownAddress(href)}${query}${checksum ? `#${checksum.digest}` : ''}`
    }
    case 'file': {
      const { dev, ino, size, mtimeMs } = await fileStat(source.path)
      return `file:${dev}:${ino}:${size}:${mtimeMs}:${source.raw === true ? 'raw' : ''}`
    }
    case 'machine': {
      const { dev, ino, size, mtimeMs } = await fileStat(source.path)
      return `machine:${dev}:${ino}:${size}:${mtimeMs}`
    }
    case 'build':
      return `build:${await recipeKey(source.recipe)}`
    case 'cached':
      return `cached:${source.sha256}`
  }
}

const fileStat = async (path: string) => {
  if (!isAbsolute(path) || path.includes('\0'))
    throw new RemoteError({ kind: 'invalid-input', message: 'The path of a file must be absolute.' })
  const found = await stat(path)
  if (found.isFile()) return found
  throw new RemoteError({ kind: 'invalid-input', message: `“${path}” is not a file.` })
}
