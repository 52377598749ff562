/** What this computer can run machines with: one card per hypervisor, and what to do about it. */
import { z } from 'zod'
import { call, event } from './define.ts'
import { AppError } from './error.ts'
import { TaskId, TaskRef } from './task.ts'

/** `lxd` is LXD and Incus. */
export const HypervisorName = z.enum(['kvm', 'lxd', 'virtualbox', 'podman', 'docker'])
export type HypervisorName = z.infer<typeof HypervisorName>

/** Exactly one holds; `app-main/src/host/state.ts` has the rules. */
export const CardState = z.enum([
  'unknown',
  'bios_required',
  'not_available',
  'no_kernel_support',
  'conflict',
  'no_permission',
  'not_responding',
  'not_working',
  'emulation_only',
  'ready',
  'needs_init',
  'not_enabled',
  'not_running',
  'not_installed',
  'available',
])
export type CardState = z.infer<typeof CardState>

/** A sentence as its key in `HOST_WORDS` and what fills it, so that every surface can say it in its own language. */
export const Words = z.object({
  key: z.string().max(60),
  values: z.record(z.string(), z.union([z.string().max(2000), z.number()])),
})
export type Words = z.infer<typeof Words>

export const Indicator = z.object({
  id: z.string(),
  mark: z.enum(['yes', 'no', 'warn', 'unknown']),
  words: Words,
})
export type Indicator = z.infer<typeof Indicator>

export const HostAction = z.enum([
  'install',
  'enable',
  'start',
  'create-default-network',
  'create-default-pool',
  /** Storage and a network for LXD or Incus. */
  'initialise',
  'add-to-groups',
  'fix-device',
  'load-modules',
  'unload-modules',
])
export type HostAction = z.infer<typeof HostAction>

/** One run of the boot probe. Milliseconds are of the whole emulator, from its start to the guest's signal. */
export const ProbeRun = z.object({
  outcome: z.enum(['passed', 'failed', 'timeout', 'not-run']),
  milliseconds: z.number().nullable(),
  /** What the emulator said when it failed, one line. */
  message: z.string().nullable(),
})
export type ProbeRun = z.infer<typeof ProbeRun>

export const BootProbe = z.object({
  kvm: ProbeRun,
  emulation: ProbeRun,
  /** `crawls`: it finishes, but no faster than software. */
  verdict: z.enum(['works', 'fails', 'crawls', 'not-possible']),
  /** Epoch milliseconds. */
  at: z.number(),
})
export type BootProbe = z.infer<typeof BootProbe>

/** The fields of the seed's status, by the names it gave them, and what Vireo adds. */
export const Hypervisor = z.object({
  type: HypervisorName,
  state: CardState,
  /** `libvirt`, `qemu` alone, `lxd`, `incus`…; null while nothing is installed. */
  management: z.string().nullable(),
  version: z.string().nullable(),
  available: z.boolean(),
  installed: z.boolean(),
  enabled: z.boolean(),
  running: z.boolean(),
  initialized: z.boolean(),
  kernel_supported: z.boolean(),
  cpu_supported: z.boolean(),
  cpu_vendor: z.enum(['intel', 'amd']).nullable(),
  nested: z.boolean(),
  modules_loaded: z.boolean(),
  modules_available: z.boolean(),
  user_in_group: z.boolean(),
  needs_install: z.boolean(),
  needs_enable: z.boolean(),
  needs_init: z.boolean(),
  needs_modprobe: z.boolean(),
  needs_bios_virtualization: z.boolean(),
  /** Whether Vireo knows the packages of this distribution. */
  can_auto_install: z.boolean(),
  /** Whether this computer takes snaps; told of LXD alone. */
  snap_available: z.boolean(),
  /** Null before it ran, and for hypervisors without one. */
  boot_probe: BootProbe.nullable(),
  /** True while slow probes are still under way: the card will change. */
  probing: z.boolean(),
  indicators: z.array(Indicator),
  /** Why it is in this state. */
  why: Words,
  /** Version, places and the like, for the disclosure; `label` is a key of `HOST_WORDS`. */
  details: z.array(z.object({ label: z.string(), value: z.string() })),
  /** The one next step; null when there is none. */
  primary: HostAction.nullable(),
  /** Everything that can be done now, the primary one included. */
  actions: z.array(HostAction),
})
export type Hypervisor = z.infer<typeof Hypervisor>

