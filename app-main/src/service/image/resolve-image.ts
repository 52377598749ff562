/** What a new machine starts from, found by the words a person typed. */
import { join } from 'node:path'
import { createLog } from '../../base/log.ts'
import { RemoteError, type CatalogueImage } from '../../contract/index.ts'
import type { Operation } from '../../hypervisor/driver.ts'
import { CATALOGUE, catalogueEntry } from '../../image/catalogue.ts'
import type { ImageAgent, StoredImage } from '../../image/image-cache.ts'
import { fileFailure, inspectDisk } from '../../image/qemu-img.ts'
import type { ImageSource } from '../../image/source.ts'
import { tellTask, type ImageDesk } from './image-desk.ts'

const log = createLog('image')

/** Which source is taken, and why that one. */
export interface Taken {
  readonly from: 'cache' | 'build' | 'download' | 'file'
  /** An English sentence. */
  readonly why: string
}

/** An image to be laid over, or a medium to install from; what is known of it. */
export type FoundSource = (
  | {
      readonly kind: 'image'
      readonly path: string
      readonly format: 'qcow2' | 'raw'
      readonly bytes: number
      readonly osId: string | null
      readonly defaultUser: string | null
      readonly firmware: 'bios' | 'uefi' | 'any'
      /** It brings them with it. */
      readonly agents: readonly ImageAgent[]
    }
  | { readonly kind: 'iso'; readonly path: string; readonly bytes: number; readonly osId: string | null }
) & {
  /** It is not here yet: how it will come. Path and size then only say where and how large about. */
  readonly pending?: string
  /** The system of the catalogue from whose packages it will be made. */
  readonly builds?: string
  /** Told only where nothing is fetched for it. */
  readonly taken?: Taken
}

const found = (image: StoredImage, as?: string): FoundSource => {
  const { path, format, bytes, fileBytes, defaultUser, firmware, agents } = image
  const osId = as ?? (image.osId === 'unknown' ? null : image.osId)
  return format === 'iso'
    ? { kind: 'iso', path, bytes: fileBytes, osId }
    : { kind: 'image', path, format, bytes, osId, defaultUser, firmware, agents }
}

/** The same system made here, where that is possible at all. */
const builtInstead = (desk: ImageDesk, source: ImageSource): Extract<ImageSource, { kind: 'build' }> | undefined => {
  if (source.kind !== 'catalogue' || source.what === 'iso') return undefined
  const entry = CATALOGUE.find(({ id }) => id === source.id)
  return entry?.build ? desk.build(entry.id) : undefined
}

/** What is known of a system before its image is here; null where not even its kind is. */
const expectedSource = ({ store: { cache } }: ImageDesk, source: ImageSource): FoundSource | null => {
  const at = (id: string, extension: string) => join(cache.folder, 'base', `${id}.${extension}`)
  if (source.kind === 'build') {
    const { distribution, suite } = source.recipe
    const entry = CATALOGUE.find(({ build }) => build?.distribution === distribution && build.suite === suite)
    if (!entry) return null
    const agents: ImageAgent[] = ['qemu-ga', ...(source.recipe.agentFolder === null ? [] : (['vireo'] as const))]
    const { id, defaultUser, firmware } = entry
    const image = { kind: 'image', path: at(id, 'qcow2'), format: 'qcow2', bytes: 0, osId: id, builds: id } as const
    return { ...image, defaultUser, firmware, agents, pending: `It will be made from the packages of ${entry.name}.` }
  }
  if (source.kind !== 'catalogue') return null
  const { id, name, defaultUser, firmware } = catalogueEntry(source.id)
  const pending = `It will be downloaded from the vendor of ${name}.`
  if (source.what === 'iso') return { kind: 'iso', path: at(id, 'iso'), bytes: 0, osId: id, pending }
  const image = { kind: 'image', path: at(id, 'qcow2'), format: 'qcow2', bytes: 0, osId: id } as const
  return { ...image, defaultUser, firmware, agents: [], pending }
}

/** The vendor's own image, whatever else there is: a person said so. */
const VENDOR = /^image:/

/** A file that machines are built on where it lies: it is looked at each time, for it may have changed. */
export const whereItLies = async (
  { path, about }: Pick<FileSource, 'path' | 'about'>,
  { signal }: Pick<Operation, 'signal'>,
): Promise<FoundSource> => {
  const { format, bytes } = await inspectDisk(path, signal).catch((error: unknown) => {
    throw fileFailure(path, error)
  })
  const osId = about?.osId ?? null
  if (format === 'iso') return { kind: 'iso', path, bytes, osId }
  if (format !== 'qcow2' && format !== 'raw')
    throw new RemoteError({
      kind: 'unsupported',
      message: `A disk of the kind ${format} cannot be used where it lies.`,
      hint: `vireo image import ${path} copies it.`,
    })
  const { defaultUser = null, firmware = 'any' } = about ?? {}
  return { kind: 'image', path, format, bytes, osId, defaultUser, firmware, agents: [] }
}

