/** A machine in memory whose serial line is a real program on a real terminal. */
import { type DomainId, type ExecEnd, type ExecSpec, type GuestLogin } from '../../../../contract/index.ts'
import { SharedLine } from '../../../../hypervisor/share/shared-line.ts'
import { guestBench } from '../../testing/guest-bench.ts'
import { Logins } from '../logins.ts'
import { serialWay } from '../serial-way.ts'
import { ptyProgram, type PtyProgram } from './pty-program.ts'

export interface Ran {
  readonly end: ExecEnd
  readonly stdout: Buffer
  readonly stderr: Buffer
}

export interface Asked {
  readonly stdin?: readonly Uint8Array[]
  readonly signal?: AbortSignal
  readonly automatic?: boolean
  readonly login?: GuestLogin
  /** Called with all of the standard output so far. */
  readonly onOutput?: (stdout: string) => void
}

const ALONE = new AbortController().signal

export interface BenchOptions {
  readonly env?: Readonly<Record<string, string>>
  /** Puts noise among what the program writes. */
  readonly change?: (bytes: Buffer) => Buffer
  readonly answerMs?: number
}

export const serialBench = async (argv: readonly string[], options: BenchOptions = {}) => {
  const bench = await guestBench()
  const pty: PtyProgram = ptyProgram(argv, options.env, options.change)
  // A real daemon has other consumers too, and a line of its own to each.
  const line = new SharedLine(pty.line)
  // A window that stays open: without anybody the line would be closed, and the program with it.
  line.attach().resume()
  bench.machine(0).line = line
  const logins = new Logins()
  const running = (machine: DomainId, signal: AbortSignal) => bench.sessions.running(machine, signal)
  const way = serialWay({
    running,
    logins,
    ...(options.answerMs === undefined ? {} : { answerMs: options.answerMs }),
  })
  const id: DomainId = bench.id(0)
  const exec = async (given: Partial<ExecSpec>, asked: Asked = {}): Promise<Ran> => {
    const { signal = ALONE, automatic = false, login } = asked
    const spec: ExecSpec = { env: {}, timeoutSeconds: 60, maxOutputBytes: 1024 * 1024, ...given }
    const { run, release } = await way.open(id, spec, { signal }, { automatic, login })
    const parts: Record<'stdout' | 'stderr', Uint8Array[]> = { stdout: [], stderr: [] }
    const stdin = async function* () {
      yield* asked.stdin ?? []
    }
    try {
      const onOutput = (kind: 'stdout' | 'stderr', bytes: Uint8Array): void => {
        parts[kind].push(bytes)
        asked.onOutput?.(Buffer.concat(parts.stdout).toString())
      }
      const end = await run(spec, { stdin: stdin(), onOutput }, { signal })
      return { end, stdout: Buffer.concat(parts.stdout), stderr: Buffer.concat(parts.stderr) }
    } finally {
      release()
    }
  }
  return {
    ...{ id, exec, way, logins, pty, line, running },
    async [Symbol.asyncDispose]() {
      line.close()
      await pty[Symbol.asyncDispose]()
      bench.dispose()
    },
  }
}
