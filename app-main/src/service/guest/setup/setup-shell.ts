/** Scripts in the guest, whichever agent runs them. */
import type { ExecSpec } from '../../../contract/index.ts'
import { guestOutput, type Asking, type GuestShell } from '@vireo/guest-agent-bridge/host'
import type { SetupAgent } from './setup-target.ts'

/** Kept of each stream: what is shown of it is one line. */
const MAX_OUTPUT = 256 * 1024
const SECONDS = 120

export interface ShellOptions {
  readonly seconds?: number
  /** Told output as it comes, where the agent tells it before the end. */
  readonly onOutput?: (text: string) => void
}

const decode = (parts: readonly Uint8Array[]): string => Buffer.concat(parts).toString('utf8')

/** A command that was killed by its time has no exit code. */
export const agentShell = (
  agent: SetupAgent,
  { seconds = SECONDS, onOutput = () => undefined }: ShellOptions = {},
): GuestShell => ({
  async run(script, args, asking) {
    const said: Record<'stdout' | 'stderr', Uint8Array[]> = { stdout: [], stderr: [] }
    const take = (stream: 'stdout' | 'stderr', bytes: Uint8Array) => {
      said[stream].push(Uint8Array.from(bytes))
      onOutput(Buffer.from(bytes).toString('utf8'))
    }
    const argv = ['/bin/sh', '-c', script, 'sh', ...args]
    const spec: ExecSpec = { args: argv, env: {}, timeoutSeconds: seconds, maxOutputBytes: MAX_OUTPUT }
    const end = await agent.exec(spec, { onOutput: take }, asking)
    return { code: end.exitCode, stdout: decode(said.stdout), stderr: decode(said.stderr) }
  },
})

/** Runs a script in plain English and gives what it wrote; rejects by what the system said when it failed. */
export const scriptIn = (agent: SetupAgent, script: string, args: readonly string[], asking: Asking): Promise<string> =>
  guestOutput(agentShell(agent), script, args, asking)
