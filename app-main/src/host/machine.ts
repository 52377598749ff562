/**
 * The seam of detection: everything that is read of a computer goes through a `Machine`, so that recorded computers
 * can stand in for this one. Whatever cannot be read is undefined or empty; nothing here throws.
 */
export interface FileFacts {
  readonly kind: 'file' | 'folder' | 'socket' | 'device' | 'other'
  /** Permission bits. */
  readonly mode: number
  readonly uid: number
  readonly gid: number
}

export interface HostFiles {
  /** The text of a small file; undefined when it is missing or may not be read. */
  read(path: string): Promise<string | undefined>
  /** Names in a folder, in no order. */
  list(folder: string): Promise<readonly string[]>
  stat(path: string): Promise<FileFacts | undefined>
  /** May this user read and write it? */
  usable(path: string): Promise<boolean>
}

export interface CommandEnd {
  /** Null when it was ended because it took too long or said too much. */
  readonly code: number | null
  readonly out: string
  readonly err: string
}

export interface HostCommands {
  /** Full path of a program, folders for administrators included. */
  find(name: string): Promise<string | undefined>
  /** Runs a program, by no shell, in the language `C`; undefined when it cannot be started. `ms` is its deadline. */
  run(program: string, args: readonly string[], ms: number, signal?: AbortSignal): Promise<CommandEnd | undefined>
}

/** `silent`: took the connection and did not answer in time; `nonsense`: what came is no answer. */
export type SocketTrouble = 'absent' | 'refused' | 'denied' | 'silent' | 'nonsense'
export type SocketAnswer =
  { readonly state: 'answered'; readonly status: number; readonly body: unknown } | { readonly state: SocketTrouble }

export interface HostSockets {
  /** `GET` with a JSON answer over a UNIX socket. `ms` is the deadline. */
  get(socket: string, path: string, ms: number): Promise<SocketAnswer>
}

export interface HostUser {
  readonly name: string
  readonly uid: number
  /** Groups of this process, which may be older than the group database. */
  readonly groups: readonly number[]
  /** `XDG_RUNTIME_DIR`, where sockets of this user lie. */
  readonly runtimeFolder: string | undefined
  readonly home: string
}

export interface PoolFacts {
  readonly name: string
  readonly active: boolean
  readonly freeBytes: number | null
}

/** What libvirt itself says, asked read-only. */
export interface LibvirtFacts {
  readonly state: 'open' | 'absent' | 'refused' | 'denied' | 'silent'
  /** One sentence when it is not open. */
  readonly message: string | null
  readonly version: string | null
  readonly qemuVersion: string | null
  readonly defaultNetwork: 'active' | 'inactive' | 'missing' | 'unknown'
  readonly pools: readonly PoolFacts[]
  /** Whether this login may change things without a password. */
  readonly fullAccess: boolean | null
  /** Names of machines that run under hardware virtualisation or may. */
  readonly running: readonly string[]
}

export interface Machine {
  readonly platform: string
  /** As `uname -r`. */
  readonly kernel: string
  readonly files: HostFiles
  readonly commands: HostCommands
  readonly sockets: HostSockets
  readonly user: HostUser
  /** Variables of this process: the tools of a hypervisor may be told by them where its daemon is. */
  readonly environment: Readonly<Record<string, string | undefined>>
  /** How long a daemon may take to answer, milliseconds. */
  readonly patience: number
  /** Asks libvirt's system daemon. Never rejects. `ms` is the deadline. */
  libvirt(ms: number): Promise<LibvirtFacts>
}

export const NO_LIBVIRT: LibvirtFacts = {
  ...{ state: 'absent', message: null, version: null, qemuVersion: null },
  ...{ defaultNetwork: 'unknown', pools: [], fullAccess: null, running: [] },
}
