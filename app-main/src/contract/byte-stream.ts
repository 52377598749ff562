/**
 * Byte streams with back-pressure over any ordered message pipe (a WebSocket, a MessagePort).
 *
 * Neither pipe tells a sender to wait, so the receiver grants credit: a sender may have at most `WINDOW` bytes that the
 * other side has not consumed. Data travels as binary messages, everything else as small JSON texts.
 */

/** The far end of a stream as a surface uses it. */
export interface ByteStream {
  /** Sends bytes; resolves when they may be followed by more (credit is left). */
  write(bytes: Uint8Array): Promise<void>
  /** The one consumer. Call `done` when the bytes are consumed: only then may the sender go on. */
  onData(listener: (bytes: Uint8Array, done: () => void) => void): void
  /** Settles once: `undefined` for a clean end, else the failure. */
  readonly closed: Promise<import('./error.ts').AppError | undefined>
  close(): void
}

/** Bytes in flight per direction that were not yet consumed: what a person types waits behind that much of a flood. */
export const WINDOW = 256 * 1024

/** What a pipe carries besides bytes. `open` is the server's first message; `end` closes with or without a failure. */
export type PipeText =
  | { readonly t: 'open' }
  | { readonly t: 'ack'; readonly bytes: number }
  | { readonly t: 'end'; readonly error?: import('./error.ts').AppError }
