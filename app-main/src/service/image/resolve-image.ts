/** What a new machine starts from, found by the words a person typed. */
import { createLog } from '../../base/log.ts'
import { RemoteError } from '../../contract/index.ts'
import type { Operation } from '../../hypervisor/driver.ts'
import { CATALOGUE } from '../../image/catalogue.ts'
import type { StoredImage } from '../../image/image-cache.ts'
import type { ImageSource } from '../../image/source.ts'
import { tellTask, type ImageDesk } from './image-desk.ts'

const log = createLog('image')

/** An image to be laid over, or a medium to install from; what is known of it. */
export type FoundSource =
  | {
      readonly kind: 'image'
      readonly path: string
      readonly format: 'qcow2' | 'raw'
      readonly bytes: number
      readonly osId: string | null
      readonly defaultUser: string | null
      readonly firmware: 'bios' | 'uefi' | 'any'
    }
  | { readonly kind: 'iso'; readonly path: string; readonly bytes: number; readonly osId: string | null }

const found = (image: StoredImage, as?: string): FoundSource => {
  const { path, format, bytes, fileBytes, defaultUser, firmware } = image
  const osId = as ?? (image.osId === 'unknown' ? null : image.osId)
  return format === 'iso'
    ? { kind: 'iso', path, bytes: fileBytes, osId }
    : { kind: 'image', path, format, bytes, osId, defaultUser, firmware }
}

/** The same system made here, where that is possible at all. */
const builtInstead = (desk: ImageDesk, source: ImageSource): ImageSource | undefined => {
  if (source.kind !== 'catalogue' || source.what === 'iso') return undefined
  const entry = CATALOGUE.find(({ id }) => id === source.id)
  return entry?.build ? desk.build(entry.id) : undefined
}

const isNetwork = (error: unknown) =>
  error instanceof RemoteError && (error.detail.kind === 'timeout' || error.detail.kind === 'connection')

/**
 * Gives the image of `words`: one that is here, else what the vendor has, else, where no vendor can be reached, one made
 * from packages. `fetch` false: nothing is downloaded or made, and what is not here is a `precondition`.
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
