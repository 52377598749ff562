/** Guests: what can be asked of the inside of a machine. */
import { z } from 'zod'
import { call, event, stream } from './define.ts'
import { DomainId } from './domain.ts'
import {
  ExecMethod,
  ExecSpec,
  GuestCpu,
  GuestDialect,
  GuestDisk,
  GuestEntry,
  GuestFilesystem,
  GuestInterface,
  GuestLogin,
  GuestProcess,
  GuestService,
  GuestStatus,
  GuestSystem,
  GuestTelemetry,
  GuestUser,
  ServiceAction,
} from './guest.ts'
import { TaskRef } from './task.ts'

const One = z.object({ id: DomainId })
const Nothing = z.object({})
const ALIVE = ['running'] as const
/** Names of a guest's files: absolute, without NUL. */
const GuestPath = z
  .string()
  .min(1)
  .max(4096)
  .regex(/^\/[^\0]*$/s, 'must be an absolute path')

/** Numbers of a guest's processors. */
const CpuIds = z.array(z.number().int().min(0).max(4095)).max(4096)

/** What every call here has in common. */
const running = { target: 'domain', when: [...ALIVE] } as const

export const guest = {
  status: call({
    ...running,
    summary: 'Tells which agents a machine has, which of them answers, and what it cannot do.',
    verb: 'guest status',
    effect: 'read',
    input: One,
    output: GuestStatus,
  }),
  info: call({
    ...running,
    summary: 'Tells what runs inside: system, addresses, filesystems, who is logged in.',
    verb: 'guest info',
    effect: 'read',
    input: One,
    output: z.object({
      dialect: GuestDialect,
      system: GuestSystem,
      interfaces: z.array(GuestInterface),
      filesystems: z.array(GuestFilesystem),
      users: z.array(GuestUser),
    }),
  }),
  telemetry: call({
    summary:
      'Gives what was measured inside machines, of the last 15 minutes or since a moment. Asking keeps the measuring going for half a minute.',
    effect: 'read',
    input: z.object({
      ids: z.array(DomainId).max(200),
      /** Epoch milliseconds: only newer samples. */
      since: z.number().default(0),
      intervalSeconds: z.number().int().min(1).max(60).default(5),
    }),
    /** Machines without an answering agent are left out. */
    output: z.array(
      z.object({
        id: DomainId,
        dialect: GuestDialect,
        /** The guest's operating system in its own words, for instance `Debian GNU/Linux 12 (bookworm)`; null until it told. */
        osName: z.string().nullable(),
        samples: z.array(GuestTelemetry),
      }),
    ),
  }),
  processes: call({
    ...running,
    summary: 'Lists the processes inside a machine.',
    verb: 'guest ps',
    effect: 'read',
    input: One,
    output: z.array(GuestProcess),
  }),
  kill: call({
    ...running,
    summary: 'Sends a signal to a process inside a machine.',
    verb: 'guest kill',
    effect: 'change',
    input: One.extend({
      pid: z.number().int().min(1).describe('process id'),
      signal: z.number().int().min(1).max(64).default(15).describe('signal number: 15 asks, 9 forces'),
    }),
    output: Nothing,
  }),
  filesystems: call({
    ...running,
    summary: 'Lists the filesystems inside a machine and how full they are.',
    verb: 'guest df',
    effect: 'read',
    input: One,
    output: z.array(GuestFilesystem),
  }),
  services: call({
    ...running,
    summary: 'Lists the services inside a machine.',
    verb: 'guest services',
    effect: 'read',
    input: One,
    output: z.array(GuestService),
  }),
  controlService: call({
    ...running,
    summary: 'Starts, stops, restarts, enables or disables a service inside a machine.',
    verb: 'guest service',
    effect: 'change',
    input: One.extend({
      name: z.string().min(1).max(256).describe('name of the service'),
      action: ServiceAction.describe('what to do with it'),
    }),
    output: Nothing,
  }),
  disks: call({
    ...running,
    summary: 'Lists the disks and partitions that a guest sees, and what it read and wrote.',
    verb: 'guest disks',
    effect: 'read',
    input: One,
    output: z.array(GuestDisk),
  }),
  cpus: call({
    ...running,
    summary: 'Lists the processors that a guest sees, and which of them it uses.',
    effect: 'read',
    input: One,
    output: z.array(GuestCpu),
  }),
  setCpus: call({
    ...running,
    summary: 'Lets a guest use processors or leave them alone. All of it is refused when a part of it cannot be.',
    effect: 'change',
    input: One.extend({ online: CpuIds.default([]), offline: CpuIds.default([]) }),
    output: Nothing,
  }),
  list: call({
    ...running,
    summary: 'Lists a folder inside a machine.',
    verb: 'guest ls',
    effect: 'read',
    input: One.extend({ path: GuestPath.describe('folder') }),
    output: z.array(GuestEntry),
  }),
  stat: call({
    ...running,
    summary: 'Tells about one file inside a machine.',
    effect: 'read',
    input: One.extend({ path: GuestPath }),
    output: GuestEntry,
  }),
  makeDirectory: call({
    ...running,
    summary: 'Makes a folder inside a machine.',
    verb: 'guest mkdir',
    effect: 'change',
    input: One.extend({
      path: GuestPath.describe('folder'),
      parents: z.boolean().default(false).describe('parents too'),
    }),
    output: Nothing,
  }),
  remove: call({
    ...running,
    summary: 'Deletes a file or folder inside a machine.',
    verb: 'guest rm',
    effect: 'destroy',
    confirm: 'Delete {path} in {name}?',
    input: One.extend({
      path: GuestPath.describe('what'),
      recursive: z.boolean().default(false).describe('folders too'),
    }),
    output: Nothing,
  }),
  syncTime: call({
    ...running,
    summary: "Sets the guest's clock to this computer's.",
    title: 'Set guest clock',
    verb: 'guest sync-time',
    effect: 'change',
    input: One,
    output: Nothing,
  }),
  setPassword: call({
    ...running,
    summary: 'Sets the password of a user inside a machine.',
    effect: 'change',
    input: One.extend({ user: z.string().min(1).max(256), password: z.string().min(1).max(4096) }),
    output: Nothing,
  }),
  login: call({
    target: 'domain',
    summary: "Tells as whom Vireo logs in on a machine's serial line; null when it knows no login.",
    effect: 'read',
    input: One,
    output: z.object({ user: z.string().nullable() }),
  }),
  setLogin: call({
    target: 'domain',
    summary:
      "Tells Vireo how to log in on a machine's serial line. It is kept in this process's memory and nowhere else, until Vireo ends or a login with it fails.",
    effect: 'change',
    input: One.extend(GuestLogin.shape),
    output: Nothing,
  }),
  forgetLogin: call({
    target: 'domain',
    summary: "Forgets how to log in on a machine's serial line.",
    effect: 'change',
    input: One,
    output: Nothing,
  }),
  sshKeys: call({
    ...running,
    summary: "Lists a user's authorised SSH keys inside a machine.",
    effect: 'read',
    input: One.extend({ user: z.string().min(1).max(256) }),
    output: z.array(z.string()),
  }),
  setSshKeys: call({
    ...running,
    summary: "Replaces a user's authorised SSH keys inside a machine.",
    effect: 'change',
    input: One.extend({ user: z.string().min(1).max(256), keys: z.array(z.string().min(1).max(16_384)).max(200) }),
    output: Nothing,
  }),
  freeze: call({
    ...running,
    summary: "Freezes the guest's filesystems so that a copy of its disks is consistent; it thaws by itself in time.",
    title: 'Freeze filesystems',
    verb: 'guest freeze',
    effect: 'change',
    input: One.extend({ timeoutSeconds: z.number().int().min(1).max(600).default(60).describe('thaws after that') }),
    output: z.object({ count: z.number().int(), token: z.string().nullable(), autoThawAt: z.number().nullable() }),
  }),
  thaw: call({
    ...running,
    summary: 'Thaws frozen filesystems.',
    title: 'Thaw filesystems',
    verb: 'guest thaw',
    effect: 'change',
    input: One.extend({ token: z.string().nullable().default(null).describe('as freeze gave it') }),
    output: z.object({ count: z.number().int() }),
  }),
  trim: call({
    ...running,
    summary: 'Gives blocks that the guest no longer uses back to the host.',
    title: 'Trim filesystems',
    verb: 'guest trim',
    effect: 'change',
    input: One,
    output: TaskRef,
  }),
  installAgent: call({
    ...running,
    summary: 'Installs the Vireo agent into a running machine, adding its channel.',
    title: 'Install the Vireo agent',
    verb: 'agent install',
    effect: 'change',
    input: One.extend({ method: ExecMethod.or(z.literal('auto')).default('auto').describe('the way in') }),
    output: TaskRef,
  }),
  uninstallAgent: call({
    ...running,
    summary: 'Removes the Vireo agent from a running machine.',
    title: 'Remove the Vireo agent',
    verb: 'agent uninstall',
    effect: 'destroy',
    confirm: 'Remove the Vireo agent from {name}?',
    input: One.extend({ method: ExecMethod.or(z.literal('auto')).default('auto').describe('the way in') }),
    output: TaskRef,
  }),
  installQemuAgent: call({
    ...running,
    summary: "Installs the distribution's qemu-guest-agent into a running machine, adding its channel.",
    title: 'Install qemu-guest-agent',
    verb: 'install-qemu-agent',
    effect: 'change',
    input: One.extend({ method: ExecMethod.or(z.literal('auto')).default('auto').describe('the way in') }),
    output: TaskRef,
  }),

  /** Frames of `exec-frames.ts`: standard input to the guest; output, and at last the end, from it. */
  exec: stream({
    ...running,
    summary: 'Runs a command inside a machine.',
    effect: 'change',
    // A login on the serial line takes its time.
    deadlineMs: 90_000,
    input: z.object({
      id: DomainId,
      spec: ExecSpec,
      method: ExecMethod.or(z.literal('auto')).default('auto'),
      /** For this command alone, where the way in asks for one. */
      login: GuestLogin.optional(),
    }),
  }),
  /** The file's bytes from `offset`, then the end. */
  readFile: stream({
    ...running,
    summary: 'Reads a file inside a machine.',
    // It changes nothing, but who may only look shall not read what is inside.
    effect: 'change',
    input: One.extend({ path: GuestPath, offset: z.number().int().min(0).default(0) }),
  }),
  /**
   * Takes exactly `sizeBytes` bytes; ends cleanly when the file stands under its name, whole. With a `resumeKey` it first tells an
   * `UploadStart`; the content is sent from its start all the same, and what the guest has already is only checked.
   */
  writeFile: stream({
    ...running,
    summary: 'Writes a file inside a machine.',
    effect: 'change',
    input: One.extend({
      path: GuestPath,
      sizeBytes: z.number().int().min(0),
      mode: z.number().int().min(0).max(0o7777).optional(),
      overwrite: z.boolean().default(false),
      createParents: z.boolean().default(false),
      /** Names the upload: an interrupted one with the same key and path is gone on with. Make it from what tells the source and its state. */
      resumeKey: z
        .string()
        .regex(/^[0-9a-f]{32}$/, 'must be 32 hexadecimal digits')
        .optional(),
    }),
  }),

  /** A machine's agents came, went or changed. */
  changed: event(GuestStatus),
} as const
