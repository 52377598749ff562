/** What the page says of images; pure. */
import {
  type CachedImage,
  type CatalogueImage,
  type DomainSummary,
  IMAGE_KEEP_DAYS,
  type ImageUsers,
} from '@vireo/app-main/contract'

const DAY = 86_400_000

/** Until when an image is kept: for as long as it is needed, until a moment (epoch milliseconds), or not any longer. */
export type Expiry = { readonly kind: 'used' } | { readonly kind: 'at'; readonly at: number } | { readonly kind: 'due' }

export const expiryOf = ({ usedAt }: Pick<CachedImage, 'usedAt'>, users: readonly string[], now: number): Expiry => {
  if (users.length > 0) return { kind: 'used' }
  const at = usedAt + IMAGE_KEEP_DAYS * DAY
  return at <= now ? { kind: 'due' } : { kind: 'at', at }
}

/** By what machines and their files say; before that is known, by what was noted when they were made. */
export const usersOf = ({ sha256, users }: CachedImage, known: ImageUsers | null): readonly string[] =>
  known === null ? users : (known.images.find(one => one.sha256 === sha256)?.users ?? [])

/** Of a daemon of this computer: only there Vireo can read disks. */
const HERE = /^[a-z]+:\/\/\//

/** Machines of whose disks images can be made now, by name. */
export const templateMachines = (domains: Iterable<DomainSummary>): readonly DomainSummary[] =>
  [...domains]
    .filter(one => one.kind === 'kvm' && one.state === 'shutoff' && !one.stale && HERE.test(one.connection))
    .toSorted((a, b) => a.name.localeCompare(b.name, undefined, { numeric: true }))

/** Those whose name, id, system or version holds every word. */
export const found = (catalogue: readonly CatalogueImage[], query: string): readonly CatalogueImage[] => {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean)
  return catalogue.filter(({ id, name, family, version }) => {
    const text = [id, name, family, version].join(' ').toLowerCase()
    return words.every(word => text.includes(word))
  })
}
