/** Small scripts over a direct way, for what it has no words of its own. */
import { RemoteError } from '@vireo/app-main/contract'
import type { Asking } from '../guest-agent.ts'
import type { GuestShell, ShellEnd } from '../shell/guest-shell.ts'
import type { DirectWay } from './direct-way.ts'

/** A script that says more is none of ours. */
const MOST_BYTES = 8 * 1024 * 1024
const SECONDS = 60

export const directShell = (way: DirectWay): GuestShell => ({
  async run(script, args, { signal }: Asking): Promise<ShellEnd> {
    const parts = { stdout: [] as Uint8Array[], stderr: [] as Uint8Array[] }
    const over = new AbortController()
    let size = 0
    const onOutput = (stream: 'stdout' | 'stderr', bytes: Uint8Array): void => {
      size += bytes.length
      if (size > MOST_BYTES) over.abort(new RemoteError({ kind: 'refused', message: 'The guest said too much.' }))
      else parts[stream].push(bytes)
    }
    const late = () =>
      over.abort(new RemoteError({ kind: 'timeout', message: `The guest did not answer within ${SECONDS} s.` }))
    const timer = setTimeout(late, SECONDS * 1000)
    try {
      const command = { args: ['/bin/sh', '-c', script, 'vireo', ...args], env: {} }
      const code = await way.run(command, { onOutput }, { signal: AbortSignal.any([signal, over.signal]) })
      const text = (bytes: readonly Uint8Array[]) => Buffer.concat(bytes).toString('utf8')
      // As a shell tells it: 128 and the signal's number.
      return { code: code > 128 ? null : code, stdout: text(parts.stdout), stderr: text(parts.stderr) }
    } finally {
      clearTimeout(timer)
    }
  },
})
