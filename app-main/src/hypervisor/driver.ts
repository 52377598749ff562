/** The driver seam: what every hypervisor offers to the services, whatever it speaks on the wire. */
import type { Duplex, Readable } from 'node:stream'
import type {
  Address,
  Connection,
  ConnectionUri,
  DomainDetail,
  DomainStats,
  DomainSummary,
  HypervisorKind,
  TerminalSize,
} from '../contract/index.ts'
import type { Disposable } from '../base/disposable.ts'
import type { Listen } from '../base/emitter.ts'
import type { Instances } from './instances.ts'
import type { Creation } from './creation.ts'
import type { Media } from './media.ts'
import type { Networks } from './networks.ts'
import type { PortForwards } from './port-forwards.ts'

export interface Driver {
  readonly kind: HypervisorKind
  /** Whether a URI is this driver's business; says nothing about whether it can be opened. */
  accepts(uri: string): boolean
  /** URIs worth trying on this computer although nobody added them. */
  defaults(): Promise<ConnectionUri[]>
  /** Makes the object and does nothing yet; `open` starts. */
  create(uri: ConnectionUri): HypervisorConnection
}

/** Names one domain inside its connection (libvirt: the UUID). */
export type DomainKey = string

export interface DomainsChange {
  /** True after a resync: whatever is not in `changed` is gone. */
  readonly full: boolean
  readonly changed: readonly DomainSummary[]
  readonly removed: readonly DomainKey[]
}

export type Status = Omit<Connection, 'domainCount'>

/** A request's context: abort to give up. Every operation also has its own deadline. */
export interface Operation {
  readonly signal: AbortSignal
  /** Reports the step under way (English) and how far it is, 0 to 1. */
  readonly progress: (step: string, fraction?: number) => void
}

/**
 * One daemon, kept connected by itself: it reconnects with back-off and then resyncs in full. `domains` is the live
 * inventory (last known while the connection is lost). All failures are `RemoteError`s.
 */
export interface HypervisorConnection extends Disposable {
  readonly uri: ConnectionUri
  readonly status: Status
  readonly onStatus: Listen<Status>
  readonly domains: ReadonlyMap<DomainKey, DomainSummary>
  readonly onDomains: Listen<DomainsChange>
  /** Starts connecting; never throws. */
  open(): void
  /** Tries again now instead of at the end of the back-off. */
  retry(): void
  /** Resolves when the first attempt ended, well or not: then `status` and `domains` are worth reading. */
  settled(): Promise<void>
  /** Resolves when also what is read in the background is known, or cannot be read. */
  complete(): Promise<void>
  /** Asks for full access. Rejects with kind `permission` when refused. */
  unlock(): Promise<void>

  readonly inspect: Inspect
  readonly lifecycle: Lifecycle
  readonly definition: Definition
  readonly console: Consoles
  readonly guest: Guests
  /** Absent where machines are not made from images. */
  readonly instances?: Instances
  /** Absent where machines cannot be made. */
  readonly creation?: Creation
  /** Absent where machines have no drives for media. */
  readonly media?: Media
  readonly network: Networks
  /** Absent where the hypervisor leads no ports into machines itself. */
  readonly portForwards?: PortForwards
}

export interface Inspect {
  detail(key: DomainKey): Promise<DomainDetail>
  xml(key: DomainKey, options: { inactive: boolean }): Promise<string>
  /** One bulk request; unknown keys are left out. Never waits for a busy guest. */
  stats(keys: readonly DomainKey[]): Promise<DomainStats[]>
  addresses(key: DomainKey): Promise<Address[]>
  /** A PNG picture. */
  screenshot(key: DomainKey): Promise<Readable>
}

export interface Lifecycle {
  start(key: DomainKey, options: { paused: boolean }, operation: Operation): Promise<void>
  /** Resolves when it is off; rejects with `timeout` when the guest ignored it. */
  shutdown(
    key: DomainKey,
    options: { mode: 'auto' | 'acpi' | 'agent'; timeoutSeconds: number },
    operation: Operation,
  ): Promise<void>
  destroy(key: DomainKey, operation: Operation): Promise<void>
  reboot(key: DomainKey, operation: Operation): Promise<void>
  reset(key: DomainKey, operation: Operation): Promise<void>
  suspend(key: DomainKey, operation: Operation): Promise<void>
  resume(key: DomainKey, operation: Operation): Promise<void>
  save(key: DomainKey, operation: Operation): Promise<void>
  discardSave(key: DomainKey, operation: Operation): Promise<void>
  autostart(key: DomainKey, enabled: boolean): Promise<void>
}

export interface UndefinePreview {
  disks: { target: string; path: string; keptBecause: string | null }[]
  nvram: string | null
  savedState: boolean
  snapshots: number
}

