/** Small scripts in the guest, for what qemu-ga has no command for. */
import type { GuestShell } from '../shell/guest-shell.ts'
import { run } from './run.ts'
import type { Talk } from './talk.ts'

const SECONDS = 30

/** Scripts bound their output themselves: an answer over 4 MiB is none. */
export const qemuGaShell = (talk: Talk): GuestShell => ({
  async run(script, args, { signal }) {
    const command = { path: '/bin/sh', args: ['-c', script, 'sh', ...args], seconds: SECONDS, signal }
    const end = await run(talk, command)
    return { code: end.exitCode, stdout: end.stdout.toString(), stderr: end.stderr.toString() }
  },
})
