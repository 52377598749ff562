/** What is asked for in words, as a source of the image room; and its progress in words. */
import { existsSync } from 'node:fs'
import { isAbsolute } from 'node:path'
import type { JsonFile } from '../../base/json-file.ts'
import { RemoteError } from '../../contract/index.ts'
import type { Operation } from '../../hypervisor/driver.ts'
import { CATALOGUE, type Architecture } from '../../image/catalogue.ts'
import type { ImageProgress } from '../../image/image-progress.ts'
import { HttpClient } from '../../image/http.ts'
import { ImageStore } from '../../image/image-store.ts'
import type { ImageBuilder } from '../../image/mirror-build.ts'
import { agentFiles, recipeFor, type Recipe } from '../../image/recipe.ts'
import type { Description, ImageSource } from '../../image/source.ts'
import type { ImageFile, OwnImage } from './image-file.ts'

export interface Wish {
  readonly source: string
  readonly iso?: boolean | undefined
  readonly architecture?: Architecture | undefined
  readonly checksum?: string | undefined
  readonly about?: Description
}

export interface ImageDeskOptions {
  readonly folder: string
  readonly file: JsonFile<ImageFile>
  readonly keyFolder: string
  /** Where the Vireo agent's files lie, which images that are built get. */
  readonly agentFolder?: string | undefined
  /** Another web than the real one, for tests. */
  readonly environment?: NodeJS.ProcessEnv | undefined
  readonly builder?: ImageBuilder | undefined
}

const ofOwn = ({ place, checksum, ...own }: OwnImage): ImageSource => {
  const about = { name: own.name, osId: own.osId ?? undefined, defaultUser: own.defaultUser, firmware: own.firmware }
  if (isAbsolute(place)) return { kind: 'file', path: place, about, inPlace: own.inPlace }
  return { kind: 'url', url: place, about, ...(checksum === null ? {} : { checksum }) }
}

const unknown = (source: string) =>
  new RemoteError({
    kind: 'not-found',
    message: `“${source.slice(0, 80)}” is neither in the catalogue nor among the images that are here.`,
    hint: 'vireo image catalogue lists the systems, vireo image list the images that are here.',
  })

export class ImageDesk {
  readonly store: ImageStore
  readonly file: JsonFile<ImageFile>
  readonly #http: HttpClient
  readonly #agentFolder: string | undefined
  #mirrors: Readonly<Record<string, string>> = {}

  constructor({ folder, file, keyFolder, agentFolder, environment = process.env, builder }: ImageDeskOptions) {
    this.file = file
    this.#agentFolder = agentFolder
    this.#http = new HttpClient({ environment, mirrors: () => this.#mirrors })
    this.store = new ImageStore({ folder, keyFolder, http: this.#http, builder })
  }

  dispose(): void {
    void this.#http.close()
  }

  /** An image made from packages, with the Vireo agent where its program was built. */
  build(id: string, change: Partial<Pick<Recipe, 'variant' | 'mirror'>> = {}): Extract<ImageSource, { kind: 'build' }> {
    const { recipe } = recipeFor(id, change)
    const folder = this.#agentFolder
    const complete =
      folder !== undefined && Object.values(agentFiles(folder, recipe.architecture)).every(path => existsSync(path))
    return { kind: 'build', recipe: complete ? { ...recipe, agentFolder: folder } : recipe }
  }

  /** Why images of it cannot be made on this computer; null: they can. Whether packages can be had shows later. */
  unbuildable({ recipe }: Extract<ImageSource, { kind: 'build' }>): string | null {
    try {
      this.store.builder.ensurePossible(recipe)
      return null
    } catch (error) {
      if (error instanceof RemoteError && error.detail.kind === 'unsupported') return error.detail.message
      throw error
    }
  }

  /** `debian-12`, `debian-12:iso`, `image:debian-12`, `build:debian-12`, an address, an absolute path, or the digits of an image that is here. */
  async source(wish: Wish): Promise<ImageSource> {
    const { own, mirrors } = await this.file.read()
    this.#mirrors = Object.fromEntries(mirrors.map(({ from, to }) => [from, to]))
    const { checksum, about = {}, architecture } = wish
    // Where a system can be had in several ways, `image:` says that its vendor's is meant.
    const [, text = '', suffix] = /^(?:image:)?(.*?)(:iso)?$/s.exec(wish.source) ?? []
    const [, built, variant] = /^build:([^:]+)(?::(minimal|standard))?$/.exec(text) ?? []
    if (built !== undefined) return this.build(built, { variant: variant === 'standard' ? variant : 'minimal' })
    if (/^https?:\/\//i.test(text)) return { kind: 'url', url: text, about, checksum }
    if (isAbsolute(text)) return { kind: 'file', path: text, about }
    const mine = own.find(({ id }) => id === text)
    if (mine) return ofOwn(mine)
    if (CATALOGUE.some(({ id }) => id === text)) {
      const what = wish.iso || suffix ? 'iso' : 'image'
      return { kind: 'catalogue', id: text, what, ...(architecture === undefined ? {} : { architecture }) }
    }
    if (/^[0-9a-f]{6,64}$/.test(text)) return { kind: 'cached', sha256: text }
    throw unknown(wish.source)
  }
}

/** Of what is known from the beginning. */
const size = (bytes: number) => (bytes < 1024 ** 3 ? `${Math.ceil(bytes / 1024 ** 2)} MiB` : gib(bytes))
const gib = (bytes: number) => `${(bytes / 1024 ** 3).toFixed(1)} GiB`

const wordsOf = ({ step, detail, done, total }: ImageProgress): string => {
  switch (step) {
    case 'resolve':
      return 'Asking the vendor what is current'
    case 'wait':
      return 'Waiting for another Vireo that is fetching the same'
    case 'download':
      return total === null ? `Downloading, ${gib(done)} so far` : `Downloading ${size(total)}`
    case 'check':
      return 'Checking where it comes from'
    case 'unpack':
      return `Unpacking, ${gib(done)} so far`
    case 'copy':
      return 'Copying'
    case 'convert':
      return 'Converting to qcow2'
    case 'build':
      return detail ?? 'Building'
  }
}

/** Tells a task about an image's progress; words change in tenths of a GiB, so that news stay few. */
export const tellTask =
  ({ progress }: Pick<Operation, 'progress'>) =>
  (news: ImageProgress): void =>
    progress(wordsOf(news), news.total === null || news.total === 0 ? undefined : news.done / news.total)
