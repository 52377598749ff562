/** What `vireo-sys.c` puts into the engine. */
export type Argument = number | string | Uint8Array | Int32Array | undefined

export interface Native {
  /** The system call's result, or minus the error number. */
  call(number: number, ...args: Argument[]): number
  spawn(
    path: string,
    args: Uint8Array,
    environment: Uint8Array,
    directory: string | undefined,
    numbers: Int32Array,
  ): number
  /** The texts with base64 of the bytes between them. */
  encode(head: string, bytes: Uint8Array, tail: string): Uint8Array
  decode(bytes: Uint8Array): string
  /** Base64 becomes the bytes it stands for, in its own place: how many; -1 when it is none, and stays. */
  decode64(base64: Uint8Array): number
  sha256(state: Uint32Array, keys: Uint32Array, blocks: Uint8Array): void
  runJobs(): void
  trim(): void
  /** The command line, the program's own name first. */
  readonly args: readonly string[]
  /** `NAME=value`. */
  readonly environment: readonly string[]

  readonly openat: number
  readonly close: number
  readonly read: number
  readonly write: number
  readonly pread64: number
  readonly pwrite64: number
  readonly statx: number
  readonly getdents64: number
  readonly readlinkat: number
  readonly mkdirat: number
  readonly symlinkat: number
  readonly unlinkat: number
  readonly renameat2: number
  readonly ftruncate: number
  readonly fchmod: number
  readonly fchown: number
  readonly fsync: number
  readonly statfs: number
  readonly flock: number
  readonly ioctl: number
  readonly fcntl: number
  readonly pipe2: number
  readonly wait4: number
  readonly kill: number
  readonly ppoll: number
  readonly signalfd4: number
  readonly rt_sigprocmask: number
  readonly getpid: number
  readonly geteuid: number
  readonly uname: number
  readonly clock_gettime: number
  readonly clock_settime: number
  readonly getrandom: number
  readonly exit_group: number
  readonly socket: number
  readonly sendto: number
  readonly recvfrom: number
  readonly prlimit64: number
  readonly O_RDONLY: number
  readonly O_WRONLY: number
  readonly O_RDWR: number
  readonly O_CREAT: number
  readonly O_EXCL: number
  readonly O_TRUNC: number
  readonly O_APPEND: number
  readonly O_NONBLOCK: number
  readonly O_DIRECTORY: number
  readonly O_NOFOLLOW: number
  readonly O_NOCTTY: number
  readonly O_CLOEXEC: number
  readonly O_PATH: number
}

declare const vireoSys: Native

export const native: Native = vireoSys
