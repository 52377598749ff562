/** What the two runs of the boot probe mean. */
import type { BootProbe, ProbeRun } from '../../contract/index.ts'
import type { CommandEnd } from '../machine.ts'

/** QEMU ends with `(word << 1) | 1` for the word that the guest wrote to isa-debug-exit. */
const PASSED = (0x2a << 1) | 1
const STEPS: Readonly<Record<number, string>> = {
  3: 'paging does not work',
  5: 'SSE2 does not work',
  7: 'cmpxchg16b does not work',
  9: 'it counted wrong',
}
/** Hardware that is worth its name takes at most this part of the time of emulation, the start of QEMU included. */
const CLEARLY = 0.75

/** What QEMU says last is why it ended; warnings are not. */
const complaint = (err: string): string | null => {
  const lines = err.split('\n').map(line => line.replace(/^\S*qemu\S*: (error: )?/, '').trim())
  const told = lines.filter(
    line => line !== '' && !line.startsWith('warning:') && !line.startsWith('terminating on signal'),
  )
  return told[0]?.slice(0, 300) ?? null
}

/** @param milliseconds how long QEMU ran; @param deadline after which it was ended */
export const runOf = (end: CommandEnd | undefined, milliseconds: number, deadline: number): ProbeRun => {
  const failed = (message: string): ProbeRun => ({ outcome: 'failed', milliseconds: null, message })
  if (!end) return failed('QEMU could not be started')
  if (end.code === PASSED) return { outcome: 'passed', milliseconds, message: null }
  // `timeout` ends as the shell tells a SIGKILL.
  if ((end.code === null || end.code === 137) && milliseconds >= deadline)
    return { outcome: 'timeout', milliseconds: null, message: `the guest did not finish within ${deadline / 1000} s` }
  if (end.code === 0) return failed('the guest’s processor reset itself')
  return failed(STEPS[end.code ?? -1] ?? complaint(end.err) ?? 'QEMU ended without a word')
}

export const verdictOf = (kvm: ProbeRun, emulation: ProbeRun): BootProbe['verdict'] => {
  if (kvm.outcome === 'not-run') return 'not-possible'
  if (kvm.outcome !== 'passed') return 'fails'
  // Nothing to compare with: that it finished must do.
  if (emulation.milliseconds === null || kvm.milliseconds === null) return 'works'
  return kvm.milliseconds <= emulation.milliseconds * CLEARLY ? 'works' : 'crawls'
}
