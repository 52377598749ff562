/**
 * Everything the agent asks of the operating system, as one typed interface: the agent itself has it from `vireo-sys`
 * (`sys-linux.ts`), unit tests from node. Every call that fails throws `SysError`. Descriptors are plain numbers, closed by
 * whoever opened them. Nothing here blocks, unless its name or comment says so.
 */

/** Flags of `openAt`; their numbers differ between processors. Whatever is opened is closed in children. */
export interface OpenFlags {
  readonly readOnly: number
  readonly writeOnly: number
  readonly readWrite: number
  readonly create: number
  readonly exclusive: number
  readonly truncate: number
  readonly append: number
  readonly nonBlock: number
  readonly directory: number
  readonly noFollow: number
  readonly noCtty: number
  readonly closeOnExec: number
  /** Names a file without opening it: no device wakes, no FIFO blocks, no rights on the file itself are needed. */
  readonly path: number
}

export type FileKind = 'file' | 'directory' | 'link' | 'character' | 'block' | 'fifo' | 'socket'

export interface FileStat {
  readonly kind: FileKind
  /** Permission bits with set-uid, set-gid and sticky, 0 to 0o7777. */
  readonly mode: number
  readonly links: number
  readonly uid: number
  readonly gid: number
  readonly inode: number
  /** `major:minor` of the filesystem's device. */
  readonly device: string
  /** Bytes. */
  readonly size: number
  /** Epoch milliseconds. */
  readonly accessedAt: number
  readonly modifiedAt: number
  readonly changedAt: number
}

export interface FilesystemStat {
  readonly blockSize: number
  readonly blocks: number
  readonly free: number
  /** Blocks free for ordinary users. */
  readonly available: number
  readonly files: number
  readonly filesFree: number
}

export interface DirectoryItem {
  readonly name: string
  /** Null where the filesystem does not tell. */
  readonly kind: FileKind | null
}

export interface NetworkAddress {
  readonly interfaceIndex: number
  readonly family: 4 | 6
  /** As people write it. */
  readonly address: string
  readonly prefix: number
}

export interface SpawnSpec {
  /** The program's file. */
  readonly path: string
  /** With the program's own name first. */
  readonly args: readonly string[]
  /** `NAME=value`. */
  readonly env: readonly string[]
  readonly directory?: string
  /** Descriptors that become 0, 1 and 2; -1 is /dev/null. Others are closed. */
  readonly stdio: readonly [number, number, number]
  /** It is killed when we end, however that happens; what it started itself is not. */
  readonly tied?: boolean
  /** Who to be; the agent itself unless told. */
  readonly user?: { readonly uid: number; readonly gid: number; readonly groups: readonly number[] }
}

/** How a process ended: `code` is null when a signal ended it. */
export interface ProcessEnd {
  readonly pid: number
  readonly code: number | null
  readonly signal: number | null
}

/** One descriptor of a poll: what to wait for, and what came (poll's own bits, `pollIn` ...). */
export interface PollItem {
  readonly fd: number
  readonly events: number
  revents: number
}

export const pollIn = 1
export const pollOut = 4
export const pollError = 8
export const pollHangUp = 16
/** Any of these means that reading will not block. */
export const pollEnded = pollError | pollHangUp

export const signals = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGKILL: 9,
  SIGUSR1: 10,
  SIGPIPE: 13,
  SIGTERM: 15,
  SIGCHLD: 17,
  SIGIO: 29,
} as const

/** For `openAt` and its kin: relative to the working directory. Paths given to it should be absolute. */
export const here = -100

export interface Sys {
  /** `x64` or `arm64`. */
  readonly architecture: string
  readonly open: OpenFlags

  openAt(directory: number, path: string, flags: number, mode?: number): number
  close(fd: number): void
  /** Gives the bytes read, 0 at the end. With `position` it reads there and moves nothing. May block on what is no file unless opened `nonBlock`. */
  read(fd: number, into: Uint8Array, position?: number): number
  /** Gives the bytes written, which may be fewer. */
  write(fd: number, bytes: Uint8Array, position?: number): number
  /** What this descriptor has open. */
  statOf(fd: number): FileStat
  /** Without following a link at the end, unless told. */
  statAt(directory: number, path: string, follow?: boolean): FileStat
  /** Names without `.` and `..`, in no order. `fd` is a directory opened for reading, at its beginning. */
  readDirectory(fd: number): DirectoryItem[]
  readLinkAt(directory: number, path: string): string
  makeDirectoryAt(directory: number, path: string, mode: number): void
  symlinkAt(target: string, directory: number, path: string): void
  removeAt(directory: number, path: string, kind: 'file' | 'directory'): void
  renameAt(fromDirectory: number, from: string, toDirectory: number, to: string): void
  truncate(fd: number, size: number): void
  changeMode(fd: number, mode: number): void
  changeOwner(fd: number, uid: number, gid: number): void
  /** Waits for the disk. */
  sync(fd: number): void
  /** Of the filesystem a path lies on. A dead network mount blocks. */
  filesystem(path: string): FilesystemStat
  /** Locks a file for this process alone; false when another has it. */
  lock(fd: number): boolean
  /** Stops writes to the filesystem of this directory's descriptor; waits for what is under way. */
  freeze(fd: number): void
  thaw(fd: number): void

