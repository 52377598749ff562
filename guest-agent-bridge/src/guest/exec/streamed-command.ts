/** One command of `exec.start`: its output goes to the host as it comes, as far as the host keeps up. */
import { vireo } from '../../protocol/index.ts'
import type { Children } from '../children.ts'
import { Command, type CommandEnd } from '../command.ts'
import type { Config } from '../config.ts'
import { WithData, type MethodContext } from '../method.ts'
import { RpcError } from '../rpc-error.ts'
import { allowedTimeout, spawnSpec } from './exec-spec.ts'
import { OutputWindow } from './output-window.ts'
import { signalName } from './signal-name.ts'

type Stream = 'stdout' | 'stderr'

const ENVELOPE_BYTES = 512
const MOST_SHOWN = 200

/** What one `exec.output` carries: base64 makes four bytes of three. */
const pieceBytes = (config: Config): number =>
  Math.max(1, Math.min(config.maxChunkBytes, Math.floor(((config.maxMessageBytes - ENVELOPE_BYTES) * 3) / 4)))

export class StreamedCommand {
  readonly id: number
  /** For lists. */
  readonly shown: string
  readonly #context: MethodContext
  readonly #spec: vireo.ExecStart
  readonly #window: OutputWindow
  readonly #command: Command
  readonly #bytes: Record<Stream, number> = { stdout: 0, stderr: 0 }
  readonly #ended: () => void
  #feeding: Promise<unknown> = Promise.resolve()
  #abandoned = false

  constructor(id: number, spec: vireo.ExecStart, context: MethodContext, children: Children, ended: () => void) {
    this.id = id
    this.shown = (spec.shell ?? (spec.args ?? []).join(' ')).slice(0, MOST_SHOWN)
    this.#context = context
    this.#spec = spec
    this.#window = new OutputWindow(spec.window_bytes)
    this.#ended = ended
    const { sys, loop, config } = context
    this.#command = new Command(sys, loop, children, {
      ...spawnSpec(sys, config, spec),
      tied: true,
      input: spec.stdin,
      timeout: allowedTimeout(config, spec.timeout_seconds),
      onOutput: (stream, bytes) => this.#output(stream, bytes),
      onEnd: end => {
        this.#end(end)
      },
    })
  }

  get pid(): number {
    return this.#command.pid
  }

  get milliseconds(): number {
    return this.#command.milliseconds
  }

  acknowledge(bytes: number): void {
    this.#window.acknowledge(bytes)
  }

  /** In the order of the requests, each answered when its bytes are in the pipe. */
  async feed(bytes: Uint8Array, eof: boolean): Promise<void> {
    const { stdin } = this.#command
    if (!stdin) throw new RpcError('precondition', 'The command has no standard input', { reason: 'no-stdin' })
    this.#feeding = this.#feeding.then(async () => {
      const open = bytes.length === 0 || (await stdin.write(bytes))
      if (eof) stdin.end()
      if (!open) throw new RpcError('precondition', 'The command reads no more input', { reason: 'closed' })
    })
    const own = this.#feeding
    this.#feeding = own.catch(() => undefined)
    await own
  }

  cancel(signal: number | undefined): void {
    if (signal === undefined) this.#command.cancel()
    else this.#command.signal(signal)
  }

  /** The host left: nothing more is told. */
  abandon(): void {
    this.#abandoned = true
    this.#window.open()
    this.#command.abandon()
  }

  #output(stream: Stream, bytes: Uint8Array): Promise<void> | undefined {
    const left = Math.max(0, this.#spec.max_output_bytes - this.#bytes[stream])
    this.#bytes[stream] += bytes.length
    return left === 0 || this.#abandoned ? undefined : this.#tell(stream, bytes.subarray(0, left))
  }

  async #tell(stream: Stream, bytes: Uint8Array): Promise<void> {
    const { config, notify } = this.#context
    for (let at = 0; at < bytes.length && !this.#abandoned;) {
      await this.#window.wait()
      const piece = bytes.subarray(at, at + Math.min(pieceBytes(config), this.#window.room))
      this.#window.take(piece.length)
      at += piece.length
      if (this.#abandoned) return
      await notify(vireo.execOutput.name, new WithData({ id: this.id, stream }, piece), 'output')
    }
  }

  #end(end: CommandEnd): void {
    this.#ended()
    if (this.#abandoned) return
    const { stdout, stderr } = this.#bytes
    const most = this.#spec.max_output_bytes
    const told: vireo.NoticeOf<typeof vireo.execEnd> = {
      id: this.id,
      exit_code: end.code,
      signal: end.signal === null ? null : signalName(end.signal),
      timed_out: end.timedOut,
      cancelled: end.cancelled,
      stdout_truncated: stdout > most,
      stderr_truncated: stderr > most,
      stdout_bytes: stdout,
      stderr_bytes: stderr,
      duration_ms: end.milliseconds,
    }
    void this.#context.notify(vireo.execEnd.name, told, 'output')
  }
}
