/** Lets polkit ask for a password at this terminal, as libvirt's own tools do. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Readable } from 'node:stream'
import type { Disposable } from '../../base/disposable.ts'

const NOBODY: Disposable = { dispose: () => undefined }

/**
 * Registers polkit's text agent for this process alone: the desktop's own stays. (As a fallback for that one polkit would
 * not find it without a login session.) Without a terminal, or where the agent is not installed, nobody can be asked and
 * polkit says no by itself.
 */
export const passwordAgent = async (): Promise<Disposable> => {
  if (!process.stdin.isTTY || process.getuid?.() === 0) return NOBODY
  const args = ['--process', String(process.pid), '--notify-fd', '3']
  const agent = spawn('pkttyagent', args, { stdio: ['inherit', 'inherit', 'inherit', 'pipe'] })
  const registered = agent.stdio[3] as Readable
  // It closes the descriptor when it is ready, and by ending.
  await Promise.race([once(registered.resume(), 'close'), once(agent, 'close')]).catch(() => undefined)
  return { dispose: () => void agent.kill() }
}
