/** Making machines. */
import { z } from 'zod'
import { ConnectionUri } from './connection.ts'
import { CreateDraft } from './create-draft.ts'
import { call, event } from './define.ts'
import { DomainId } from './domain.ts'
import { FirstBoot } from './first-boot.ts'
import { NetworkSubnet } from './network.ts'
import { TaskRef } from './task.ts'

/** A file that belongs to a new machine. */
export const PlannedFile = z.object({
  kind: z.enum(['base', 'base-copy', 'disk', 'seed', 'iso']),
  path: z.string(),
  /** Null for files outside of storage pools. */
  pool: z.string().nullable(),
  /** How large it looks from inside; what it takes here grows with what is written. */
  bytes: z.number(),
  /** False: it is there already and is only read. */
  made: z.boolean(),
  /** What it is built on, which must stay. */
  base: z.string().nullable(),
})
export type PlannedFile = z.infer<typeof PlannedFile>

/** What cloud-init is told. */
export const SeedTexts = z.object({ userData: z.string(), metaData: z.string(), networkConfig: z.string() })
export type SeedTexts = z.infer<typeof SeedTexts>

export const CreateSeed = z.object({
  /** Null where nobody is told anything. */
  seed: SeedTexts.nullable(),
  /** English sentences. */
  warnings: z.array(z.string()),
})
export type CreateSeed = z.infer<typeof CreateSeed>

export const CreatePlan = z.object({
  name: z.string(),
  connection: ConnectionUri,
  hostname: z.string(),
  /** Who can log in; null: nobody was given a way. */
  user: z.string().nullable(),
  cpus: z.number().int(),
  memoryBytes: z.number(),
  firmware: z.enum(['bios', 'uefi', 'secure-boot']),
  accelerated: z.boolean(),
  osId: z.string().nullable(),
  /** Which source is taken and why that one, an English sentence; null where nobody can tell. */
  taken: z.object({ from: z.enum(['cache', 'build', 'download', 'file']), why: z.string() }).nullable(),
  pool: z.string(),
  files: z.array(PlannedFile),
  /** Without the screen's password. */
  domainXml: z.string(),
  /** Null without cloud-init. */
  seed: SeedTexts.nullable(),
  /** What the installer is told; absent where it asks. */
  answerFile: z.string().optional(),
  /** What looked at those answers; null: it is not installed here, so nobody did. Absent where there are none. */
  answersCheckedBy: z.string().nullable().optional(),
  /** The source is copied because the user that machines run as cannot read it; absent: it is used where it lies. */
  copied: z
    .object({
      path: z.string(),
      user: z.string(),
      /** What that user may not enter or read. */
      obstacles: z.array(z.string()),
      /** What a person would type so that it can be used where it lies. */
      commands: z.array(z.string()),
    })
    .optional(),
  /** What was asked for as YAML, which `vireo create -f` takes; what was left open is left out. */
  file: z.string(),
  /** What a person would type for the same, for reading. */
  commands: z.array(z.string()),
  /** What will perhaps not be as expected, English sentences. */
  warnings: z.array(z.string()),
})
export type CreatePlan = z.infer<typeof CreatePlan>

export const CreateOptions = z.object({
  cpus: z.number().int(),
  memoryBytes: z.number(),
  /** What programs can have of it now; null where nobody knows. */
  availableMemoryBytes: z.number().nullable(),
  maxCpus: z.number().int(),
  /** KVM works; null while that is being tried out: ask again. */
  accelerated: z.boolean().nullable(),
  firmwares: z.array(z.enum(['bios', 'uefi', 'secure-boot'])),
  tpm: z.boolean(),
  /** User networking can forward ports. */
  portForwards: z.boolean(),
  /** It is this computer, so that Vireo can lead its ports into machines on a network. */
  local: z.boolean(),
  networks: z.array(
    z.object({
      name: z.string(),
      active: z.boolean(),
      /** Where libvirt gives out addresses; empty for bridges and the like. */
      subnets: z.array(NetworkSubnet),
    }),
  ),
  pools: z.array(z.object({ name: z.string(), path: z.string(), availableBytes: z.number(), active: z.boolean() })),
})
export type CreateOptions = z.infer<typeof CreateOptions>