export interface Definition {
  define(xml: string): Promise<DomainKey>
  undefinePreview(key: DomainKey): Promise<UndefinePreview>
  undefine(
    key: DomainKey,
    options: { storage: 'keep' | 'delete'; nvram: 'keep' | 'delete' },
    operation: Operation,
  ): Promise<void>
  switchToVnc(
    key: DomainKey,
    options: { preview: boolean },
  ): Promise<{ before: string; after: string; needsRestart: boolean }>
}

export interface Consoles {
  /** RFB bytes of the VNC screen. */
  screen(key: DomainKey): Promise<Duplex>
  screenPassword(key: DomainKey): Promise<string | null>
  /** Rejects with kind `busy`, naming the holder, when somebody else has it and `takeOver` is false. */
  serial(key: DomainKey, options: { alias?: string | undefined; takeOver: boolean }): Promise<Duplex>
  channel(key: DomainKey, options: { name: string; takeOver: boolean }): Promise<Duplex>
  /** Opens an external viewer on this computer. */
  openViewer(key: DomainKey): Promise<void>
}

/** A virtio channel: a named byte line to a program in the guest. */
export interface GuestChannel {
  readonly name: string
  /** Whether somebody in the guest has it open; null when unknown. Always false while the machine is off. */
  readonly connected: boolean | null
}

/** A program to run inside a machine, without a shell. */
export interface InsideCommand {
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly cwd?: string | undefined
  /** Numbers; root unless told. */
  readonly uid?: number | undefined
  readonly gid?: number | undefined
}

export interface InsideInput {
  /** Bytes for its standard input; none unless told. */
  readonly stdin?: AsyncIterable<Uint8Array>
  /** Called in order. Awaited: a slow reader slows the program. */
  readonly onOutput: (stream: 'stdout' | 'stderr', bytes: Uint8Array) => void | Promise<void>
}

/** A program on a terminal inside a machine. What is done to one that has ended does nothing. */
export interface InsideTerminal {
  /** Resolves when the machine can take more. */
  write(bytes: Uint8Array): Promise<void>
  /** In characters. */
  resize(size: TerminalSize): void
  /** A terminal that is not read holds its program back. */
  pause(): void
  resume(): void
  /** Hangs up: the program ends, and `ended` tells. */
  hangUp(): void
  /** Never rejects; the exit code is null when it was cut off. All output was given before. */
  readonly ended: Promise<{ readonly exitCode: number | null }>
}

/** What a hypervisor does inside its running machines by itself, without an agent that somebody installed. */
export interface Inside {
  /** Resolves with the exit code when the program ended and its output was given. Aborting kills the program. */
  run(key: DomainKey, command: InsideCommand, input: InsideInput, signal: AbortSignal): Promise<number>
  /** Root's own shell on a terminal. `signal` counts until it runs. */
  terminal(
    key: DomainKey,
    size: TerminalSize,
    onOutput: (bytes: Buffer) => void,
    signal: AbortSignal,
  ): Promise<InsideTerminal>
  /** A file's bytes; destroy it to stop. */
  readFile(key: DomainKey, path: string, signal: AbortSignal): Promise<Readable>
  /** Writes over a file that is there. */
  fillFile(key: DomainKey, path: string, content: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<void>
}

/** The ways to the agents inside machines. Looking at channels is free to all; the rest needs full access. */
export interface Guests {
  /** Absent where the hypervisor reaches into no machine. */
  readonly inside?: Inside
  /** Fires when a channel of this machine came, went, or was opened or closed in the guest. Ask `channels` then. */
  readonly onGuestAgent: Listen<DomainKey>
  /** Channels that can be opened, of the running machine where it runs, else of its definition. */
  channels(key: DomainKey): Promise<readonly GuestChannel[]>
  /** One channel's bytes, shared between all Vireo processes of this user. */
  open(key: DomainKey, name: string): Promise<Duplex>
  /**
   * Hands one JSON command to qemu-ga and gives its answer as JSON text. Rejects with `timeout` when the guest does not
   * answer in time, with `refused` and the guest's words when it answered with an error, with `precondition` when no
   * agent is connected, and with `unsupported` when the machine has no channel for it. Never delays other machines.
   */
  agentCommand(key: DomainKey, command: string, timeoutSeconds: number): Promise<string>
  /** Adds a channel to the definition and to the running machine. One that is there already is fine. */
  attachChannel(key: DomainKey, name: string): Promise<{ needsRestart: boolean }>
  /** Removes a channel from both. One that is not there is fine. */
  detachChannel(key: DomainKey, name: string): Promise<{ needsRestart: boolean }>
}
