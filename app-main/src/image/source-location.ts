/** How the data file says where a vendor's current image stands: an index of the vendor, and how the file is known in it. */
import { z } from 'zod'

/** A regular expression over whole file names. Placeholders are filled in, quoted, before it is compiled. */
const FilePattern = z.string().min(1).max(200)
/** May hold `{version}`, `{arch}` and the like, and what is known by then: `{sums}`, `{url}`, `{folder}`. */
const Address = z.string().min(1).max(500)

export const SignatureAt = z.strictObject({
  address: Address,
  /** Which of the data file's keys it is made with. */
  key: z.string(),
  /** What is signed. */
  of: z.enum(['sums', 'image']).default('sums'),
  /** The address is that of a signed text with the checksums in it. */
  inline: z.boolean().default(false),
})
export type SignatureAt = z.infer<typeof SignatureAt>

const signature = SignatureAt.optional()

export const Location = z.discriminatedUnion('kind', [
  /** A list of checksums tells the names; the files stand beside it. */
  z.strictObject({ kind: z.literal('sums'), sums: Address, file: FilePattern, signature }),
  /** The same, in the newest folder of a listing. */
  z.strictObject({
    ...{ kind: z.literal('newest'), index: Address, folder: FilePattern, then: Address, file: FilePattern, signature },
  }),
  /** A web server's listing tells the names, and each file has its checksum beside it. */
  z.strictObject({ kind: z.literal('listing'), index: Address, file: FilePattern, checksum: Address, signature }),
  /** The name never changes, and the checksum stands beside it. */
  z.strictObject({ kind: z.literal('beside'), url: Address, checksum: Address, signature }),
  /** Fedora's list of releases. */
  z.strictObject({
    ...{ kind: z.literal('fedora'), index: Address, variant: z.string(), subvariant: z.string(), file: FilePattern },
    signature,
  }),
  /** Oracle's template of a release. */
  z.strictObject({ kind: z.literal('oracle'), index: Address, file: FilePattern, signature }),
  /** Nobody publishes it: a person has the file. */
  z.strictObject({ kind: z.literal('own') }),
])
export type Location = z.infer<typeof Location>
