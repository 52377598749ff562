/** What machines can be made from, in the order in which it is soonest there; pure. */
import type { CachedImage, CatalogueImage } from '@vireo/app-main/contract'
import { type Source, sourceWords, waysOf } from './draft.ts'
import type { Proposal } from './wizard.ts'

/** One line to choose. */
export interface SourceOffer {
  /** The service's words for it: no two are the same. */
  readonly id: string
  readonly source: Source
  readonly name: string
  readonly image: CachedImage | null
  readonly entry: CatalogueImage | null
}

export interface Offers {
  /** Images that are here, the last used first. */
  readonly here: readonly SourceOffer[]
  /** Systems that have to be fetched or made. */
  readonly systems: readonly SourceOffer[]
}

const entryOf = (catalogue: readonly CatalogueImage[], osId: string): CatalogueImage | null =>
  catalogue.find(({ id }) => id === osId) ?? null

const offerOf = (source: Source, rest: Omit<SourceOffer, 'id' | 'source'>): SourceOffer => ({
  ...{ id: sourceWords(source), source, ...rest },
})

export const offersOf = (catalogue: readonly CatalogueImage[], images: readonly CachedImage[]): Offers => ({
  here: images
    // What can be started at once, before what has to be installed.
    .toSorted((a, b) => Number(a.format === 'iso') - Number(b.format === 'iso') || b.usedAt - a.usedAt)
    .map(image =>
      offerOf(
        { kind: 'cached', sha256: image.sha256 },
        { name: image.name, image, entry: entryOf(catalogue, image.osId) },
      ),
    ),
  systems: catalogue.flatMap(entry => {
    const [way] = waysOf(entry)
    return way === undefined || (entry.cached !== null && entry.ways.length === 1)
      ? []
      : [offerOf({ kind: 'system', id: entry.id, way }, { name: entry.name, image: null, entry })]
  }),
})

/** The first source reachable now: an image that is here, else a system that can be made from packages, else any. */
export const firstOffer = ({ here, systems }: Offers): SourceOffer | null =>
  here.find(({ image }) => image?.format !== 'iso') ??
  systems.find(({ entry }) => entry?.first === 'build') ??
  systems[0] ??
  here[0] ??
  null

/** The offer that a draft's source is, in whatever way it is had. */
export const chosenOffer = ({ here, systems }: Offers, source: Source | null): SourceOffer | null => {
  if (source === null || source.kind === 'own') return null
  if (source.kind === 'cached') return here.find(({ id }) => id === source.sha256) ?? null
  return systems.find(({ entry }) => entry?.id === source.id) ?? null
}

/** Those whose name, system or version holds every word. */
export const matching = (offers: readonly SourceOffer[], query: string): readonly SourceOffer[] => {
  const words = query
    .toLowerCase()
    .split(/\s+/)
    .filter(word => word !== '')
  return offers.filter(({ id, name, entry }) => {
    const text = [id, name, entry?.family, entry?.version].join(' ').toLowerCase()
    return words.every(word => text.includes(word))
  })
}

/** A name of a machine: nothing of it is left to guess, so what does not fit becomes a dash. */
const slug = (text: string): string =>
  text
    .toLowerCase()
    .replaceAll(/[^a-z0-9.]+/g, '-')
    .slice(0, 40)
    .replaceAll(/^[-.]+|[-.]+$/g, '')

const freeName = (wanted: string, taken: ReadonlySet<string>): string => {
  if (!taken.has(wanted)) return wanted
  let number = 2
  while (taken.has(`${wanted}-${number}`)) number++
  return `${wanted}-${number}`
}

const GIBIBYTE = 2 ** 30
const size = (mebibytes: number): string => (mebibytes % 1024 === 0 ? `${mebibytes / 1024}G` : `${mebibytes}M`)

/** What goes with an offer unless somebody typed something else. */
export const proposalOf = (
  { name, entry, image }: Pick<SourceOffer, 'name' | 'entry' | 'image'>,
  taken: ReadonlySet<string>,
  hostCpus: number | null,
): Proposal => {
  const wanted = slug(entry?.id ?? name) || 'machine'
  const { vcpus, memoryMiB, diskGiB } = entry?.suggested ?? { vcpus: null, memoryMiB: null, diskGiB: null }
  return {
    name: freeName(wanted, taken),
    cpus: vcpus === null ? '' : String(Math.max(1, Math.min(vcpus, hostCpus ?? vcpus))),
    memory: memoryMiB === null ? '' : size(memoryMiB),
    // A disk is no smaller than its image.
    disk: diskGiB === null || (image?.bytes ?? 0) > diskGiB * GIBIBYTE ? '' : `${diskGiB}G`,
  }
}

/** What a file or an address is called. */
export const nameOfPlace = (place: string): string => {
  const last = place.trim().split(/[?#]/)[0]?.split('/').at(-1) ?? ''
  return last.replace(/(?:\.(?:qcow2|img|raw|iso|vmdk|vdi|vhdx|xz|zst|gz))+$/i, '')
}
