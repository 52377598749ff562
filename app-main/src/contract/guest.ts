/** What runs inside a machine, as an agent there tells it. Everything here comes from the guest: never trusted, shown as text only. */
import { z } from 'zod'
import { DomainId } from './domain.ts'

/** The languages that agents speak, best first; `lxd` is none: LXD and Incus reach into their machines themselves. */
export const GuestDialect = z.enum(['vireo', 'qemu-ga', 'kvm-manager', 'quantix', 'lxd'])
export type GuestDialect = z.infer<typeof GuestDialect>

export const GuestFeature = z.enum([
  'telemetry',
  'system',
  'network',
  'filesystems',
  'disks',
  'users',
  'processes',
  'kill',
  'services',
  'service-control',
  'exec',
  /** Output arrives while the command runs, not after its end. */
  'exec-stream',
  'exec-user',
  'read-file',
  'write-file',
  /** An interrupted upload goes on where it was. */
  'resume-upload',
  'directory',
  'time',
  'password',
  'ssh-keys',
  'freeze',
  'trim',
  'vcpus',
  'shutdown',
])
export type GuestFeature = z.infer<typeof GuestFeature>

/** An absent feature is available; a string is the reason why it is not. */
export const GuestFeatureSheet = z.partialRecord(GuestFeature, z.string())
export type GuestFeatureSheet = z.infer<typeof GuestFeatureSheet>

/** One agent of a machine: whether it answers, and what it can do. */
export const GuestAgentState = z.object({
  dialect: GuestDialect,
  /** `absent`: the machine has no channel for it; `silent`: a channel, but nobody answers on it. */
  state: z.enum(['answering', 'silent', 'absent']),
  /** Why it does not answer, and what to do. */
  reason: z.string().nullable(),
  version: z.string().nullable(),
  features: GuestFeatureSheet,
})
export type GuestAgentState = z.infer<typeof GuestAgentState>

export const GuestStatus = z.object({
  id: DomainId,
  /** In the order in which they are tried. */
  agents: z.array(GuestAgentState),
  /** The dialect that answers, null when none does. */
  primary: GuestDialect.nullable(),
})
export type GuestStatus = z.infer<typeof GuestStatus>

export const GuestSystem = z.object({
  hostname: z.string().nullable(),
  /** os-release's ID, for instance `debian`. */
  osId: z.string().nullable(),
  osName: z.string().nullable(),
  osVersion: z.string().nullable(),
  kernel: z.string().nullable(),
  architecture: z.string().nullable(),
  cpuCount: z.number().int().nullable(),
  memoryBytes: z.number().nullable(),
  uptimeSeconds: z.number().nullable(),
  timezone: z.string().nullable(),
  /** The guest's clock less this computer's, in seconds. */
  clockOffsetSeconds: z.number().nullable(),
})
export type GuestSystem = z.infer<typeof GuestSystem>

export const GuestInterface = z.object({
  name: z.string(),
  mac: z.string().nullable(),
  /** With their prefix length, for instance `192.168.122.5/24`. */
  addresses: z.array(z.string()),
  up: z.boolean().nullable(),
  mtu: z.number().int().nullable(),
  /** Counters since boot, null where the agent does not tell. */
  receivedBytes: z.number().nullable(),
  sentBytes: z.number().nullable(),
})
export type GuestInterface = z.infer<typeof GuestInterface>

export const GuestFilesystem = z.object({
  mountPoint: z.string(),
  device: z.string().nullable(),
  type: z.string().nullable(),
  totalBytes: z.number().nullable(),
  usedBytes: z.number().nullable(),
  /** What an ordinary user may still write. */
  availableBytes: z.number().nullable(),
})
export type GuestFilesystem = z.infer<typeof GuestFilesystem>

/** A whole disk or a partition as the guest's kernel sees it. Counters since boot, null where the agent does not tell. */
export const GuestDisk = z.object({
  /** `/dev/vda` */
  name: z.string(),
  partition: z.boolean(),
  serial: z.string().nullable(),
  readBytes: z.number().nullable(),
  writtenBytes: z.number().nullable(),
  /** Requests. */
  reads: z.number().nullable(),
  writes: z.number().nullable(),
})
export type GuestDisk = z.infer<typeof GuestDisk>

/** Somebody who is logged in. */
export const GuestUser = z.object({ name: z.string(), loginAt: z.number().nullable(), terminal: z.string().nullable() })
export type GuestUser = z.infer<typeof GuestUser>

export const GuestProcess = z.object({
  pid: z.number().int(),
  parentPid: z.number().int().nullable(),
  name: z.string(),
  /** The whole command line, null for a kernel thread. */
  command: z.string().nullable(),
  user: z.string().nullable(),
  /** Share of one CPU since the last listing, or since its start in the first one. */
  cpuPercent: z.number().nullable(),
  memoryBytes: z.number().nullable(),
  /** One letter as in ps: R, S, D, Z, T, I. */
  state: z.string().nullable(),
  startedAt: z.number().nullable(),
})
export type GuestProcess = z.infer<typeof GuestProcess>

