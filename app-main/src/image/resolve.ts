/** From a place in the catalogue to the file that is current there today, with what proves that it is the right one. */
import { z } from 'zod'
import { RemoteError } from '../contract/index.ts'
import { fill, keyFiles, type Architecture, type CatalogueEntry } from './catalogue.ts'
import { checksumFor, isPlainName, newestName, parseChecksum, parseSums, type Checksum } from './checksums.ts'
import type { HttpClient } from './http.ts'
import type { Location, SignatureAt } from './source-location.ts'

/** What a signature is over, and whose keys count. */
export interface SignedBy {
  readonly address: string
  /** Files with public keys, the first that exists counts; and the package that brings them. */
  readonly keys: { readonly files: readonly string[]; readonly package: string }
  /** The signed bytes; absent: the image itself. For `inline` the text at `address` holds both. */
  readonly text?: Buffer
  readonly inline: boolean
}

export interface Resolved {
  readonly url: string
  /** The file's name at the vendor, which is never used as a path. */
  readonly name: string
  /** Null: nobody published one that we found. */
  readonly checksum: Checksum | null
  readonly signature: SignedBy | null
}

type Words = Readonly<Record<string, string>>
type Find<K extends Location['kind']> = (
  location: Extract<Location, { kind: K }>,
  words: Words,
  http: HttpClient,
  signal: AbortSignal,
) => Promise<Resolved>

const quoteForPattern = (word: string) => word.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)
/** Quantifiers such as `\d{8}` hold no letters and so are not taken for placeholders. */
const patternOf = (pattern: string, words: Words) => new RegExp(`^(?:${fill(pattern, words, quoteForPattern)})$`)

const nothingThere = (index: string): RemoteError =>
  new RemoteError({
    kind: 'not-found',
    message: `${index} lists no such image.`,
    hint: 'The vendor may have moved it: take a newer release, or give its address yourself.',
  })

const signedBy = (at: SignatureAt | undefined, words: Words, text: Buffer | undefined): SignedBy | null => {
  if (!at) return null
  const common = { address: fill(at.address, words), keys: keyFiles(at.key, words), inline: at.inline }
  return at.of === 'sums' && !at.inline && text ? { ...common, text } : common
}

const folderOf = (url: string) => new URL('.', url).href
const nameOf = (url: string) => new URL(url).pathname.split('/').at(-1) ?? ''

const fromSums = async (
  sums: string,
  location: { readonly file: string; readonly signature?: SignatureAt | undefined },
  words: Words,
  http: HttpClient,
  signal: AbortSignal,
): Promise<Resolved> => {
  const { bytes } = await http.bytes(sums, signal)
  const list = parseSums(bytes.toString('utf8'))
  const name = newestName(
    list.map(({ file }) => file),
    patternOf(location.file, words),
  )
  if (name === undefined) throw nothingThere(sums)
  const url = folderOf(sums) + name
  const all = { ...words, sums, url, folder: folderOf(sums) }
  return { url, name, checksum: checksumFor(list, name) ?? null, signature: signedBy(location.signature, all, bytes) }
}

