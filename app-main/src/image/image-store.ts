/** One door to images: whatever is asked for, the answer is a file in the cache that was checked, or the reason why not. */
import { rm, stat } from 'node:fs/promises'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { createLog } from '../base/log.ts'
import { RemoteError } from '../contract/index.ts'
import { CATALOGUE, catalogueEntry, ownArchitecture, type Firmware } from './catalogue.ts'
import { copyHashed } from './copy-file.ts'
import { flattenLayers, readLayers } from './disk-chain.ts'
import { ensureSpace, freeBytes, type FreeBytes } from './disk-space.ts'
import { fetchFile, type Fetched } from './fetch-file.ts'
import { holdLock, isHeld } from './hold-lock.ts'
import { HttpClient, shownAddress } from './http.ts'
import { ImageCache, sha256Of, type About, type ImageAgent, type Signature, type StoredImage } from './image-cache.ts'
import { MIRROR_BUILDER, type ImageBuilder } from './mirror-build.ts'
import type { ImageProgress } from './image-progress.ts'
import { convertDisk, fileFailure, inspectDisk } from './qemu-img.ts'
import { resolveEntry, type Resolved } from './resolve.ts'
import { SharedWork } from './shared-work.ts'
import { checksumOf, sourceKey, type Description, type ImageSource } from './source.ts'
import { sweepFolders } from './sweep.ts'

const log = createLog('image')

/** What a new machine's disk is laid over. */
export interface BaseImage {
  /** Absolute; never to be written. */
  readonly path: string
  readonly format: 'qcow2' | 'raw'
  /** Size of the disk the guest sees: a new disk is at least as large. */
  readonly bytes: number
  /** Entry of the catalogue, or `unknown`. */
  readonly osId: string
  readonly defaultUser: string | null
  readonly firmware: Firmware
  /** Of the file at `path`; null for a file used in place. Give it to `reserve` before an overlay is made. */
  readonly sha256: string | null
  readonly signature: Signature
}

export interface ObtainOptions {
  readonly signal: AbortSignal
  readonly progress?: (progress: ImageProgress) => void
  /** Ask the vendor again, whatever is here. */
  readonly refresh?: boolean
}

export interface ImageStoreOptions {
  readonly folder: string
  readonly http?: HttpClient
  readonly free?: FreeBytes
  /** A person's own public keys of vendors. */
  readonly keyFolder?: string | undefined
  /** How long an image is taken as current without asking, milliseconds. */
  readonly currentMs?: number
  /** Milliseconds before a second attempt to download. */
  readonly retryMs?: number
  /** Another one than this computer's, for tests. */
  readonly builder?: ImageBuilder | undefined
}

const DAY = 86_400_000
type Tell = (progress: ImageProgress) => void

const UNKNOWN = { osId: 'unknown', defaultUser: null, firmware: 'any' } as const
const NO_SIGNATURE: Signature = { state: 'none', about: 'Nobody signs this image.' }

const describe = (name: string, about: Description = {}): Omit<About, 'format' | 'bytes'> => ({
  ...{ name: about.name ?? name, osId: about.osId ?? UNKNOWN.osId, firmware: about.firmware ?? UNKNOWN.firmware },
  ...{ defaultUser: about.defaultUser ?? null, architecture: null, signature: NO_SIGNATURE, agents: [] },
})

export class ImageStore {
  readonly cache: ImageCache
  readonly http: HttpClient
  readonly builder: ImageBuilder
  readonly #options: ImageStoreOptions
  readonly #free: FreeBytes
  readonly #shared = new SharedWork<StoredImage, ImageProgress>()

  constructor(options: ImageStoreOptions) {
    this.#options = options
    this.cache = new ImageCache(options.folder)
    this.http = options.http ?? new HttpClient()
    this.#free = options.free ?? freeBytes
    this.builder = options.builder ?? MIRROR_BUILDER
  }

  /** What is here already for a source, without asking anybody; null when nothing is. */
  async cached(source: ImageSource): Promise<StoredImage | null> {
    if (source.kind === 'cached') return this.cache.get(source.sha256)
    return (await this.cache.find(await sourceKey(source))) ?? null
  }

