/**
 * The bytes of an `ssh.terminal` stream, as frames (`frames.ts`). To the guest go `input` and `resize` (JSON of `TerminalSize`);
 * from it come `output` and at last one `end` (JSON of `TerminalEnd`).
 */
import { encodeFrame, frameReader, MAX_FRAME } from './frames.ts'

export const terminalFrame = { input: 0, output: 1, resize: 2, end: 3 } as const
export type TerminalFrameKind = keyof typeof terminalFrame

export const MAX_TERMINAL_FRAME = MAX_FRAME

const kinds: readonly TerminalFrameKind[] = ['input', 'output', 'resize', 'end']

export const encodeTerminalFrame = (kind: TerminalFrameKind, bytes?: Uint8Array): Uint8Array =>
  encodeFrame(terminalFrame[kind], bytes)

/** Takes bytes as they come, calls `take` for every whole frame. Throws kind `refused` for what is not one. */
export const terminalFrameReader = (take: (kind: TerminalFrameKind, bytes: Uint8Array) => void) =>
  frameReader(kinds, 'terminal stream', take)
