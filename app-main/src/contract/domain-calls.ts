/** Domains: what can be asked of one. */
import { z } from 'zod'
import { ConnectionUri, PartialAnswer } from './connection.ts'
import { call, event, stream } from './define.ts'
import { DomainDetail, DomainId, DomainStats, DomainSummary } from './domain.ts'
import { TaskRef } from './task.ts'

const One = z.object({ id: DomainId })
const Nothing = z.object({})
const ALIVE = ['running', 'paused', 'suspended', 'shutting-down'] as const

export const domain = {
  list: call({
    summary: 'Lists the virtual machines of all connections, or of one.',
    verb: 'list',
    effect: 'read',
    input: z.object({ connection: ConnectionUri.optional(), partial: PartialAnswer }),
    output: z.array(DomainSummary),
  }),
  get: call({
    summary: 'Tells everything about one machine.',
    verb: 'info',
    target: 'domain',
    effect: 'read',
    input: One,
    output: DomainDetail,
  }),
  stats: call({
    summary: 'Measures machines: one bulk request per connection. Unknown ids are left out of the answer.',
    effect: 'read',
    input: z.object({ ids: z.array(DomainId).max(1000) }),
    output: z.array(DomainStats),
  }),
  xml: call({
    summary: "Gives the machine's libvirt XML.",
    verb: 'xml',
    target: 'domain',
    effect: 'read',
    input: One.extend({ inactive: z.boolean().default(false).describe('the definition used at the next start') }),
    output: z.object({ xml: z.string() }),
  }),
  start: call({
    summary: 'Starts a machine; one with saved memory goes on where it was.',
    title: 'Start',
    verb: 'start',
    target: 'domain',
    when: ['shutoff', 'saved', 'crashed'],
    effect: 'change',
    input: One.extend({ paused: z.boolean().default(false).describe('start it paused') }),
    output: TaskRef,
  }),
  shutdown: call({
    summary: 'Asks the guest to shut down and waits for it.',
    title: 'Shut down',
    verb: 'shutdown',
    target: 'domain',
    when: ['running'],
    effect: 'change',
    input: One.extend({
      mode: z.enum(['auto', 'acpi', 'agent']).default('auto').describe('auto: power button, then agent'),
      timeoutSeconds: z.number().int().min(1).max(3600).default(60).describe('seconds to wait'),
    }),
    output: TaskRef,
  }),
  destroy: call({
    summary: 'Switches a machine off at once, like pulling its plug.',
    title: 'Force off',
    verb: 'destroy',
    target: 'domain',
    when: [...ALIVE],
    effect: 'destroy',
    confirm: 'Force {name} off? What the guest has not written to disk is lost.',
    input: One,
    output: TaskRef,
  }),
  reboot: call({
    summary: 'Asks the guest to reboot.',
    title: 'Reboot',
    verb: 'reboot',
    target: 'domain',
    when: ['running'],
    effect: 'change',
    input: One,
    output: TaskRef,
  }),
  reset: call({
    summary: 'Resets a machine at once, like its reset button.',
    title: 'Reset',
    verb: 'reset',
    target: 'domain',
    when: ['running', 'paused', 'crashed'],
    effect: 'destroy',
    confirm: 'Reset {name}? What the guest has not written to disk is lost.',
    input: One,
    output: TaskRef,
  }),
  suspend: call({
    summary: 'Pauses a machine; it keeps its memory.',
    title: 'Pause',
    verb: 'suspend',
    target: 'domain',
    when: ['running'],
    effect: 'change',
    input: One,
    output: TaskRef,
  }),
  resume: call({
    summary: 'Lets a paused or sleeping machine go on.',
    title: 'Resume',
    verb: 'resume',
    target: 'domain',
    when: ['paused', 'suspended'],
    effect: 'change',
    input: One,
    output: TaskRef,
  }),
  save: call({
    summary: 'Saves memory to disk and switches the machine off; start goes on from there.',
    title: 'Save state',
    verb: 'save',
    target: 'domain',
    when: ['running', 'paused'],
    effect: 'change',
    input: One,
    output: TaskRef,
  }),
  discardSave: call({
    summary: 'Throws saved memory away; the next start is a fresh boot.',
    title: 'Discard saved state',
    verb: 'discard-save',
    target: 'domain',
    when: ['saved'],
    effect: 'destroy',
    confirm: 'Discard the saved state of {name}? It will boot afresh, as after a power cut.',
    input: One,
    output: TaskRef,
  }),
  autostart: call({
    summary: 'Sets whether a machine starts with the host.',
    verb: 'autostart',
    target: 'domain',
    effect: 'change',
    input: One.extend({ enabled: z.boolean().default(true).describe('start with the host') }),
    output: Nothing,
  }),
  define: call({
    summary: 'Makes or changes a machine from libvirt XML.',
    verb: 'define',
    effect: 'change',
    input: z.object({ connection: ConnectionUri, xml: z.string().min(1).max(4_000_000) }),
    output: One,
  }),
  undefine: call({
    summary: 'Removes a machine that is off, saying what becomes of its disks and firmware variables.',
    title: 'Delete',
    verb: 'undefine',
    target: 'domain',
    when: ['shutoff', 'saved', 'crashed'],
    effect: 'destroy',
    confirm: 'Delete {name}?',
    input: One.extend({
      storage: z.enum(['keep', 'delete']).describe('what becomes of the disks'),
      nvram: z.enum(['keep', 'delete']).describe('what becomes of the firmware variables'),
    }),
    output: TaskRef,
  }),
  undefinePreview: call({
    summary: 'Tells what deleting a machine would remove; removes nothing.',
    effect: 'read',
    input: One,
    output: z.object({
      disks: z.array(
        z.object({
          target: z.string(),
          path: z.string(),
          /** Null: it can be deleted. Else why it will be kept (read-only, shared, backing another disk, not in a pool). */
          keptBecause: z.string().nullable(),
        }),
      ),
      nvram: z.string().nullable(),
      savedState: z.boolean(),
      snapshots: z.number().int(),
    }),
  }),
  screenPassword: call({
    summary: "Gives the password of the machine's VNC screen, if it has one.",
    effect: 'change',
    input: One,
    output: z.object({ password: z.string().nullable() }),
  }),
  openViewer: call({
    summary: "Opens the machine's screen in virt-viewer on this computer.",
    title: 'Open in virt-viewer',
    target: 'domain',
    when: ['running', 'paused'],
    // It gives mouse and keyboard.
    effect: 'change',
    input: One,
    output: Nothing,
  }),
  switchToVnc: call({
    summary: 'Replaces a SPICE screen by a VNC one, from the next start on; with preview, changes nothing.',
    target: 'domain',
    effect: 'change',
    input: One.extend({ preview: z.boolean().default(true) }),
    output: z.object({ before: z.string(), after: z.string(), needsRestart: z.boolean() }),
  }),

  /** VNC (RFB) bytes. */
  screen: stream({
    summary: "Opens the machine's screen.",
    title: 'Open screen',
    target: 'domain',
    when: [...ALIVE],
    effect: 'change',
    input: One,
  }),
  serial: stream({
    summary: "Opens the machine's serial line.",
    title: 'Open serial console',
    verb: 'console',
    target: 'domain',
    when: [...ALIVE],
    effect: 'change',
    input: One.extend({
      alias: z.string().optional().describe('which console, for instance serial0'),
      takeOver: z.boolean().default(false).describe('take it from whoever holds it'),
    }),
  }),
  channel: stream({
    summary: 'Opens a virtio channel of the machine.',
    effect: 'change',
    input: One.extend({ name: z.string().min(1), takeOver: z.boolean().default(false) }),
  }),
  /** A PNG picture, then the end. */
  screenshot: stream({
    summary: "Takes a picture of the machine's screen.",
    title: 'Take screenshot',
    verb: 'screenshot',
    target: 'domain',
    when: [...ALIVE],
    effect: 'read',
    input: One,
  }),

  /** What changed on one connection, in one piece; `full` means: forget what is not in `changed`. */
  changed: event(
    z.object({
      connection: ConnectionUri,
      full: z.boolean(),
      changed: z.array(DomainSummary),
      removed: z.array(DomainId),
    }),
  ),
} as const
