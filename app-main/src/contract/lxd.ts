/** What machines of LXD and Incus are made from, and what can be done with theirs alone. */
import { z } from 'zod'
import { ConnectionUri } from './connection.ts'
import { call, event, stream } from './define.ts'
import { DomainId } from './domain.ts'
import { TerminalSize } from './ssh.ts'
import { TaskRef } from './task.ts'

const NAME = '[A-Za-z](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?'

/** As of hosts: what LXD takes. */
export const InstanceName = z
  .string()
  .max(63)
  .regex(new RegExp(`^${NAME}$`), 'must be letters, digits and dashes, begin with a letter and not end with a dash')

/** Of profiles, networks and snapshots; LXD says itself what else it does not take. */
const Word = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[^\s/\\'"`$&<>|;?*%\p{Cc}]+$/u, 'must not hold spaces, slashes, quotes and other signs')

const ImageWord = z
  .string()
  .min(1)
  .max(1024)
  .regex(/^[^\p{Cc}]+$/u, 'must not hold control characters')

/** With its unit: to LXD a bare number means bytes, and 4 of them are a machine that cannot start. */
export const InstanceSize = z
  .string()
  .regex(/^[1-9]\d{0,11}(?:[kM]B|[KM]iB|[GT]i?B)$/, 'must be a size with its unit, such as 512MiB or 4GiB')

export const Launch = z.object({
  connection: ConnectionUri,
  image: ImageWord.describe('local alias or fingerprint; images:debian/12; or the absolute path of an image file'),
  name: InstanceName.describe('name of the new machine'),
  vm: z.boolean().default(false).describe('a virtual machine instead of a container'),
  profiles: z
    .string()
    .max(1024)
    .regex(/^[^\s/'"`$&<>|;?*%\p{Cc}]*$/u, 'must be names with commas between')
    .default('default')
    .describe('names of profiles, with commas between'),
  cpus: z.number().int().min(1).max(4096).nullable().default(null).describe('processors it may use'),
  memory: InstanceSize.nullable().default(null).describe('memory it may use, for instance 512MiB'),
  disk: InstanceSize.nullable().default(null).describe('size of its root disk'),
  network: Word.nullable().default(null).describe('network for its card; as the profiles say unless told'),
  autostart: z.boolean().default(false).describe('start with the host'),
  nesting: z.boolean().default(false).describe('containers inside it'),
  start: z.boolean().default(true).describe('start it'),
})
export type Launch = z.infer<typeof Launch>

export const LxdImage = z.object({
  fingerprint: z.string(),
  aliases: z.array(z.string()),
  description: z.string(),
  type: z.enum(['container', 'virtual-machine']),
  architecture: z.string(),
  bytes: z.number(),
  /** Fetched for a machine, and taken away again by LXD when it is not used. */
  cached: z.boolean(),
})
export type LxdImage = z.infer<typeof LxdImage>

export const LxdProfile = z.object({ name: z.string(), description: z.string(), usedBy: z.number().int() })
export type LxdProfile = z.infer<typeof LxdProfile>

export const LxdPool = z.object({
  name: z.string(),
  driver: z.string(),
  status: z.string(),
  /** Null where LXD does not tell. */
  totalBytes: z.number().nullable(),
  usedBytes: z.number().nullable(),
})
export type LxdPool = z.infer<typeof LxdPool>

export const LxdVolume = z.object({
  pool: z.string(),
  name: z.string(),
  /** `container`, `virtual-machine`, `image`, or `custom` for those made by hand. */
  type: z.string(),
  /** `filesystem` or `block`. */
  content: z.string(),
  usedBy: z.number().int(),
})
export type LxdVolume = z.infer<typeof LxdVolume>

export const LxdNetwork = z.object({
  name: z.string(),
  type: z.string(),
  /** False: it is the host's own. */
  managed: z.boolean(),
  ipv4: z.string().nullable(),
  usedBy: z.number().int(),
})
export type LxdNetwork = z.infer<typeof LxdNetwork>

export const InstanceSnapshot = z.object({
  name: z.string(),
  /** Epoch milliseconds; null when LXD does not tell. */
  createdAt: z.number().nullable(),
  /** With its memory. */
  stateful: z.boolean(),
})
export type InstanceSnapshot = z.infer<typeof InstanceSnapshot>

/** The end of one log file of a machine. */
export const InstanceLog = z.object({
  /** All that there are, the most telling first. */
  files: z.array(z.string()),
  /** The one that is shown; null where there is none. */
  file: z.string().nullable(),
  text: z.string(),
  /** What stood before was left out. */
  cut: z.boolean(),
})
export type InstanceLog = z.infer<typeof InstanceLog>

const LogFile = z.string().regex(/^\w[\w.-]{0,127}$/, 'must be the name of a log file')

const Place = z.object({ connection: ConnectionUri })
const One = z.object({ id: DomainId })
const Snapshot = One.extend({ snapshot: Word.describe('name of the snapshot') })
const read = { effect: 'read' } as const

export const lxd = {
  launch: call({
    summary: 'Makes a container or a virtual machine of LXD or Incus from an image, and starts it.',
    title: 'Launch',
    verb: 'launch',
    effect: 'change',
    input: Launch,
    output: TaskRef,
  }),
  images: call({
    ...read,
    summary: 'Lists the images that LXD has.',
    verb: 'lxd images',
    input: Place,
    output: z.array(LxdImage),
  }),
  profiles: call({
    ...read,
    summary: "Lists LXD's profiles.",
    verb: 'lxd profiles',
    input: Place,
    output: z.array(LxdProfile),
  }),
  pools: call({
    ...read,
    summary: "Lists LXD's storage pools.",
    verb: 'lxd storage',
    input: Place,
    output: z.array(LxdPool),
  }),
  volumes: call({
    ...read,
    summary: "Lists the volumes in LXD's storage pools.",
    verb: 'lxd volumes',
    input: Place,
    output: z.array(LxdVolume),
  }),
  networks: call({
    ...read,
    summary: "Lists LXD's networks.",
    verb: 'lxd networks',
    input: Place,
    output: z.array(LxdNetwork),
  }),
  snapshots: call({
    ...read,
    summary: "Lists the snapshots of one of LXD's machines.",
    verb: 'lxd snapshots',
    target: 'domain',
    input: One,
    output: z.array(InstanceSnapshot),
  }),
  log: call({
    ...read,
    summary: 'Shows the end of what LXD logged of one of its machines.',
    verb: 'lxd log',
    target: 'domain',
    input: One.extend({
      file: LogFile.nullable().default(null).describe('which log file; the most telling one unless told'),
    }),
    output: InstanceLog,
  }),
  takeSnapshot: call({
    summary: "Takes a snapshot of the disk of one of LXD's machines.",
    verb: 'lxd snapshot',
    target: 'domain',
    effect: 'change',
    input: Snapshot,
    output: TaskRef,
  }),
  restoreSnapshot: call({
    summary: "Puts the disk of one of LXD's machines back to a snapshot.",
    verb: 'lxd restore',
    target: 'domain',
    effect: 'destroy',
    confirm: 'Put {name} back to {snapshot}? What was written since is lost.',
    input: Snapshot,
    output: TaskRef,
  }),
  deleteSnapshot: call({
    summary: "Deletes a snapshot of one of LXD's machines.",
    verb: 'lxd delete-snapshot',
    target: 'domain',
    effect: 'destroy',
    confirm: 'Delete the snapshot {snapshot} of {name}?',
    input: Snapshot,
    output: TaskRef,
  }),
  rename: call({
    summary: "Renames one of LXD's machines, which must be off.",
    verb: 'lxd rename',
    target: 'domain',
    effect: 'change',
    input: One.extend({ newName: InstanceName.describe('its new name') }),
    output: TaskRef,
  }),
  copy: call({
    summary: "Copies one of LXD's machines; the copy is off.",
    verb: 'lxd copy',
    target: 'domain',
    effect: 'change',
    input: One.extend({ newName: InstanceName.describe('name of the copy') }),
    output: TaskRef,
  }),

  /** Frames of `terminal-frames.ts`. */
  terminal: stream({
    summary: "Opens a terminal inside one of LXD's machines, as root, by LXD itself.",
    effect: 'change',
    target: 'domain',
    when: ['running'],
    input: One.extend(TerminalSize.shape),
  }),

  /** Snapshots of a machine came or went: ask again. */
  snapshotsChanged: event(z.object({ id: DomainId })),
} as const
