/** The operating systems that Vireo knows where to get. Nothing here says that an address works: they are tried at run time. */
import { z } from 'zod'
import { RemoteError } from '../contract/index.ts'
import data from './catalogue.json' with { type: 'json' }
import { Location } from './source-location.ts'

/** As QEMU and `uname -m` call them. */
export const Architecture = z.enum(['x86_64', 'aarch64'])
export type Architecture = z.infer<typeof Architecture>

const Resources = z.strictObject({
  vcpus: z.number().int().min(1),
  memoryMiB: z.number().int().min(64),
  diskGiB: z.number().int().min(1),
})
export type Resources = z.infer<typeof Resources>

/** `any`: boots by BIOS and by UEFI. */
export const Firmware = z.enum(['bios', 'uefi', 'any'])
export type Firmware = z.infer<typeof Firmware>

/** Who sets the network up in the guest, which decides what cloud-init can do there. */
export const CloudInitFlavour = z.enum(['netplan', 'network-manager', 'networkd', 'eni', 'sysconfig', 'bsd'])
export type CloudInitFlavour = z.infer<typeof CloudInitFlavour>

const Build = z.strictObject({ distribution: z.enum(['debian', 'ubuntu']), suite: z.string() })
const perArchitecture = z.partialRecord(Architecture, z.string())

const shared = {
  name: z.string(),
  icon: z.string(),
  /** Id of libosinfo's database. */
  osinfo: z.url(),
  defaultUser: z.string().nullable(),
  firmware: Firmware,
  cloudInit: CloudInitFlavour.nullable(),
  minimum: Resources,
  suggested: Resources,
  /** Shell commands for root that install qemu-guest-agent. */
  agentInstall: z.array(z.string()),
  image: Location.optional(),
  iso: Location.optional(),
  /** The architectures that `iso` is for; all of them unless told. */
  isoFor: z.array(Architecture).optional(),
  /** How Vireo makes such an image itself. */
  build: Build.optional(),
}
const Shared = z.object(shared)
const Release = z.strictObject({
  ...Shared.partial().shape,
  version: z.string(),
  id: z.string().optional(),
  codename: z.string().optional(),
  title: z.string().optional(),
  /** Year and month. */
  supportedUntil: z
    .string()
    .regex(/^\d{4}-\d\d$/)
    .optional(),
})
const Family = z.strictObject({
  ...shared,
  family: z.string(),
  /** What each architecture is called in this vendor's addresses. */
  architectures: perArchitecture,
  /** The same where it is another word in folders. */
  folders: perArchitecture.optional(),
  releases: z.array(Release).min(1),
})
const Key = z.strictObject({ files: z.array(z.string().startsWith('/')), package: z.string() })
const CatalogueFile = z.strictObject({ keys: z.record(z.string(), Key), families: z.array(Family) })

/** One operating system of the catalogue, with everything filled in but the architecture. */
export interface CatalogueEntry extends z.infer<typeof Shared> {
  readonly id: string
  readonly family: string
  readonly version: string
  readonly codename: string | null
  readonly supportedUntil: string | null
  /** Each architecture and the words that stand for it in addresses. */
  readonly architectures: ReadonlyMap<Architecture, Readonly<Record<string, string>>>
}

/** Replaces `{word}`; words that are not known stay. */
export const fill = (text: string, words: Readonly<Record<string, string>>, quote = (word: string) => word): string =>
  text.replace(/\{([a-z]+)\}/gi, (all, name: string) => (words[name] === undefined ? all : quote(words[name])))

const entriesOf = (family: z.infer<typeof Family>): CatalogueEntry[] =>
  family.releases.map(({ version, id, codename, title, supportedUntil, ...own }) => {
    const { releases: _, architectures, folders, ...common } = family
    const words = { version, major: version.split('.')[0] ?? version, codename: codename ?? '', title: title ?? '' }
    const names = Architecture.options.flatMap(architecture => {
      const arch = architectures[architecture]
      return arch === undefined
        ? []
        : [[architecture, { ...words, arch, folder: folders?.[architecture] ?? arch }] as const]
    })
    const merged = Shared.parse({ ...common, ...own })
    return {
      ...merged,
      id: id ?? `${family.family}-${version}`,
      family: family.family,
      name: fill(merged.name, words),
      osinfo: fill(merged.osinfo, words),
      ...(merged.build === undefined ? {} : { build: { ...merged.build, suite: fill(merged.build.suite, words) } }),
      ...{ version, codename: codename ?? null, supportedUntil: supportedUntil ?? null },
      architectures: new Map(names),
    }
  })

const parsed = CatalogueFile.parse(data)

/** Every operating system that the data file names, newest releases first. */
export const CATALOGUE: readonly CatalogueEntry[] = parsed.families.flatMap(entriesOf)

/** Throws `not-found`. */
export const catalogueEntry = (id: string): CatalogueEntry => {
  const found = CATALOGUE.find(entry => entry.id === id)
  if (found) return found
  throw new RemoteError({
    kind: 'not-found',
    message: `The catalogue has no “${id.slice(0, 80)}”.`,
    hint: 'vireo image catalogue lists what it has.',
  })
}

/** Where a vendor's public keys may stand, and the package that brings them. Unknown names are a mistake in the data file. */
export const keyFiles = (name: string, words: Readonly<Record<string, string>>) => {
  const key = parsed.keys[name]
  if (!key) throw new Error(`the catalogue's data has no key ${name}`)
  return { files: key.files.map(file => fill(file, words)), package: key.package }
}

/** This computer's, as QEMU calls it. */
export const ownArchitecture = (): Architecture => (process.arch === 'arm64' ? 'aarch64' : 'x86_64')
