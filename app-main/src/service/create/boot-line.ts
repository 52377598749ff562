/** Listens on the serial line of a machine that starts: never types, takes it from nobody, and leaves it to whoever shares it. */
import type { Readable } from 'node:stream'
import { RemoteError, type BootPhase } from '../../contract/index.ts'
import { BootPhases } from './boot-phase.ts'

/** When a line that could not be had is asked for again, milliseconds. */
const AGAIN_MS = 10_000

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
      opened.on('data', (bytes: Buffer) => phases.hear(bytes))
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
      if (!left && line === null && !opening && now() >= notBefore) {
        opening = true
        // It never rejects, and nobody waits: a line that hangs is no reason to see nothing else.
        void join(signal)
      }
      return phases.now
    },
    leave: () => {
      left = true
      line?.destroy()
    },
  }
}
