/** What a new machine starts from, found by the words a person typed. */
import { join } from 'node:path'
import { createLog } from '../../base/log.ts'
import { RemoteError } from '../../contract/index.ts'
import type { Operation } from '../../hypervisor/driver.ts'
import { CATALOGUE, catalogueEntry } from '../../image/catalogue.ts'
import type { ImageAgent, StoredImage } from '../../image/image-cache.ts'
import type { ImageSource } from '../../image/source.ts'
import { tellTask, type ImageDesk } from './image-desk.ts'

const log = createLog('image')

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
}

const found = (image: StoredImage, as?: string): FoundSource => {
  const { path, format, bytes, fileBytes, defaultUser, firmware, agents } = image
  const osId = as ?? (image.osId === 'unknown' ? null : image.osId)
  return format === 'iso'
    ? { kind: 'iso', path, bytes: fileBytes, osId }
    : { kind: 'image', path, format, bytes, osId, defaultUser, firmware, agents }
}

/** The same system made here, where that is possible at all. */
const builtInstead = (desk: ImageDesk, source: ImageSource): ImageSource | undefined => {
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
    const image = { kind: 'image', path: at(id, 'qcow2'), format: 'qcow2', bytes: 0, osId: id } as const
    return { ...image, defaultUser, firmware, agents, pending: `It will be made from the packages of ${entry.name}.` }
  }
  if (source.kind !== 'catalogue') return null
  const { id, name, defaultUser, firmware } = catalogueEntry(source.id)
  const pending = `It will be downloaded from the vendor of ${name}.`
  if (source.what === 'iso') return { kind: 'iso', path: at(id, 'iso'), bytes: 0, osId: id, pending }
  const image = { kind: 'image', path: at(id, 'qcow2'), format: 'qcow2', bytes: 0, osId: id } as const
  return { ...image, defaultUser, firmware, agents: [], pending }
}

const isNetwork = (error: unknown) =>
  error instanceof RemoteError && (error.detail.kind === 'timeout' || error.detail.kind === 'connection')

/**
 * Gives the image of `words`: one that is here, else what the vendor has, else, where no vendor can be reached, one made
 * from packages. `fetch` false: nothing is downloaded or made, and of what is not here only that is told which is known of
 * it; where that is not enough, `precondition`.
 */
export const resolveImage =
  (desk: ImageDesk) =>
  async (words: string, operation: Operation, fetch: boolean): Promise<FoundSource> => {
    const { store } = desk
    const source = await desk.source({ source: words })
    const osId = source.kind === 'catalogue' ? source.id : undefined
    const instead = builtInstead(desk, source)
    const here = (await store.cached(source)) ?? (instead ? await store.cached(instead) : null)
    if (here && (!fetch || source.kind !== 'catalogue')) return found(here, osId)
    const expected = fetch ? null : expectedSource(desk, source)
    if (expected) return expected
    if (!fetch)
      throw new RemoteError({
        kind: 'precondition',
        message: `The image of “${words.slice(0, 200)}” is not here yet.`,
        hint: `vireo image fetch ${words.slice(0, 200)} brings it.`,
      })
    const { signal } = operation
    const progress = tellTask(operation)
    try {
      if (here?.origins.every(({ key }) => key.startsWith('build:'))) return found(here, osId)
      return found(await store.fetch(source, { signal, progress }), osId)
    } catch (error) {
      if (!instead || !isNetwork(error) || signal.aborted) throw error
      log.info('no vendor can be reached, the image is made from packages', { words })
      return await store.fetch(instead, { signal, progress }).then(
        image => found(image, osId),
        (cause: unknown) => {
          // That nothing can be built here is no news to somebody who wanted a download.
          throw cause instanceof RemoteError && cause.detail.kind === 'unsupported' ? error : cause
        },
      )
    }
  }
