/** Commands through `exec_command`: no shell, no input, no environment, and a time-out that leaves the command running. */
import { RemoteError, type ExecEnd, type ExecSpec } from '@vireo/app-main/contract'
import type { Asking, ExecInput } from '../guest-agent.ts'
import { AgentRefusal } from '../rpc-failure.ts'
import { rpcCode } from '../../protocol/index.ts'
import type { GuestShell, ShellEnd } from '../shell/guest-shell.ts'
import type { KvmManagerConversation } from './conversation.ts'
import { ExecResult } from './methods.ts'

/** So much longer than the command the agent waits, and the host for the agent. */
const AGENT_GRACE_SECONDS = 5
const HOST_GRACE_MS = 10_000
const SHELL_SECONDS = 20
/** One argument of a program may have 128 KiB; input is passed in one, as base64. */
const MAX_STDIN_BYTES = 90 * 1024
const SHELL = '/bin/sh'

/** Programs of the guest that make up for what the agent lacks. */
export const TOOLS = ['timeout', 'env', 'base64', 'runuser', 'find', 'systemctl', 'who', 'fstrim', 'sha256sum'] as const
export type Tool = (typeof TOOLS)[number]

export class KvmManagerCommands implements GuestShell {
  readonly #talk: KvmManagerConversation
  #tools: ReadonlySet<string> = new Set()
  #shell = false

  constructor(talk: KvmManagerConversation) {
    this.#talk = talk
  }

  /** The agent's configuration lets a shell run. */
  get hasShell(): boolean {
    return this.#shell
  }

  has(tool: Tool): boolean {
    return this.#tools.has(tool)
  }

  /** Finds out what the guest has. Never fails: an agent that lets no shell run still has its own methods. */
  async probe(asking: Asking): Promise<void> {
    const script =
      'for tool; do command -v "$tool" >/dev/null && echo "$tool"; done; find / -maxdepth 0 -printf gnu-find 2>/dev/null; exit 0'
    try {
      const { stdout } = await this.run(script, TOOLS, asking)
      this.#shell = true
      const found = stdout.split('\n')
      this.#tools = new Set(found.includes('gnu-find') ? found : found.filter(tool => tool !== 'find'))
    } catch (error) {
      if (!(error instanceof AgentRefusal)) throw error
    }
  }

  async run(script: string, args: readonly string[], { signal }: Asking): Promise<ShellEnd> {
    const result = await this.#call([SHELL, '-c', script, 'sh', ...args], { seconds: SHELL_SECONDS, signal })
    return { code: result.exit_code < 0 ? null : result.exit_code, stdout: result.stdout, stderr: result.stderr }
  }

  async exec(spec: ExecSpec, input: ExecInput, { signal }: Asking): Promise<ExecEnd> {
    const stdin = input.stdin ? await this.#stdin(input.stdin) : null
    const command = this.#withInput(this.#command(spec), stdin)
    const { timeoutSeconds: seconds, maxOutputBytes, cwd } = spec
    const began = performance.now()
    try {
      const result = await this.#call(command, { seconds: seconds + AGENT_GRACE_SECONDS, signal, cwd })
      const truncated = await this.#hand(result, maxOutputBytes, input)
      const timedOut = this.has('timeout') && timeoutEnded(result, seconds)
      const exitCode = timedOut || result.exit_code < 0 ? null : result.exit_code
      return { exitCode, signal: null, timedOut, truncated, durationMs: result.execution_time_ms }
    } catch (error) {
      if (!(error instanceof AgentRefusal) || error.code !== rpcCode.timeout) throw error
      const durationMs = Math.round(performance.now() - began)
      return { exitCode: null, signal: null, timedOut: true, truncated: false, durationMs }
    }
  }

  /** The agent never kills a command; the guest's `timeout` does, with its whole process group. */
  #command(spec: ExecSpec): string[] {
    const program = spec.shell === undefined ? (spec.args ?? []) : [SHELL, '-c', spec.shell]
    const env = Object.entries(spec.env).map(([name, value]) => `${name}=${value}`)
    return [
      ...(this.has('timeout') ? ['timeout', '-k', '2', String(spec.timeoutSeconds)] : []),
      ...(spec.user === undefined ? [] : ['runuser', '-u', spec.user, '--']),
      ...(env.length > 0 ? ['env', ...env] : []),
      ...program,
    ]
  }

  async #stdin(source: AsyncIterable<Uint8Array>): Promise<Buffer> {
    if (!this.#shell || !this.has('base64')) throw noInput('This agent gives commands no standard input.')
    const parts: Uint8Array[] = []
    let size = 0
    for await (const bytes of source) {
      size += bytes.length
      if (size > MAX_STDIN_BYTES) throw noInput(`This agent can give a command ${MAX_STDIN_BYTES} bytes of input.`)
      parts.push(bytes)
    }
    return Buffer.concat(parts)
  }

  #withInput(command: readonly string[], stdin: Buffer | null): readonly string[] {
    if (stdin === null) return command
    const script = 'input=$1; shift; printf %s "$input" | base64 -d | "$@"'
    return [SHELL, '-c', script, 'sh', stdin.toString('base64'), ...command]
  }

  async #hand(result: ShellOutput, maxBytes: number, input: ExecInput): Promise<boolean> {
    let truncated = false
    for (const stream of ['stdout', 'stderr'] as const) {
      const bytes = Buffer.from(result[stream])
      if (bytes.length > maxBytes) truncated = true
      if (bytes.length > 0) await input.onOutput(stream, bytes.subarray(0, maxBytes))
    }
    return truncated
  }

  #call(command: readonly string[], how: { seconds: number; signal: AbortSignal; cwd?: string | undefined }) {
    const [program = '', ...args] = command
    const params = {
      ...{ command: program, args, timeout_seconds: how.seconds, capture_output: true },
      ...(how.cwd === undefined ? {} : { working_directory: how.cwd }),
    }
    return this.#talk.call('exec_command', ExecResult, params, how.signal, how.seconds * 1000 + HOST_GRACE_MS)
  }
}

interface ShellOutput {
  readonly stdout: string
  readonly stderr: string
}

/** `timeout` tells so by its exit code, which a command may also have of its own: then it ended earlier. */
const timeoutEnded = (result: { exit_code: number; execution_time_ms: number }, seconds: number): boolean =>
  (result.exit_code === 124 || result.exit_code === 137 || result.exit_code < 0) &&
  result.execution_time_ms >= seconds * 1000 - 50

const noInput = (message: string): RemoteError => new RemoteError({ kind: 'unsupported', message })