export const WHERE_IT_LIES = 'The file is used where it lies.'

type FileSource = Extract<ImageSource, { kind: 'file' }>

/** Undefined where it could not be made, which is told in `failures`. Rejects when it was cancelled. */
const made = async (
  { store }: ImageDesk,
  build: ImageSource,
  { signal, progress }: Operation,
  failures: RemoteError[],
): Promise<StoredImage | undefined> => {
  try {
    return await store.fetch(build, { signal, progress: tellTask({ progress }) })
  } catch (error) {
    if (signal.aborted || !(error instanceof RemoteError) || error.detail.kind === 'cancelled') throw error
    log.info('an image cannot be made from packages, the vendor is asked', { error: error.detail.message })
    failures.push(error)
    return undefined
  }
}

/** What the vendor has; where it cannot be reached either, both reasons. */
const downloaded = async (
  { store }: ImageDesk,
  source: ImageSource,
  { signal, progress }: Operation,
  failures: readonly RemoteError[],
): Promise<StoredImage> => {
  try {
    return await store.fetch(source, { signal, progress: tellTask({ progress }) })
  } catch (error) {
    const [failure] = failures
    if (!failure || signal.aborted || !isNetwork(error)) throw error
    const { message, ...detail } = error.detail
    const both = `${message} Nor can it be made from packages: ${failure.detail.message}`
    throw new RemoteError({ ...detail, message: both }, { cause: error })
  }
}

const isNetwork = (error: unknown): error is RemoteError =>
  error instanceof RemoteError && (error.detail.kind === 'timeout' || error.detail.kind === 'connection')

/** The same order as `resolveImage` takes. */
const takenOf = (desk: ImageDesk, words: string, source: ImageSource, here: boolean): Taken => {
  if (here) return { from: 'cache', why: 'Its image is here already.' }
  if (source.kind === 'build') return { from: 'build', why: 'An image made from packages was asked for.' }
  if (VENDOR.test(words)) return { from: 'download', why: 'The image of its vendor was asked for.' }
  const instead = builtInstead(desk, source)
  if (!instead) return { from: 'download', why: 'It is not here.' }
  const obstacle = desk.unbuildable(instead)
  return obstacle === null
    ? { from: 'build', why: 'No image of it is here, and this computer can make one from packages.' }
    : { from: 'download', why: `No image of it is here, and this computer cannot make one: ${obstacle}` }
}

/** What is taken of a system when only its name is said; null where only its medium can be had. */
export const firstOf = (
  desk: ImageDesk,
  { id, ways, cached }: Pick<CatalogueImage, 'id' | 'ways' | 'cached'>,
): CatalogueImage['first'] => {
  if (cached !== null) return 'cache'
  const buildable = ways.includes('build') && desk.unbuildable(desk.build(id)) === null
  return buildable ? 'build' : ways.includes('image') ? 'download' : null
}

const notHere = (words: string) =>
  new RemoteError({
    kind: 'precondition',
    message: `The image of “${words.slice(0, 200)}” is not here yet.`,
    hint: `vireo image fetch ${words.slice(0, 200)} brings it.`,
  })

/**
 * Gives the image of `words` from the first source that can be reached: one that is here, else one made from packages where
 * this computer can do that, else what the vendor has. `fetch` false: nothing is downloaded or made, and of what is not here
 * only that is told which is known of it; where that is not enough, `precondition`.
 */
export const resolveImage =
  (desk: ImageDesk) =>
  async (words: string, operation: Operation, fetch: boolean): Promise<FoundSource> => {
    const { store } = desk
    const source = await desk.source({ source: words })
    if (source.kind === 'file' && source.inPlace)
      return { ...(await whereItLies(source, operation)), taken: { from: 'file', why: WHERE_IT_LIES } }
    const osId = source.kind === 'catalogue' ? source.id : undefined
    const instead = VENDOR.test(words) ? undefined : builtInstead(desk, source)
    const here = (await store.cached(source)) ?? (instead ? await store.cached(instead) : null)
    const taken = fetch ? {} : { taken: takenOf(desk, words, source, here !== null) }
    if (here && (!fetch || source.kind !== 'catalogue')) return { ...found(here, osId), ...taken }
    const build = instead && desk.unbuildable(instead) === null ? instead : undefined
    if (!fetch) {
      const expected = expectedSource(desk, build ?? source)
      if (expected) return { ...expected, ...taken }
      throw notHere(words)
    }
    if (here?.origins.every(({ key }) => key.startsWith('build:'))) return found(here, osId)
    const failures: RemoteError[] = []
    const own = build && !here ? await made(desk, build, operation, failures) : undefined
    return found(own ?? (await downloaded(desk, source, operation, failures)), osId)
  }
