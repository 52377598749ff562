/** Lists of checksums, as vendors publish them. */
export const ALGORITHMS = ['sha256', 'sha512'] as const
export type Algorithm = (typeof ALGORITHMS)[number]

export interface Checksum {
  readonly algorithm: Algorithm
  /** Lower-case hexadecimal. */
  readonly digest: string
}

export interface NamedChecksum extends Checksum {
  readonly file: string
}

const LENGTHS: Readonly<Record<number, Algorithm>> = { 64: 'sha256', 128: 'sha512' }
/** A plain file name: no folder, no hidden file, nothing that a shell or a terminal would read. */
const PLAIN_NAME = /^[A-Za-z0-9][A-Za-z0-9._+~-]{0,254}$/
/** `digest  name`, `digest *name`, and a digest alone. */
const GNU = /^([0-9a-fA-F]{64}|[0-9a-fA-F]{128})(?:\s+\*?(?:\.\/)?(\S+))?$/
/** `SHA256 (name) = digest`. */
const BSD = /^(SHA-?256|SHA-?512)\s*\(([^)\s]+)\)\s*=\s*([0-9a-fA-F]+)$/i

export const isPlainName = (name: string): boolean => PLAIN_NAME.test(name)

const checksumOf = (digest: string): Checksum | undefined => {
  const algorithm = LENGTHS[digest.length]
  return algorithm && /^[0-9a-f]+$/i.test(digest) ? { algorithm, digest: digest.toLowerCase() } : undefined
}

/** `sha256:…`, `sha512:…` or the digits alone; undefined when it is neither. */
export const parseChecksum = (text: string): Checksum | undefined => {
  const [, algorithm, digest = ''] = /^(?:(sha256|sha512)[:=])?([0-9a-f]+)$/i.exec(text.trim()) ?? []
  const found = checksumOf(digest)
  return found && (algorithm === undefined || algorithm.toLowerCase() === found.algorithm) ? found : undefined
}

/**
 * Reads GNU and BSD lists, PGP's frame around them included. Lines that are neither, and names that are more than a
 * name, are passed over. A line with a digest alone gets the name ''.
 */
export const parseSums = (text: string): NamedChecksum[] =>
  text.split(/\r?\n/).flatMap(line => {
    const bsd = BSD.exec(line.trim())
    const gnu = bsd ? null : GNU.exec(line.trim())
    const file = bsd?.[2] ?? gnu?.[2] ?? ''
    const found = checksumOf(bsd?.[3] ?? gnu?.[1] ?? '')
    if (!found || (file !== '' && !isPlainName(file))) return []
    if (bsd && bsd[1]?.replace('-', '').toLowerCase() !== found.algorithm) return []
    return [{ ...found, file }]
  })

/** Orders names by the numbers in them, so that `3.9` comes before `3.10`. */
const byVersion = new Intl.Collator('en', { numeric: true }).compare

/** The last of the names in version order that `pattern` fits as a whole. */
export const newestName = (names: readonly string[], pattern: RegExp): string | undefined =>
  names
    .filter(name => pattern.test(name))
    .toSorted(byVersion)
    .at(-1)

/** The strongest checksum of a file; a list with one nameless digest is about whatever it stands beside. */
export const checksumFor = (sums: readonly NamedChecksum[], file: string): Checksum | undefined => {
  const named = sums.filter(one => one.file === file)
  const nameless = sums.length === 1 && sums[0]?.file === '' ? sums : []
  const found = [...named, ...nameless].toSorted((a, b) => a.digest.length - b.digest.length).at(-1)
  return found && { algorithm: found.algorithm, digest: found.digest }
}