export const FoundSshKey = z.object({
  type: z.string(),
  comment: z.string(),
  /** For `authorized_keys`. */
  line: z.string(),
  /** A file's path, or `agent`. */
  source: z.string(),
})
export type FoundSshKey = z.infer<typeof FoundSshKey>

/** What an ended Vireo left half-made. */
export const Unfinished = z.object({
  id: DomainId,
  name: z.string(),
  connection: ConnectionUri,
  /** Epoch milliseconds. */
  startedAt: z.number(),
  /** What it was to be is known, so that it can be made after all. */
  finishable: z.boolean(),
})
export type Unfinished = z.infer<typeof Unfinished>

const Wanted = z.object({ connection: ConnectionUri, draft: CreateDraft })

export const create = {
  /** Only full access is told what a host can give, and files of this computer are looked at: not for who may only look. Asked while one types. */
  plan: call({
    summary: 'Says what making a machine would do, and does nothing.',
    effect: 'inspect',
    deadlineMs: 120_000,
    input: Wanted,
    output: CreatePlan,
  }),
  /** Reads a person's own user-data and merges it, as far as that can be said of an image that is perhaps not here yet. */
  seed: call({
    summary: 'Says what cloud-init would be told, and does nothing.',
    effect: 'inspect',
    deadlineMs: 120_000,
    input: Wanted,
    output: CreateSeed,
  }),
  /** Undoes everything when it fails or is cancelled. */
  run: call({
    summary: 'Makes a machine.',
    title: 'New machine',
    effect: 'change',
    deadlineMs: 120_000,
    input: Wanted,
    output: TaskRef.extend({ id: DomainId }),
  }),
  /** Cancelling it leaves the machine as it is. Fails when a stage takes too long or cloud-init reports errors. */
  firstBoot: call({
    summary: 'Waits for the first start of a machine that this Vireo made: its address, its agent, cloud-init, SSH.',
    title: 'First start',
    effect: 'read',
    input: z.object({ id: DomainId }),
    output: TaskRef,
  }),
  bootState: call({
    summary: 'Tells how far the first start of a machine is that this Vireo made; null for other machines.',
    effect: 'read',
    input: z.object({ id: DomainId }),
    output: FirstBoot.nullable(),
  }),
  /** A first start that somebody waits for got further. */
  bootChanged: event(FirstBoot),
  options: call({
    summary: 'Tells what machines can have on a host, and what is free there.',
    effect: 'inspect',
    deadlineMs: 120_000,
    input: z.object({ connection: ConnectionUri }),
    output: CreateOptions,
  }),
  /** Full access only: it looks at files of this computer. */
  folder: call({
    summary: 'Tells whether disks can lie in a folder of this computer, and what is free there.',
    effect: 'inspect',
    input: z.object({ connection: ConnectionUri, path: z.string().min(1).max(4096) }),
    output: z.object({
      /** Without links. */
      path: z.string(),
      availableBytes: z.number(),
    }),
  }),
  sshKeys: call({
    summary: 'Finds public SSH keys in ~/.ssh and in the agent.',
    effect: 'inspect',
    input: z.object({}),
    output: z.array(FoundSshKey),
  }),
  unfinished: call({
    summary: 'Lists machines that were half made when Vireo was ended.',
    effect: 'read',
    input: z.object({}),
    output: z.array(Unfinished),
  }),
  /** From the beginning: what is left of it is removed first, and what was downloaded is here. It gets an id of its own. */
  finish: call({
    summary: 'Makes a machine after all that was half made when Vireo was ended.',
    title: 'Finish half-made machine',
    effect: 'change',
    deadlineMs: 120_000,
    input: z.object({ id: DomainId }),
    output: TaskRef.extend({ id: DomainId }),
  }),
  discard: call({
    summary: 'Removes a machine that was half made when Vireo was ended.',
    title: 'Remove half-made machine',
    effect: 'destroy',
    confirm: 'Remove the half-made machine with its disks?',
    input: z.object({ id: DomainId }),
    output: TaskRef,
  }),
} as const
