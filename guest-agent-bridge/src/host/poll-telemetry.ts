import type { GuestTelemetry } from '@vireo/app-main/contract'
import type { Asking } from './guest-agent.ts'

/** Failures in a row after which the watcher is told. */
const MAX_FAILURES = 3

/**
 * Measurements at an interval from an agent that has to be asked. The pause is counted between an answer and the next question, so a slow
 * guest is asked less often. Resolves when the signal aborts; rejects with the last failure when several follow each other.
 */
export const pollTelemetry = async (
  measure: (asking: Asking) => Promise<GuestTelemetry>,
  intervalSeconds: number,
  listener: (sample: GuestTelemetry) => void,
  signal: AbortSignal,
): Promise<void> => {
  let failures = 0
  while (!signal.aborted) {
    try {
      const sample = await measure({ signal })
      failures = 0
      if (!signal.aborted) listener(sample)
    } catch (error) {
      if (signal.aborted) return
      if (++failures >= MAX_FAILURES) throw error
    }
    await pause(Math.max(0.1, intervalSeconds) * 1000, signal)
  }
}

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise(resolve => {
    const over = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', over)
      resolve()
    }
    const timer = setTimeout(over, ms)
    signal.addEventListener('abort', over)
    if (signal.aborted) over()
  })
