/**
 * The bytes of a `guest.exec` stream, as frames (`frames.ts`). To the guest go `stdin` and one `stdinEnd`; from it come `stdout`,
 * `stderr` and at last one `end` (JSON of `ExecResult`).
 */
import { encodeFrame, frameReader, MAX_FRAME } from './frames.ts'

export const execFrame = { stdin: 0, stdout: 1, stderr: 2, end: 3, stdinEnd: 4 } as const
export type ExecFrameKind = keyof typeof execFrame

export const MAX_EXEC_FRAME = MAX_FRAME

const kinds: readonly ExecFrameKind[] = ['stdin', 'stdout', 'stderr', 'end', 'stdinEnd']

export const encodeExecFrame = (kind: ExecFrameKind, bytes?: Uint8Array): Uint8Array =>
  encodeFrame(execFrame[kind], bytes)

/** Takes bytes as they come, calls `take` for every whole frame. Throws kind `refused` for what is not one. */
export const execFrameReader = (take: (kind: ExecFrameKind, bytes: Uint8Array) => void) =>
  frameReader(kinds, 'command stream', take)

/** The `action` of a `permission` failure of `guest.exec` that a login would mend. Here, because windows carry no schemas. */
export const LOGIN_ACTION = 'vireo.guest.login'