  /**
   * Gets the image of a source, from the cache or from where it is. Whoever wants the same at the same time shares the
   * work, also with other processes. Throws typed failures; an installation medium is `unsupported` here.
   */
  async obtain(source: ImageSource, options: ObtainOptions): Promise<BaseImage> {
    if (source.kind === 'file' && source.inPlace)
      return this.#inPlace(source.path, source.raw === true, source.about, options)
    return baseOf(await this.fetch(source, options))
  }

  /** The same for everything, installation media included. */
  async fetch(
    source: ImageSource,
    { signal, progress = () => undefined, refresh = false }: ObtainOptions,
  ): Promise<StoredImage> {
    try {
      const here = await this.cached(source)
      if (here && (source.kind === 'cached' || (!refresh && this.#isCurrent(source, here, await sourceKey(source))))) {
        await this.cache.touch(here.sha256)
        return here
      }
      const key = await sourceKey(source)
      return await this.#shared.join(key, signal, progress, (own, tell) =>
        this.#lockedFetch(source, key, here, own, tell),
      )
    } catch (error) {
      throw fileFailure('path' in source ? source.path : this.cache.folder, error)
    }
  }

  /** Keeps an image from being deleted while `user` exists; say it before that file is made. */
  async reserve(sha256: string, user: string): Promise<void> {
    await this.cache.reserve(sha256, user)
  }

  /** Removes what died downloads and crashes left behind, and parts that nobody went on with for so long, milliseconds. */
  async sweep(olderMs: number): Promise<number> {
    return sweepFolders(this.cache.folder, olderMs)
  }

  #isCurrent(source: ImageSource, image: StoredImage, key: string): boolean {
    // An address with a checksum and a file by its state never change their meaning.
    if (source.kind === 'file' || source.kind === 'machine' || (source.kind === 'url' && source.checksum)) return true
    const at = image.origins.find(origin => origin.key === key)?.at ?? 0
    return Date.now() - at < (this.#options.currentMs ?? 30 * DAY)
  }

  async #lockedFetch(source: ImageSource, key: string, here: StoredImage | null, signal: AbortSignal, tell: Tell) {
    const began = Date.now()
    const name = createHash('sha256').update(key).digest('hex').slice(0, 32)
    const folder = join(this.cache.folder, 'fetch', name)
    const waiting = () => tell({ step: 'wait', done: 0, total: null })
    const work = async () => {
      // Another process may have brought it while we waited.
      const found = await this.cache.find(key)
      if (found?.origins.some(origin => origin.key === key && origin.at >= began)) return found
      return this.#byKind(source, key, folder, signal, tell)
    }
    try {
      return await holdLock(`${folder}.lock`, signal, work, waiting)
    } catch (error) {
      const unreachable =
        error instanceof RemoteError && ['connection', 'timeout', 'not-found'].includes(error.detail.kind)
      if (!here || !unreachable || signal.aborted) throw error
      log.info('the vendor cannot be asked, the older image is used', { key, error: error.detail.message })
      return here
    }
  }