/** The names that a web server's listing links to; whatever leads elsewhere is passed over. */
export const linkedNames = (html: string): string[] =>
  [...html.matchAll(/href\s*=\s*["']([^"'?#]+)["']/gi)]
    .map(([, target = '']) => target.replace(/^\.\//, '').replace(/\/$/, ''))
    .map(target => (/%[0-9a-f]{2}/i.test(target) ? '' : target))
    .filter(isPlainName)

const withChecksumBeside = async (
  url: string,
  location: { readonly checksum: string; readonly signature?: SignatureAt | undefined },
  words: Words,
  http: HttpClient,
  signal: AbortSignal,
): Promise<Resolved> => {
  const sums = fill(location.checksum, { ...words, url })
  const { bytes } = await http.bytes(sums, signal)
  const list = parseSums(bytes.toString('utf8'))
  const name = nameOf(url)
  // A name that never changes may stand for one that does: then the list names that one alone.
  const checksum = checksumFor(list, name) ?? (list.length === 1 ? list[0] : undefined)
  if (!checksum) throw nothingThere(sums)
  const all = { ...words, url, sums, folder: folderOf(url) }
  const signature = signedBy(location.signature, all, bytes)
  return { url, name, checksum: { algorithm: checksum.algorithm, digest: checksum.digest }, signature }
}

const FedoraReleases = z.array(
  z.object({
    ...{ version: z.string(), arch: z.string(), link: z.string(), variant: z.string(), subvariant: z.string() },
    sha256: z.string().nullish(),
  }),
)
const OracleTemplate = z.object({
  base_url: z.string().startsWith('/'),
  kvm: z.object({ image: z.string(), sha256: z.string() }),
})

const asJson = (text: string, index: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    throw new RemoteError({
      kind: 'precondition',
      message: `${index} is not what it should be.`,
      hint: 'Try again later.',
    })
  }
}
const checked = <T>(schema: z.ZodType<T>, value: unknown, index: string): T => {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  throw new RemoteError({
    kind: 'precondition',
    message: `${index} has changed its form.`,
    hint: 'Give the address yourself.',
  })
}

const sums: Find<'sums'> = (location, words, http, signal) =>
  fromSums(fill(location.sums, words), location, words, http, signal)

const newest: Find<'newest'> = async (location, words, http, signal) => {
  const index = fill(location.index, words)
  const folder = newestName(linkedNames(await http.text(index, signal)), patternOf(location.folder, words))
  if (folder === undefined) throw nothingThere(index)
  return fromSums(`${index}${folder}/${fill(location.then, words)}`, location, words, http, signal)
}

const listing: Find<'listing'> = async (location, words, http, signal) => {
  const index = fill(location.index, words)
  const name = newestName(linkedNames(await http.text(index, signal)), patternOf(location.file, words))
  if (name === undefined) throw nothingThere(index)
  return withChecksumBeside(folderOf(index) + name, location, words, http, signal)
}

const fedora: Find<'fedora'> = async (location, words, http, signal) => {
  const index = fill(location.index, words)
  const releases = checked(FedoraReleases, asJson(await http.text(index, signal), index), index)
  const pattern = patternOf(location.file, words)
  const found = releases.find(
    one =>
      one.version === words['version'] &&
      one.arch === words['arch'] &&
      one.variant === location.variant &&
      one.subvariant === location.subvariant &&
      URL.canParse(one.link) &&
      pattern.test(nameOf(one.link)),
  )
  if (!found) throw nothingThere(index)
  const name = nameOf(found.link)
  const release = /\d+-\d+(?:\.\d+)+/.exec(name)?.[0] ?? ''
  const all = { ...words, url: found.link, folder: folderOf(found.link), release }
  const checksum = parseChecksum(found.sha256 ?? '') ?? null
  return { url: found.link, name, checksum, signature: signedBy(location.signature, all, undefined) }
}

const oracle: Find<'oracle'> = async (location, words, http, signal) => {
  const index = fill(location.index, words)
  const { base_url: base, kvm } = checked(OracleTemplate, asJson(await http.text(index, signal), index), index)
  if (!patternOf(location.file, words).test(kvm.image)) throw nothingThere(index)
  const url = new URL(`${base.replace(/\/$/, '')}/${kvm.image}`, index).href
  return { url, name: kvm.image, checksum: parseChecksum(kvm.sha256) ?? null, signature: null }
}

const find = (location: Location, words: Words, http: HttpClient, signal: AbortSignal): Promise<Resolved> => {
  switch (location.kind) {
    case 'sums':
      return sums(location, words, http, signal)
    case 'newest':
      return newest(location, words, http, signal)
    case 'listing':
      return listing(location, words, http, signal)
    case 'beside':
      return withChecksumBeside(fill(location.url, words), location, words, http, signal)
    case 'fedora':
      return fedora(location, words, http, signal)
    case 'oracle':
      return oracle(location, words, http, signal)
    case 'own':
      throw new RemoteError({
        kind: 'unsupported',
        message: 'Nobody publishes this image: it needs a file of your own.',
        hint: 'Download it from its vendor, then give the file.',
      })
  }
}

/** Whether an entry has something to fetch for an architecture. */
export const offers = (entry: CatalogueEntry, what: 'image' | 'iso', architecture: Architecture): boolean => {
  const location = entry[what]
  if (!location || location.kind === 'own' || !entry.architectures.has(architecture)) return false
  return what === 'image' || (entry.isoFor ?? [architecture]).includes(architecture)
}

/**
 * Asks the vendor what is current. Throws `unsupported` where there is nothing to ask for, `not-found` where the vendor
 * has it no more, and the failures of the network. What no checksum protects is refused.
 */
export const resolveEntry = async (
  entry: CatalogueEntry,
  what: 'image' | 'iso',
  architecture: Architecture,
  http: HttpClient,
  signal: AbortSignal,
): Promise<Resolved> => {
  const words = entry.architectures.get(architecture)
  const location = entry[what]
  if (!words || !location || (location.kind !== 'own' && !offers(entry, what, architecture)))
    throw new RemoteError({
      kind: 'unsupported',
      message: `The catalogue knows no ${what === 'iso' ? 'installation medium' : 'cloud image'} of ${entry.name} for ${architecture}.`,
    })
  const found = await find(location, words, http, signal)
  // A signed text brings its own checksum, and is read when the signature is checked.
  if (!found.checksum && !found.signature?.inline)
    throw new RemoteError({ kind: 'precondition', message: `Nobody says what checksum ${found.name} must have.` })
  return found
}
