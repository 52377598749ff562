/** Listens on the serial line of a machine that starts: never types, takes it from nobody, and leaves it to whoever shares it. */
import type { Readable } from 'node:stream'
import { RemoteError, type BootPhase } from '../../contract/index.ts'
import { BootPhases } from './boot-phase.ts'

/** When a line that could not be had is asked for again, milliseconds. */
const AGAIN_MS = 10_000
/** When a line that says nothing any more is left to others for good, milliseconds. */
const QUIET_MS = 120_000
/** Bytes that are looked at between two questions; a guest that writes more is read, and not listened to. */
const MOST_BYTES = 1024 * 1024

export interface BootLine {
  /** What was heard until now; opens the line where it is not. */
  phase(signal: AbortSignal): BootPhase | null
  leave(): void
}

/** @param open rejects with `busy` when another program has the line, and with `unsupported` where there is none */
export const bootLineOf = (
  open: (signal: AbortSignal) => Promise<Readable>,
  now: () => number = () => performance.now(),
): BootLine => {
  const phases = new BootPhases()
  let line: Readable | null = null
  let opening = false
  let notBefore = 0
  let left = false
  let heardAt = 0
  let budget = 0

  const hear = (bytes: Uint8Array): void => {
    heardAt = now()
    if (budget > 0) phases.hear(bytes)
    budget -= bytes.length
  }
  const leave = (): void => {
    left = true
    line?.destroy()
  }
  const lost = (): void => {
    line = null
    notBefore = now() + AGAIN_MS
  }
  const join = async (signal: AbortSignal): Promise<void> => {
    try {
      const opened = await open(signal)
      // The failure of a line that was left is nobody's any more.
      opened.on('error', () => undefined)
      if (left) return void opened.destroy()
      line = opened
      heardAt = now()
      opened.on('data', hear)
      opened.once('close', lost)
      opened.once('end', () => opened.destroy())
    } catch (error) {
      // Without a line of that kind there is nothing to ask for again.
      left ||= error instanceof RemoteError && error.detail.kind === 'unsupported'
      lost()
    } finally {
      opening = false
    }
  }
  return {
    phase: signal => {
      budget = MOST_BYTES
      if (line !== null && now() - heardAt > QUIET_MS) leave()
      if (!left && line === null && !opening && now() >= notBefore) {
        opening = true
        // It never rejects, and nobody waits: a line that hangs is no reason to see nothing else.
        void join(signal)
      }
      return phases.now
    },
    leave,
  }
}