export const HostStatus = z.object({
  platform: z.string(),
  /** Name and version of the distribution. */
  distribution: z.string(),
  kernel: z.string(),
  hypervisors: z.object({
    kvm: Hypervisor,
    lxd: Hypervisor,
    virtualbox: Hypervisor,
    podman: Hypervisor,
    docker: Hypervisor,
  }),
  /** The first that is ready to make machines, null when none is. */
  default_hypervisor: HypervisorName.nullable(),
  /** Milliseconds the detection took, slow probes not counted. */
  detection_ms: z.number(),
})
export type HostStatus = z.infer<typeof HostStatus>

export const HostCheck = z.object({
  id: z.string(),
  name: z.string(),
  status: z.enum(['OK', 'WARN', 'FAIL']),
  details: z.string(),
  /** What to do, null where nothing is wrong. Commands stand one to a line. */
  fix: z.string().nullable(),
  /** The same as keys, for other languages. */
  words: z.object({ name: Words, details: Words, fix: Words.nullable() }),
  /** What Vireo can do about it itself. */
  action: z.object({ hypervisor: HypervisorName, action: HostAction }).nullable(),
})
export type HostCheck = z.infer<typeof HostCheck>

export const HostReport = z.object({ overall: HostCheck.shape.status, checks: z.array(HostCheck) })
export type HostReport = z.infer<typeof HostReport>

const Wanted = z.object({
  hypervisor: HypervisorName.describe('which hypervisor'),
  action: HostAction.describe('what to do'),
  undo: z.boolean().default(false).describe('take back what it did, as long as this Vireo runs'),
})

export const HostPlan = Wanted.extend({
  /** What will run, in this order, as one types it in a shell. */
  commands: z.array(z.string()),
  /** How they get their rights; `none` when this user has them. */
  elevation: z.enum(['none', 'pkexec', 'sudo']),
  /** What would take it back; empty where nothing does. */
  undo_commands: z.array(z.string()),
  notes: z.array(Words),
  /** Why it cannot be done now. */
  refusal: AppError.nullable(),
})
export type HostPlan = z.infer<typeof HostPlan>

export const HostLog = z.object({
  taskId: TaskId,
  hypervisor: HypervisorName,
  action: HostAction,
  /** Whether it took something back. */
  undo: z.boolean(),
  state: z.enum(['running', 'done', 'failed', 'cancelled']),
  /** Why it failed. */
  error: AppError.nullable(),
  /** Whether this Vireo can take it back now. */
  undoable: z.boolean(),
  /** Epoch milliseconds. */
  startedAt: z.number(),
  /** The newest lines of what the commands wrote, each begun by `$ ` where a command starts. */
  lines: z.array(z.string()),
  /** How many older lines were let go. */
  dropped: z.number().int(),
})
export type HostLog = z.infer<typeof HostLog>

export const host = {
  status: call({
    summary: 'Tells what this computer can run machines with.',
    verb: 'host status',
    effect: 'read',
    input: z.object({
      partial: z.boolean().default(false).describe('answer at once, without waiting for slow probes'),
    }),
    output: HostStatus,
    deadlineMs: 90_000,
  }),
  check: call({
    summary: 'Checks this computer and tells what to mend.',
    verb: 'host check',
    effect: 'read',
    input: z.object({}),
    output: HostReport,
    deadlineMs: 90_000,
  }),
  detect: call({
    summary: 'Looks at this computer again, the boot probe included.',
    title: 'Look at this computer again',
    effect: 'read',
    input: z.object({}),
    output: HostStatus,
    deadlineMs: 90_000,
  }),
  plan: call({
    summary: 'Shows the exact commands of an action, and runs none of them.',
    verb: 'host plan',
    effect: 'read',
    input: Wanted,
    output: HostPlan,
  }),
  apply: call({
    summary: 'Runs an action with administrator rights and looks again afterwards.',
    effect: 'change',
    input: Wanted.extend({
      /** Those of the plan a person agreed to: anything else is refused. */
      commands: z.array(z.string().max(4000)).max(40),
    }),
    output: TaskRef,
  }),
  log: call({
    summary: 'What the commands of the newest action on a hypervisor wrote.',
    effect: 'read',
    input: z.object({ hypervisor: HypervisorName }),
    output: HostLog.nullable(),
  }),
  changed: event(HostStatus),
  logged: event(HostLog),
} as const
