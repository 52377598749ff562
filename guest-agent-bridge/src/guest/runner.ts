/** Runs programs of the guest without blocking: the whole process group ends with them. */
import type { Cancellation } from './method.ts'

export interface RunSpec {
  /** The program first: a path, or a name to look for in PATH. */
  readonly args: readonly [string, ...string[]]
  readonly stdin?: Uint8Array
  /** Added to the agent's own environment; null takes one away. */
  readonly env?: Readonly<Record<string, string | null>>
  readonly directory?: string
  readonly user?: { readonly uid: number; readonly gid: number; readonly groups: readonly number[] }
  /** Milliseconds until the process group is killed; null: no limit. */
  readonly timeout: number | null
  /** Bytes kept of each of standard output and error; 1 MiB unless told. What comes after is read and thrown away. */
  readonly limit?: number
  readonly signal?: Cancellation
  /** Gets the output as it comes instead of having it kept; the pipe is read on when the promise resolves. */
  readonly onOutput?: (stream: 'stdout' | 'stderr', bytes: Uint8Array) => Promise<void>
}

export interface RunEnd {
  /** Null when a signal ended it. */
  readonly code: number | null
  readonly signal: number | null
  readonly stdout: Uint8Array
  readonly stderr: Uint8Array
  /** More came than was kept. */
  readonly stdoutTruncated: boolean
  readonly stderrTruncated: boolean
  readonly timedOut: boolean
  readonly cancelled: boolean
  readonly milliseconds: number
}

export interface Runner {
  /** Rejects with `SysError` when it cannot be started (ENOENT: no such program). */
  run(spec: RunSpec): Promise<RunEnd>
}