/** A processor as the guest sees it. */
export const GuestCpu = z.object({
  /** The guest's own number of it. */
  id: z.number().int().min(0),
  online: z.boolean(),
  /** Whether the guest lets it go; null when it does not tell. */
  canOffline: z.boolean().nullable(),
})
export type GuestCpu = z.infer<typeof GuestCpu>

export const GuestService = z.object({
  name: z.string(),
  description: z.string().nullable(),
  state: z.enum(['running', 'stopped', 'failed', 'starting', 'stopping', 'exited', 'unknown']),
  /** Whether it starts at boot; null when unknown. */
  enabled: z.boolean().nullable(),
})
export type GuestService = z.infer<typeof GuestService>

export const ServiceAction = z.enum(['start', 'stop', 'restart', 'enable', 'disable'])
export type ServiceAction = z.infer<typeof ServiceAction>

/** One measurement from inside. Null: this agent does not tell. */
export const GuestTelemetry = z.object({
  /** Epoch milliseconds on this computer's clock. */
  at: z.number(),
  /** Of all CPUs together, 0 to 100. */
  cpuPercent: z.number().nullable(),
  memoryTotalBytes: z.number().nullable(),
  memoryAvailableBytes: z.number().nullable(),
  swapTotalBytes: z.number().nullable(),
  swapUsedBytes: z.number().nullable(),
  /** 1, 5 and 15 minutes. */
  load: z.tuple([z.number(), z.number(), z.number()]).nullable(),
  filesystems: z.array(GuestFilesystem),
  interfaces: z.array(GuestInterface),
  processCount: z.number().int().nullable(),
  uptimeSeconds: z.number().nullable(),
})
export type GuestTelemetry = z.infer<typeof GuestTelemetry>

export const GuestEntry = z.object({
  /** The last component only; may hold any character but `/` and NUL. */
  name: z.string(),
  type: z.enum(['file', 'directory', 'link', 'other']),
  sizeBytes: z.number(),
  /** Permission bits, for instance 0o644; null when unknown. */
  mode: z.number().int().nullable(),
  owner: z.string().nullable(),
  group: z.string().nullable(),
  modifiedAt: z.number().nullable(),
  linkTarget: z.string().nullable(),
})
export type GuestEntry = z.infer<typeof GuestEntry>

/** What to run in a guest. One of `shell` (given to `/bin/sh -c`) and `args` (no shell; the first is the program). */
export const ExecSpec = z
  .object({
    shell: z.string().min(1).optional(),
    args: z.array(z.string()).min(1).optional(),
    cwd: z.string().optional(),
    env: z.record(z.string().regex(/^[A-Za-z_]\w*$/), z.string()).default({}),
    /** Runs as this user; the agent's own (mostly root) unless told. */
    user: z.string().optional(),
    timeoutSeconds: z.number().int().min(1).max(86_400).default(60),
    /** Kept bytes of each of stdout and stderr; what is beyond is dropped and marked. */
    maxOutputBytes: z
      .number()
      .int()
      .min(1)
      .max(64 * 1024 * 1024)
      .default(1024 * 1024),
  })
  .refine(spec => (spec.shell === undefined) !== (spec.args === undefined), 'give either shell or args')
export type ExecSpec = z.infer<typeof ExecSpec>

export const ExecEnd = z.object({
  /** Null when a signal or the timeout ended it. */
  exitCode: z.number().int().nullable(),
  signal: z.string().nullable(),
  timedOut: z.boolean(),
  /** Bytes were dropped because of `maxOutputBytes`. */
  truncated: z.boolean(),
  durationMs: z.number(),
})
export type ExecEnd = z.infer<typeof ExecEnd>

/** How a command gets into the guest. */
export const ExecMethod = z.enum(['agent', 'ssh', 'serial'])
export type ExecMethod = z.infer<typeof ExecMethod>

/** How a command ended, and the way it took into the guest. */
export const ExecResult = ExecEnd.extend({ method: ExecMethod })
export type ExecResult = z.infer<typeof ExecResult>

const NO_CONTROL = /^[^\u0000-\u001f\u007f]*$/

/** Who logs in where a guest asks for it, as on its serial line. */
export const GuestLogin = z.object({
  user: z.string().min(1).max(64).regex(NO_CONTROL, 'must not hold control characters'),
  /** Null: the user has none. */
  password: z.string().max(512).regex(NO_CONTROL, 'must not hold control characters').nullable(),
})
export type GuestLogin = z.infer<typeof GuestLogin>
