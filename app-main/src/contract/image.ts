/** Images that machines are made from: what can be had, what is here, and how it gets here. */
import { z } from 'zod'
import { call, event } from './define.ts'
import { DomainId } from './domain.ts'
import { TaskRef } from './task.ts'

export const ImageArchitecture = z.enum(['x86_64', 'aarch64'])
export type ImageArchitecture = z.infer<typeof ImageArchitecture>
export const ImageFirmware = z.enum(['bios', 'uefi', 'any'])
export type ImageFirmware = z.infer<typeof ImageFirmware>

export const ImageResources = z.object({
  vcpus: z.number().int(),
  memoryMiB: z.number().int(),
  diskGiB: z.number().int(),
})
export type ImageResources = z.infer<typeof ImageResources>

/** A system that a machine can be made with. */
export const CatalogueImage = z.object({
  id: z.string(),
  name: z.string(),
  family: z.string(),
  version: z.string(),
  /** Name of an icon, the same for a family. */
  icon: z.string(),
  /** `own`: a person added it. */
  origin: z.enum(['catalogue', 'own']),
  architectures: z.array(ImageArchitecture),
  /** How it can be had on this computer's architecture: its cloud image, its installation medium, or made from packages. */
  ways: z.array(z.enum(['image', 'iso', 'build'])),
  defaultUser: z.string().nullable(),
  firmware: ImageFirmware,
  minimum: ImageResources.nullable(),
  suggested: ImageResources.nullable(),
  /** Year and month. */
  supportedUntil: z.string().nullable(),
  /** Id of libosinfo's database. */
  osinfo: z.string().nullable(),
  /** Shell commands for root that install qemu-guest-agent there. */
  agentInstall: z.array(z.string()),
  /** SHA-256 of the image that is here for it. */
  cached: z.string().nullable(),
  /** What is taken when nobody says how: the image that is here, one made from packages, its vendor's; null: only its medium can be had. */
  first: z.enum(['cache', 'build', 'download']).nullable(),
  /** Of one's own: address or absolute path. */
  place: z.string().nullable(),
  /** Machines are built on the file where it lies. */
  inPlace: z.boolean(),
})
export type CatalogueImage = z.infer<typeof CatalogueImage>

export const CachedImage = z.object({
  sha256: z.string(),
  name: z.string(),
  /** Absolute; nobody writes to it. */
  path: z.string(),
  format: z.enum(['qcow2', 'raw', 'iso']),
  /** What the guest sees, and what it takes on disk; bytes. */
  bytes: z.number(),
  fileBytes: z.number(),
  /** Entry of the catalogue, or `unknown`. */
  osId: z.string(),
  architecture: ImageArchitecture.nullable(),
  defaultUser: z.string().nullable(),
  firmware: ImageFirmware,
  signature: z.object({ state: z.enum(['good', 'unchecked', 'none']), about: z.string() }),
  /** How it came here: from its vendor or an address, from packages, from a file of this computer, from a machine. */
  from: z.enum(['fetched', 'built', 'file', 'machine']),
  /** Where it came from, without passwords; null for what was made or imported here. */
  url: z.string().nullable(),
  /** Epoch milliseconds. */
  addedAt: z.number(),
  usedAt: z.number(),
  /** Files that are built on it. */
  users: z.array(z.string()),
})
export type CachedImage = z.infer<typeof CachedImage>

export const ImageCacheState = z.object({
  folder: z.string(),
  /** What all images take, and what is left on their disk; bytes. */
  usedBytes: z.number(),
  freeBytes: z.number(),
  images: z.array(CachedImage),
})
export type ImageCacheState = z.infer<typeof ImageCacheState>

/** Who needs an image, in words such as `“web” on qemu:///system`, or the path of a file that is built on it. */
export const ImageUsers = z.object({
  /** Those that nothing needs are left out. */
  images: z.array(z.object({ sha256: z.string(), users: z.array(z.string()) })),
  /** Why more may need them than is told: not everything could be looked at. */
  unread: z.string().nullable(),
})
export type ImageUsers = z.infer<typeof ImageUsers>

/** So many days after it was last used, an image that nothing needs is cleaned up unless another time is told. */
export const IMAGE_KEEP_DAYS = 90

const name = z.string().trim().min(1).max(100)
const user = z
  .string()
  .regex(/^[a-z_][a-z0-9_-]{0,31}$/, 'must be a login name')
  .describe('who the image lets in')
const osId = z.string().max(100).describe('which system of the catalogue it is')
const checksum = z.string().max(140).describe('its SHA-256 or SHA-512')
const path = z.string().max(4096).startsWith('/', 'must be an absolute path')
const address = z.url({ protocol: /^https?$/ }).max(2000)
const About = z.object({
  name: name.optional().describe('what to call it'),
  osId: osId.optional(),
  defaultUser: user.optional(),
  firmware: ImageFirmware.optional().describe('what it starts by'),
})

export const ImageMirror = z.object({ from: z.string(), to: z.string() })
export type ImageMirror = z.infer<typeof ImageMirror>

