/** A machine's inside as the hypervisor itself opens it, without an agent that somebody installed there. */
import type { GuestDialect } from '@vireo/app-main/contract'
import type { Asking, ExecInput } from '../guest-agent.ts'

export interface DirectCommand {
  /** A program and its arguments, without a shell. */
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly cwd?: string | undefined
  readonly uid?: number | undefined
  readonly gid?: number | undefined
}

/** All rejections are `RemoteError`s. */
export interface DirectWay {
  /** Whose way it is. */
  readonly dialect: GuestDialect
  /** Resolves with the exit code when the program ended and its output was given; aborting kills it, not what it began. */
  run(command: DirectCommand, input: ExecInput, asking: Asking): Promise<number>
  /** A file's bytes from its start. */
  read(path: string, asking: Asking): Promise<AsyncIterable<Uint8Array>>
  /** Writes over a file that is there. */
  fill(path: string, content: AsyncIterable<Uint8Array>, asking: Asking): Promise<void>
}
