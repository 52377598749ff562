/** One agent inside a running machine, whatever it speaks. Everything it says is hostile until checked. */
import type {
  ExecEnd,
  ExecSpec,
  GuestCpu,
  GuestDialect,
  GuestDisk,
  GuestEntry,
  GuestFeatureSheet,
  GuestFilesystem,
  GuestInterface,
  GuestProcess,
  GuestService,
  GuestSystem,
  GuestTelemetry,
  GuestUser,
  ServiceAction,
} from '@vireo/app-main/contract'
import type { Duplex } from 'node:stream'
import type { DirectWay } from './direct/direct-way.ts'

/** The ways from the host to a machine's agents. Failures are `RemoteError`s. */
export interface GuestLink {
  /** Names of the machine's virtio channels, and whether somebody in the guest has them open (null: unknown). */
  channels(): Promise<readonly { readonly name: string; readonly connected: boolean | null }[]>
  /** Opens one channel's bytes. */
  open(name: string): Promise<Duplex>
  /** The hypervisor's own way in, where it has one: there is no agent to look for then. */
  readonly direct?: DirectWay
  /** Hands one JSON command to qemu-ga through the hypervisor and gives its answer, as JSON text. */
  agentCommand(command: string, timeoutSeconds: number): Promise<string>
}

/** A processor that is to be used, or left alone. */
export interface CpuChange {
  readonly id: number
  readonly online: boolean
}

/** A request's context: abort to give up waiting. Every request also has its own deadline. */
export interface Asking {
  readonly signal: AbortSignal
}

export interface ExecInput {
  /** Bytes for the command's standard input; none unless told. */
  readonly stdin?: AsyncIterable<Uint8Array>
  /** Called in order, while the command runs where the agent streams, else once at its end. Awaited: a slow reader slows the guest. */
  readonly onOutput: (stream: 'stdout' | 'stderr', bytes: Uint8Array) => void | Promise<void>
}

export interface FileChunk {
  readonly bytes: Uint8Array
  /** True when the file ends after these bytes. */
  readonly eof: boolean
}

export interface WriteFile {
  readonly path: string
  /** The file's content, in order. */
  readonly content: AsyncIterable<Uint8Array>
  /** Permission bits of the new file; an existing one keeps its own unless told. */
  readonly mode?: number
  readonly owner?: string
  readonly group?: string
  readonly createParents?: boolean
  /** The content's length where it is known: a file that cannot fit is refused before its first byte. */
  readonly size?: number
  /**
   * Names the upload, 32 hexadecimal digits: goes on with an interrupted one of this name to the same path, where the agent can, and is
   * itself kept for a while when it is interrupted. The content is given from its start all the same: it is checked as a whole.
   */
  readonly key?: string
  /** Called once, with the key that goes on with this upload should it be interrupted (null: it cannot), and the bytes that the guest has already. */
  readonly onBegin?: (key: string | null, offset: number) => void
}

export interface Frozen {
  /** How many filesystems, and proof of who froze them. */
  readonly count: number
  readonly token: string | null
  /** Epoch milliseconds at which the guest thaws by itself; null when it does not. */
  readonly autoThawAt: number | null
}

/**
 * What an agent offers. A method whose feature the sheet refuses rejects with kind `unsupported` and the sheet's reason.
 * All rejections are `RemoteError`s: `timeout` at a deadline, `permission` and `not-found` as the guest told them,
 * `connection` when the agent went away, `refused` for an answer that is not one.
 */
export interface GuestAgent {
  readonly dialect: GuestDialect
  readonly version: string | null
  readonly features: GuestFeatureSheet
  /** Settles when this conversation ended, for whatever reason; open a new one then. */
  readonly closed: Promise<void>

  system(asking: Asking): Promise<GuestSystem>
  interfaces(asking: Asking): Promise<GuestInterface[]>
  filesystems(asking: Asking): Promise<GuestFilesystem[]>
  disks(asking: Asking): Promise<GuestDisk[]>
  users(asking: Asking): Promise<GuestUser[]>
  processes(asking: Asking): Promise<GuestProcess[]>
  kill(pid: number, signal: number, asking: Asking): Promise<void>
  services(asking: Asking): Promise<GuestService[]>
  controlService(name: string, action: ServiceAction, asking: Asking): Promise<void>
  /** One measurement, fresh or the newest that the agent pushed. */
  telemetry(asking: Asking): Promise<GuestTelemetry>
  /** Measurements as they come, at about this interval, until the signal aborts. Derived by asking where nothing is pushed. */
  watchTelemetry(
    intervalSeconds: number,
    listener: (sample: GuestTelemetry) => void,
    signal: AbortSignal,
  ): Promise<void>

  exec(spec: ExecSpec, input: ExecInput, asking: Asking): Promise<ExecEnd>

  /** Pieces of a file that are best asked for before they are wanted; none unless told. */
  readonly readAhead?: number
  /** At most `length` bytes from `offset`; fewer are no end unless `eof`. */
  readFile(path: string, offset: number, length: number, asking: Asking): Promise<FileChunk>
  /** Replaces the file as a whole or, when it fails, leaves the old one (where the sheet says so, less). Gives the bytes written. */
  writeFile(file: WriteFile, asking: Asking): Promise<number>
  list(path: string, asking: Asking): Promise<GuestEntry[]>
  stat(path: string, asking: Asking): Promise<GuestEntry>
  makeDirectory(path: string, options: { parents: boolean; mode?: number }, asking: Asking): Promise<void>
  remove(path: string, options: { recursive: boolean }, asking: Asking): Promise<void>

  /** Sets the guest's clock to this computer's. */
  syncTime(asking: Asking): Promise<void>
  setPassword(user: string, password: string, asking: Asking): Promise<void>
  sshKeys(user: string, asking: Asking): Promise<string[]>
  setSshKeys(user: string, keys: readonly string[], asking: Asking): Promise<void>
  /** The processors that the guest sees, in their order. */
  cpus(asking: Asking): Promise<GuestCpu[]>
  /** Changes nothing where one of them is not there, or cannot go. */
  setCpus(changes: readonly CpuChange[], asking: Asking): Promise<void>
  /** Freezes all filesystems. The guest thaws by itself after `timeoutSeconds`, whatever happens to the host. */
  freeze(options: { timeoutSeconds: number }, asking: Asking): Promise<Frozen>
  thaw(token: string | null, asking: Asking): Promise<number>
  /** Gives freed blocks back to the host. Bytes trimmed, null when not told. */
  trim(asking: Asking): Promise<number | null>
  shutdown(mode: 'poweroff' | 'reboot' | 'halt', asking: Asking): Promise<void>

  close(): void
}

/** One dialect: how to find whether its agent answers, and how to talk to it. */
export interface Dialect {
  readonly name: GuestDialect
  /** The channel it lives on. */
  readonly channel: string
  /** Opens a conversation and makes sure that somebody answers; rejects with kind `timeout` when nobody does. */
  connect(link: GuestLink, asking: Asking): Promise<GuestAgent>
}