export const image = {
  catalogue: call({
    summary: 'Lists the systems that machines can be made with.',
    verb: 'image catalogue',
    effect: 'read',
    input: z.object({}),
    output: z.array(CatalogueImage),
  }),
  list: call({
    summary: 'Lists the images that are here.',
    verb: 'image list',
    effect: 'read',
    input: z.object({}),
    output: ImageCacheState,
  }),
  fetch: call({
    summary: 'Fetches an image: what a vendor has now, or what is at an address.',
    title: 'Fetch image',
    verb: 'image fetch',
    effect: 'change',
    input: About.extend({
      source: z.string().min(1).max(2000).describe('id of the catalogue, or an http or https address'),
      iso: z.boolean().default(false).describe('the installation medium instead of the cloud image'),
      architecture: ImageArchitecture.optional().describe('for another processor than this one'),
      checksum: checksum.optional(),
      refresh: z.boolean().default(false).describe('ask the vendor again, even if it is here'),
    }),
    output: TaskRef,
  }),
  build: call({
    summary: 'Makes an image of Debian or Ubuntu from its package mirror; needs root.',
    title: 'Build image',
    verb: 'image build',
    effect: 'change',
    input: z.object({
      id: z.string().max(100).describe('id of the catalogue'),
      variant: z.enum(['minimal', 'standard']).default('minimal').describe('how much is in it'),
      mirror: address.optional().describe('package mirror to take; the usual one unless told'),
      refresh: z.boolean().default(false).describe('build again, even if it is here'),
    }),
    output: TaskRef,
  }),
  import: call({
    summary: 'Copies a disk image or installation medium, or the disk of a machine that is off, to the images.',
    title: 'Import image',
    effect: 'change',
    input: About.extend({
      path: path.optional(),
      machine: DomainId.optional().describe('takes the system disk of this machine, as it is, instead of a file'),
      disk: z
        .string()
        .regex(/^[a-z]{2,3}[a-z]{1,3}$/, 'must be the name of a disk, such as vda')
        .optional()
        .describe('another disk of the machine than its first'),
      raw: z.boolean().default(false).describe('take a file without any mark as the bytes of a disk'),
    })
      .refine(({ path: file, machine }) => (file === undefined) !== (machine === undefined), {
        error: 'either a file or a machine',
      })
      .refine(({ machine, disk }) => machine !== undefined || disk === undefined, {
        error: 'only a machine has several disks',
      }),
    output: TaskRef,
  }),
  users: call({
    summary: 'Tells which machines need which of the images that are here.',
    verb: 'image users',
    effect: 'read',
    deadlineMs: 120_000,
    input: z.object({}),
    output: ImageUsers,
  }),
  delete: call({
    summary: 'Deletes an image that is here.',
    verb: 'image delete',
    effect: 'destroy',
    confirm: 'Delete the image {name}? It can be fetched again only as long as its vendor has it.',
    deadlineMs: 120_000,
    input: z.object({ sha256: z.string().min(6).max(64).describe('its SHA-256, or the first six digits or more') }),
    output: z.object({}),
  }),
  cleanup: call({
    summary: 'Deletes images that nothing is built on and nobody has used for a while, and what broken downloads left.',
    verb: 'image cleanup',
    effect: 'destroy',
    confirm: 'Delete the images that were not used lately?',
    input: z.object({
      days: z.number().int().min(0).max(3650).default(IMAGE_KEEP_DAYS).describe('how long is a while'),
      dryRun: z.boolean().default(false).describe('only tell'),
    }),
    output: z.object({
      deleted: z.array(z.object({ sha256: z.string(), name: z.string() })),
      /** Copies in storage pools, where QEMU's user could not read the image itself. */
      copies: z.array(z.object({ pool: z.string(), name: z.string() })),
      freedBytes: z.number(),
    }),
    deadlineMs: 120_000,
  }),
  add: call({
    summary: 'Adds an address or a file of your own to the catalogue.',
    verb: 'image add',
    effect: 'change',
    input: About.extend({
      id: z
        .string()
        .regex(/^[a-z0-9][a-z0-9._-]{1,60}$/, 'must be of small letters, digits, dots and dashes')
        .describe('what to call it on the command line'),
      place: z
        .string()
        .max(4096)
        .refine(
          text => text.startsWith('/') || address.safeParse(text).success,
          'must be an address or an absolute path',
        )
        .describe('http or https address, or absolute path'),
      checksum: checksum.optional(),
      inPlace: z.boolean().default(false).describe('build machines on the file where it lies; it must stay as it is'),
    }).refine(({ place, inPlace }) => !inPlace || place.startsWith('/'), {
      error: 'only a file of this computer can be used where it lies',
      path: ['inPlace'],
    }),
    output: z.array(CatalogueImage),
  }),
  forget: call({
    summary: 'Takes an entry of your own out of the catalogue; the image stays.',
    verb: 'image forget',
    effect: 'change',
    input: z.object({ id: z.string().max(100).describe('what it is called') }),
    output: z.array(CatalogueImage),
  }),
  mirrors: call({
    summary: 'Lists the mirrors that are taken instead of vendors.',
    verb: 'image mirrors',
    effect: 'read',
    input: z.object({}),
    output: z.array(ImageMirror),
  }),
  setMirror: call({
    summary: 'Takes a mirror instead of a vendor: whatever begins with one address is fetched from the other.',
    verb: 'image set-mirror',
    effect: 'change',
    input: z.object({
      from: address.describe('beginning of the addresses, for instance https://cloud.debian.org/'),
      to: z
        .string()
        .max(2000)
        .refine(text => text === '' || address.safeParse(text).success, 'must be an http or https address')
        .describe("what stands there instead; '' for the vendor itself"),
    }),
    output: z.array(ImageMirror),
  }),
  /** What is here, or what can be had, was changed by this process. */
  changed: event(z.object({})),
} as const
