/** Runs programs of the guest without blocking: the whole process group ends with them. */
import type { Children } from './children.ts'
import { Command } from './command.ts'
import type { Loop } from './loop.ts'
import type { Cancellation } from './method.ts'
import { findProgram, searchPath } from './program.ts'
import type { Sys } from './sys.ts'

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

const LIMIT = 1024 * 1024

const FIRST_BUFFER = 256

/** Keeps the first bytes of an output, in one piece: a program may write them one by one. */
export class Kept {
  readonly #limit: number
  #buffer = new Uint8Array(0)
  #used = 0
  truncated = false

  constructor(limit: number) {
    this.#limit = limit
  }

  add(bytes: Uint8Array): void {
    const part = bytes.subarray(0, this.#limit - this.#used)
    if (part.length < bytes.length) this.truncated = true
    const needed = this.#used + part.length
    if (needed > this.#buffer.length) {
      const bigger = new Uint8Array(Math.min(this.#limit, Math.max(FIRST_BUFFER, needed, 2 * this.#buffer.length)))
      bigger.set(this.#buffer.subarray(0, this.#used))
      this.#buffer = bigger
    }
    this.#buffer.set(part, this.#used)
    this.#used = needed
  }

  get bytes(): Uint8Array {
    return this.#buffer.subarray(0, this.#used)
  }
}

/** The agent's own small environment, with changes. */
export const environment = (changes: Readonly<Record<string, string | null>> = {}): Record<string, string> => {
  const entries = Object.entries({ PATH: searchPath.join(':'), LANG: 'C.UTF-8', HOME: '/', ...changes })
  return Object.fromEntries(entries.flatMap(([name, value]) => (value === null ? [] : [[name, value]])))
}

export const environmentList = (variables: Readonly<Record<string, string>>): string[] =>
  Object.entries(variables).map(([name, value]) => `${name}=${value}`)

export class ProcessRunner implements Runner {
  readonly #sys: Sys
  readonly #loop: Loop
  readonly #children: Children

  constructor(sys: Sys, loop: Loop, children: Children) {
    this.#sys = sys
    this.#loop = loop
    this.#children = children
  }

  async run(spec: RunSpec): Promise<RunEnd> {
    const kept = { stdout: new Kept(spec.limit ?? LIMIT), stderr: new Kept(spec.limit ?? LIMIT) }
    const path = findProgram(this.#sys, spec.args[0])
    return new Promise(resolve => {
      let release = (): void => undefined
      const command = new Command(this.#sys, this.#loop, this.#children, {
        path,
        args: spec.args,
        env: environmentList(environment(spec.env)),
        ...(spec.directory === undefined ? {} : { directory: spec.directory }),
        ...(spec.user ? { user: spec.user } : {}),
        input: spec.stdin !== undefined,
        onOutput: (stream, bytes) => {
          if (spec.onOutput) return spec.onOutput(stream, bytes)
          kept[stream].add(bytes)
          return undefined
        },
        timeout: spec.timeout,
        onEnd: end => {
          release()
          const { stdout, stderr } = kept
          const [stdoutTruncated, stderrTruncated] = [stdout.truncated, stderr.truncated]
          resolve({ ...end, stdout: stdout.bytes, stderr: stderr.bytes, stdoutTruncated, stderrTruncated })
        },
      })
      release =
        spec.signal?.onAbort(() => {
          command.abandon()
        }) ?? release
      if (spec.stdin) void command.stdin?.write(spec.stdin)
      command.stdin?.end()
    })
  }
}