  #byKind(source: ImageSource, key: string, folder: string, signal: AbortSignal, tell: Tell): Promise<StoredImage> {
    switch (source.kind) {
      case 'catalogue':
        return this.#fromCatalogue(source, key, folder, signal, tell)
      case 'url': {
        const name = new URL(source.url).pathname.split('/').at(-1) || source.url
        const resolved = { url: source.url, name, checksum: checksumOf(source.checksum), signature: null }
        return this.#fromNetwork(resolved, describe(name, source.about), key, folder, signal, tell)
      }
      case 'file':
        return this.#fromFile(source.path, source.raw === true, source.about, key, signal, tell)
      case 'machine':
        return this.#fromMachine(source, key, signal, tell)
      case 'build':
        return this.#fromPackages(source, key, signal, tell)
      case 'cached':
        return this.cache.get(source.sha256)
    }
  }

  async #fromCatalogue(
    source: Extract<ImageSource, { kind: 'catalogue' }>,
    key: string,
    folder: string,
    signal: AbortSignal,
    tell: Tell,
  ): Promise<StoredImage> {
    const { id, what = 'image', architecture = ownArchitecture() } = source
    const entry = catalogueEntry(id)
    tell({ step: 'resolve', done: 0, total: null })
    const resolved = await resolveEntry(entry, what, architecture, this.http, signal)
    const { defaultUser, firmware } = entry
    const about = { name: what === 'iso' ? resolved.name : entry.name, osId: id, architecture, defaultUser, firmware }
    return this.#fromNetwork(resolved, { ...about, signature: NO_SIGNATURE, agents: [] }, key, folder, signal, tell)
  }

  async #fromNetwork(
    resolved: Resolved,
    about: Omit<About, 'format' | 'bytes'>,
    key: string,
    folder: string,
    signal: AbortSignal,
    tell: Tell,
  ): Promise<StoredImage> {
    const origin = { key, url: shownAddress(resolved.url), at: Date.now() }
    const wanted = resolved.checksum && `${resolved.checksum.algorithm}:${resolved.checksum.digest}`
    const known = wanted === null ? undefined : await this.cache.byChecksum(wanted)
    if (known) {
      await this.cache.addOrigin(known, { ...origin, checksum: wanted })
      return (await this.cache.find(key)) ?? known
    }
    const { http } = this
    const { keyFolder, retryMs } = this.#options
    const fetched: Fetched = await fetchFile(resolved, {
      ...{ http, folder, free: this.#free, keyFolder, signal, tell },
      ...(retryMs === undefined ? {} : { retryMs }),
    })
    const stored = await this.#takeIn(
      fetched.path,
      fetched.sha256,
      { ...about, signature: fetched.signature },
      {
        ...origin,
        checksum: fetched.checksum,
      },
      signal,
      tell,
    )
    await rm(folder, { recursive: true, force: true, maxRetries: 5 })
    return stored
  }

  /** Looks at a finished file, makes a qcow2 of what is neither qcow2 nor raw nor a medium, and adopts it. */
  async #takeIn(
    file: string,
    sha256: string,
    about: Omit<About, 'format' | 'bytes'>,
    origin: Parameters<ImageCache['adopt']>[3],
    signal: AbortSignal,
    tell: Tell,
    raw = false,
  ): Promise<StoredImage> {
    const { format, bytes } = await inspectDisk(file, signal, { raw })
    if (format === 'qcow2' || format === 'raw' || format === 'iso')
      return this.cache.adopt(file, sha256, { ...about, format, bytes }, origin)
    const folder = await this.cache.workshop()
    try {
      const to = join(folder, 'disk.qcow2')
      const progress = (done: number) => tell({ step: 'convert', done, total: 1 })
      await convertDisk({ from: file, format, to, folder, signal, progress })
      const made = await inspectDisk(to, signal)
      const own = { ...about, format: 'qcow2', bytes: made.bytes } as const
      return await this.cache.adopt(to, await sha256Of(to, signal), own, origin)
    } finally {
      await rm(folder, { recursive: true, force: true, maxRetries: 5 })
    }
  }

  async #fromFile(
    path: string,
    raw: boolean,
    own: Description | undefined,
    key: string,
    signal: AbortSignal,
    tell: Tell,
  ) {
    // Before anything is copied: what is no image, or names other files, costs nothing.
    const { format } = await inspectDisk(path, signal, { raw })
    const { size } = await stat(path)
    await ensureSpace(this.#free, this.cache.folder, size)
    const folder = await this.cache.workshop()
    try {
      const name = path.split('/').at(-1) ?? path
      const about = describe(name, own)
      const origin = { key, url: null, checksum: null, at: Date.now() }
      if (format !== 'qcow2' && format !== 'raw' && format !== 'iso')
        return await this.#takeIn(path, '', about, origin, signal, tell, raw)
      const copy = join(folder, 'copy')
      tell({ step: 'copy', done: 0, total: size })
      const sha256 = await copyHashed(path, copy, signal, done => tell({ step: 'copy', done, total: size }))
      return await this.#takeIn(copy, sha256, about, origin, signal, tell, raw)
    } finally {
      await rm(folder, { recursive: true, force: true, maxRetries: 5 })
    }
  }

  async #inPlace(
    path: string,
    raw: boolean,
    own: Description | undefined,
    { signal }: ObtainOptions,
  ): Promise<BaseImage> {
    const { format, bytes } = await inspectDisk(path, signal, { raw }).catch((error: unknown) => {
      throw fileFailure(path, error)
    })
    if (format !== 'qcow2' && format !== 'raw')
      throw new RemoteError({ kind: 'unsupported', message: `A disk of the kind ${format} has to be copied first.` })
    const { osId, defaultUser, firmware, signature } = describe('', own)
    return { path, format, bytes, osId, defaultUser, firmware, signature, sha256: null }
  }

  async #fromMachine(source: Extract<ImageSource, { kind: 'machine' }>, key: string, signal: AbortSignal, tell: Tell) {
    const layers = await readLayers(source.path, source.format)
    const { path, about: own = {}, firmware } = source
    const digests = layers.flatMap(layer => this.cache.digestAt(layer.path) ?? [])
    // What is known of the image that it was made of still holds.
    const base = digests[0] === undefined ? undefined : await this.cache.get(digests[0]).catch(() => undefined)
    const size = layers.reduce((sum, { bytes }) => sum + bytes, 0)
    await ensureSpace(this.#free, this.cache.folder, size)
    const folder = await this.cache.workshop()
    try {
      const to = join(folder, 'disk.qcow2')
      const progress = (done: number) => tell({ step: 'convert', done, total: 1 })
      await flattenLayers({ layers, to, folder, signal, progress })
      const about = {
        ...describe(path.split('/').at(-1) ?? path, own),
        ...{ osId: own.osId ?? base?.osId ?? UNKNOWN.osId, firmware: own.firmware ?? base?.firmware ?? firmware },
        ...{ defaultUser: own.defaultUser ?? base?.defaultUser ?? null, architecture: base?.architecture ?? null },
        agents: base?.agents ?? [],
      }
      const origin = { key, url: null, checksum: null, at: Date.now() }
      return await this.#takeIn(to, await sha256Of(to, signal), about, origin, signal, tell)
    } finally {
      await rm(folder, { recursive: true, force: true, maxRetries: 5 })
    }
  }

  async #fromPackages(source: Extract<ImageSource, { kind: 'build' }>, key: string, signal: AbortSignal, tell: Tell) {
    const { recipe } = source
    const entry = CATALOGUE.find(
      ({ build }) => build?.distribution === recipe.distribution && build.suite === recipe.suite,
    )
    await ensureSpace(this.#free, this.cache.folder, 3 * 1024 ** 3)
    const folder = await this.cache.workshop()
    try {
      const progress = (detail: string, done: number) => tell({ step: 'build', detail, done, total: 1 })
      const file = await this.builder.build(recipe, { folder, signal, progress })
      const about = {
        ...describe(`${entry?.name ?? recipe.suite}, ${recipe.variant}, built here`),
        ...{
          osId: entry?.id ?? 'unknown',
          architecture: recipe.architecture,
          defaultUser: entry?.defaultUser ?? recipe.distribution,
        },
        firmware: recipe.architecture === 'x86_64' ? 'any' : 'uefi',
        signature: { state: 'good', about: 'Every package was checked against the distribution’s signature.' },
      } as const
      const agents: ImageAgent[] = ['qemu-ga', ...(recipe.agentFolder === null ? [] : (['vireo'] as const))]
      const origin = { key, url: null, checksum: null, at: Date.now() }
      return await this.#takeIn(file, await sha256Of(file, signal), { ...about, agents }, origin, signal, tell)
    } finally {
      await rm(folder, { recursive: true, force: true, maxRetries: 5 })
    }
  }

  /** Whether any process is fetching this source now. */
  async isUnderWay(source: ImageSource): Promise<boolean> {
    const name = createHash('sha256')
      .update(await sourceKey(source))
      .digest('hex')
      .slice(0, 32)
    return isHeld(join(this.cache.folder, 'fetch', `${name}.lock`))
  }
}

/** Throws `unsupported` for an installation medium. */
export const baseOf = (image: StoredImage): BaseImage => {
  const { path, format, bytes, osId, defaultUser, firmware, sha256, signature } = image
  if (format !== 'iso') return { path, format, bytes, osId, defaultUser, firmware, sha256, signature }
  throw new RemoteError({
    kind: 'unsupported',
    message: `“${image.name}” is an installation medium, not a disk.`,
    hint: 'Install a machine from it.',
  })
}