  /** [to read from, to write to]; neither goes to children unless given in `stdio`. */
  pipe(): readonly [number, number]
  /** From now on EAGAIN instead of waiting, for all who share this open file. */
  setNonBlocking(fd: number): void
  /** A new session and process group, so that `kill(-pid)` reaches its children; throws what `exec` itself failed with. */
  spawn(spec: SpawnSpec): number
  /** One child that has ended, null when none has. */
  reap(): ProcessEnd | null
  /** A negative pid means its process group; signal 0 only asks. */
  kill(pid: number, signal: number): void

  /** Waits until something comes or the time is over (milliseconds, -1 for ever), fills `revents`; gives how many. Blocks. */
  poll(items: readonly PollItem[], timeout: number): number
  /** A descriptor on which these signals arrive instead of interrupting us; `readSignal` takes them from it. */
  signalDescriptor(numbers: readonly number[]): number
  /** The next signal that came, null when there is none. */
  readSignal(fd: number): number | null
  /** Sends us SIGIO when something happens on this descriptor, or no more. */
  notifyBySignal(fd: number, on: boolean): void
  /** Makes a terminal pass bytes as they are; false when it is no terminal. */
  makeRaw(fd: number): boolean

  readonly pid: number
  /** Effective user. 0 is root. */
  readonly uid: number
  /** Name and release of the kernel, and the host's name. */
  system(): { readonly name: string; readonly hostname: string; readonly release: string; readonly machine: string }
  /** Addresses of all network interfaces, by the interface's number (`/sys/class/net/<name>/ifindex`). */
  networkAddresses(): NetworkAddress[]
  /** Epoch milliseconds. */
  now(): number
  /** Milliseconds that only ever grow. */
  monotonic(): number
  setTime(epochMilliseconds: number): void

  /** Ends this process at once. */
  exit(code: number): never

  encode(text: string): Uint8Array
  /** UTF-8 of both texts with base64 of the bytes between them: it never becomes a text itself. */
  encodeAround(head: string, bytes: Uint8Array, tail: string): Uint8Array
  /** What is no UTF-8 becomes U+FFFD. */
  decode(bytes: Uint8Array): string
  toBase64(bytes: Uint8Array): string
  /** Null when it is none (strict: no spaces, right padding). */
  fromBase64(text: string): Uint8Array | null
  /** As `fromBase64`, of text that is bytes already: the result stands where it stood. Null leaves it as it was. */
  decodeBase64(text: Uint8Array): Uint8Array | null
  /** A running SHA-256: `update` as often as you like, then `digest` once, in hex. */
  sha256(): { update(bytes: Uint8Array): void; digest(): string }
  random(length: number): Uint8Array
}

const names: Readonly<Record<number, string>> = {
  1: 'EPERM',
  2: 'ENOENT',
  3: 'ESRCH',
  4: 'EINTR',
  5: 'EIO',
  6: 'ENXIO',
  7: 'E2BIG',
  8: 'ENOEXEC',
  9: 'EBADF',
  10: 'ECHILD',
  11: 'EAGAIN',
  12: 'ENOMEM',
  13: 'EACCES',
  16: 'EBUSY',
  17: 'EEXIST',
  18: 'EXDEV',
  19: 'ENODEV',
  20: 'ENOTDIR',
  21: 'EISDIR',
  22: 'EINVAL',
  23: 'ENFILE',
  24: 'EMFILE',
  25: 'ENOTTY',
  26: 'ETXTBSY',
  27: 'EFBIG',
  28: 'ENOSPC',
  29: 'ESPIPE',
  30: 'EROFS',
  32: 'EPIPE',
  36: 'ENAMETOOLONG',
  38: 'ENOSYS',
  39: 'ENOTEMPTY',
  40: 'ELOOP',
  95: 'EOPNOTSUPP',
  107: 'ENOTCONN',
  122: 'EDQUOT',
}

const texts: Readonly<Record<string, string>> = {
  EPERM: 'Operation not permitted',
  ENOENT: 'No such file or directory',
  ESRCH: 'No such process',
  EIO: 'Input/output error',
  E2BIG: 'Argument list too long',
  ENOEXEC: 'Exec format error',
  ENOMEM: 'Cannot allocate memory',
  EACCES: 'Permission denied',
  EBUSY: 'Device or resource busy',
  EEXIST: 'File exists',
  EXDEV: 'Invalid cross-device link',
  ENODEV: 'No such device',
  ENOTDIR: 'Not a directory',
  EISDIR: 'Is a directory',
  EINVAL: 'Invalid argument',
  EMFILE: 'Too many open files',
  ETXTBSY: 'Text file busy',
  EFBIG: 'File too large',
  ENOSPC: 'No space left on device',
  EROFS: 'Read-only file system',
  ENAMETOOLONG: 'File name too long',
  ENOSYS: 'Function not implemented',
  ENOTEMPTY: 'Directory not empty',
  ELOOP: 'Too many levels of symbolic links',
  EOPNOTSUPP: 'Operation not supported',
  EDQUOT: 'Disk quota exceeded',
}

/** A call to the operating system that failed. `message` is `<text> (os error <n>)`. */
export class SysError extends Error {
  readonly errno: number
  /** `ENOENT` and its like; `E<number>` for one we have no name for. */
  readonly code: string
  /** The call, for the log. */
  readonly call: string

  constructor(errno: number, call: string) {
    const code = names[errno] ?? `E${errno}`
    super(`${texts[code] ?? code} (os error ${errno})`)
    this.name = 'SysError'
    this.errno = errno
    this.code = code
    this.call = call
  }
}

/** Did it fail so? */
export const failedWith = (error: unknown, ...codes: readonly string[]): error is SysError =>
  error instanceof SysError && codes.includes(error.code)
