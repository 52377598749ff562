/** What a new machine is to be: one schema for the command line, its files and the wizard. */
import { z } from 'zod'
import { DEVICE_NAME, HOSTNAME, LOGIN_NAME, MAC_ADDRESS, MACHINE_NAME, MOST_BYTES, parseSize } from './create-words.ts'

const LINE = /^[^\p{Cc}]*$/u

/** @param least bytes */
const size = (least: number, what: string) =>
  z
    .union([z.number(), z.string().max(40)])
    .transform((given, context) => {
      const bytes = typeof given === 'number' ? given : (parseSize(given) ?? Number.NaN)
      const problem = !Number.isSafeInteger(bytes)
        ? 'must be a size with a unit, such as 512M or 20G'
        : bytes < least || bytes > MOST_BYTES
          ? `must be from ${what} to 64T; write the unit, as in 20G`
          : undefined
      if (problem === undefined) return bytes
      context.addIssue({ code: 'custom', message: problem })
      return z.NEVER
    })
    .describe('such as 512M or 20G')

const line = (most: number) => z.string().min(1).max(most).regex(LINE, 'must be one line')

/** Also the beginning of file names. */
export const MachineName = z
  .string()
  .min(1)
  .max(64)
  .regex(MACHINE_NAME, 'must begin with a letter or digit and hold only letters, digits and . _ + -')

/** As RFC 1123 wants it. */
export const Hostname = z
  .string()
  .max(253)
  .regex(HOSTNAME, 'must be letters, digits and hyphens, in parts of at most 63 with dots between them')

export const LoginName = z
  .string()
  .regex(LOGIN_NAME, 'must be lower-case letters, digits, _ and -, beginning with a letter')

/** crypt(3)'s form; plain text is nowhere accepted. */
export const PasswordHash = z
  .string()
  .max(512)
  .regex(/^\$(?:5|6|y|7|gy|2[aby])\$[./0-9A-Za-z$=,*-]+$/, 'must be a hash as in /etc/shadow, such as $6$…')

const Mac = z
  .string()
  .regex(MAC_ADDRESS, 'must be a MAC address such as 52:54:00:12:34:56')
  .transform(mac => mac.toLowerCase())
const Device = z.string().regex(DEVICE_NAME, 'must be the name of a network or a device')

export const NicType = z.enum(['auto', 'network', 'bridge', 'macvtap', 'user'])
export type NicType = z.infer<typeof NicType>

export const DraftNic = z.strictObject({
  /** `auto`: libvirt's default network where it runs, else user networking. */
  type: NicType.default('auto'),
  source: Device.optional().describe('the network, bridge or device'),
  mac: Mac.optional(),
  /** Without one: DHCP. */
  address: z.union([z.cidrv4(), z.cidrv6()]).optional().describe('fixed, such as 192.168.1.5/24'),
  gateway: z.union([z.ipv4(), z.ipv6()]).optional(),
  nameServers: z
    .array(z.union([z.ipv4(), z.ipv6()]))
    .max(8)
    .default([]),
  forwards: z
    .array(
      z.strictObject({
        host: z.number().int().min(1).max(65_535),
        guest: z.number().int().min(1).max(65_535),
        protocol: z.enum(['tcp', 'udp']).default('tcp'),
      }),
    )
    .max(64)
    .default([]),
})

export const DraftDisk = z.strictObject({
  size: size(2 ** 20, '1M'),
  bus: z.enum(['virtio', 'scsi', 'sata']).default('virtio'),
})

/** Fields that have a default may be left out; what then counts is told by `create.plan`. */
export const CreateDraft = z.strictObject({
  source: line(4096).describe('a system of the catalogue, or the path of a disk image or installation ISO'),
  name: MachineName.describe('name of the machine'),
  hostname: Hostname.optional().describe('its own name; the machine’s unless told'),
  user: LoginName.nullable().optional().describe('who logs in; the image’s own user unless told'),
  passwordHash: PasswordHash.nullable().optional(),
  sshKeys: z.array(line(16_384)).max(100).default([]).describe('as in authorized_keys'),
  cpus: z.number().int().min(1).max(1024).optional().describe('processors'),
  memory: size(64 * 2 ** 20, '64M').optional(),
  disk: size(2 ** 20, '1M')
    .optional()
    .describe('size of the system’s disk'),
  bus: z.enum(['virtio', 'scsi', 'sata']).default('virtio').describe('how the system’s disk is attached'),
  discard: z.boolean().default(true).describe('what the guest deletes takes no room here any more'),
  disks: z.array(DraftDisk).max(16).default([]).describe('more disks'),
  pool: Device.optional().describe('storage pool for its disks'),
  folder: line(4096)
    .regex(/^\//, 'must be an absolute path')
    .optional()
    .describe('folder of this computer for its disks, in place of a storage pool'),
  networks: z
    .array(DraftNic)
    .max(8)
    .default([{ type: 'auto', nameServers: [], forwards: [] }]),
  firmware: z.enum(['auto', 'bios', 'uefi', 'secure-boot']).default('auto'),
  tpm: z.boolean().default(false),
  desktop: z.boolean().default(false).describe('it will have a graphical desktop'),
  accelerator: z.enum(['auto', 'kvm', 'emulation']).default('auto'),
  cloudInit: z.boolean().default(true).describe('tells the system its name, user and keys at its first start'),
  unattended: z
    .boolean()
    .default(false)
    .describe('answers the installer of an installation medium (Debian, Ubuntu); its disk is overwritten'),
  mirror: z
    .url({ protocol: /^http$/, error: 'must be an http address, such as http://mirror.example.org/debian' })
    .max(1024)
    .optional()
    .describe('package mirror for that installer, with debian-security beside Debian’s'),
  packages: z.array(line(256)).max(500).default([]).describe('installed at the first start'),
  runcmd: z.array(z.string().min(1).max(65_536)).max(200).default([]).describe('run by a shell at the first start'),
  userData: z.string().max(262_144).optional().describe('your own #cloud-config, merged over the rest'),
  qemuAgent: z.boolean().default(true).describe('installs qemu-guest-agent'),
  vireoAgent: z.boolean().optional().describe('installs the Vireo agent; where its program is there unless told'),
  autostart: z.boolean().default(false),
  start: z.boolean().default(true),
  tags: z.array(line(64)).max(32).default([]),
  notes: z.string().max(16_384).default(''),
})
export type CreateDraft = z.infer<typeof CreateDraft>
export type CreateDraftInput = z.input<typeof CreateDraft>
