/** Removable media of machines, and what they start from. */
import { z } from 'zod'
import { call, event } from './define.ts'
import { DomainId } from './domain.ts'
import { TaskRef } from './task.ts'

const Target = z.string().regex(/^[a-z]{1,16}$/, 'must be a drive such as sda, as `media list` shows')

export const MediaDrive = z.object({
  /** For instance `sda`. */
  target: z.string(),
  bus: z.string(),
  /** What lies in it; null: empty. */
  source: z.string().nullable(),
  /** What will lie in it at the next start; the same while the machine is off. */
  nextSource: z.string().nullable(),
  /** It is open. */
  open: z.boolean(),
  /** False: the running machine has it from its next start on. */
  present: z.boolean(),
})
export type MediaDrive = z.infer<typeof MediaDrive>

export const BootDevice = z.object({
  /** A disk's target, or a network card's MAC address. */
  device: z.string(),
  kind: z.enum(['disk', 'cdrom', 'floppy', 'network', 'other']),
  /** Its place from 1 on; null: it is never tried. */
  order: z.number().int().nullable(),
})
export type BootDevice = z.infer<typeof BootDevice>

export const MediaState = z.object({ drives: z.array(MediaDrive), boot: z.array(BootDevice) })
export type MediaState = z.infer<typeof MediaState>

const NeedsRestart = z.object({
  /** The machine sees it from its next start on. */
  needsRestart: z.boolean(),
})
const drive = Target.optional().describe('the drive, for instance sda; needed only where several can be meant')
const force = z.boolean().default(false).describe('also when the guest has locked the drive')

export const media = {
  list: call({
    summary: "Lists a machine's CD drives and what it starts from.",
    verb: 'media list',
    target: 'domain',
    effect: 'read',
    input: z.object({ id: DomainId }),
    output: MediaState,
  }),
  insert: call({
    summary: 'Puts an ISO into a drive of a machine, running or not; one without a drive gets one.',
    target: 'domain',
    effect: 'change',
    input: z.object({
      id: DomainId,
      source: z
        .string()
        .min(1)
        .max(4096)
        .regex(/^[^\p{Cc}]*$/u, 'must be one line')
        .describe('path of an ISO, or one of the catalogue, such as debian-13:iso'),
      drive,
      force,
    }),
    output: TaskRef,
  }),
  eject: call({
    summary: 'Takes the medium out of a drive.',
    verb: 'media eject',
    target: 'domain',
    effect: 'change',
    deadlineMs: 90_000,
    input: z.object({ id: DomainId, drive, force }),
    output: NeedsRestart.extend({ drive: z.string() }),
  }),
  boot: call({
    summary: 'Lets a machine try a disk, drive or network card first when it starts; the others follow as before.',
    verb: 'media boot',
    target: 'domain',
    effect: 'change',
    input: z.object({
      id: DomainId,
      device: z.string().min(1).max(64).describe('for instance vda, sda or the MAC address of a card'),
    }),
    output: NeedsRestart,
  }),
  /** This Vireo changed something about a machine's media or what it starts from. What a guest ejects is not told. */
  changed: event(z.object({ id: DomainId })),
} as const
