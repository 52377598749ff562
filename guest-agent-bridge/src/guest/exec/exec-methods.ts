/** Running commands: one that is waited for, as KVM Manager's agent has it, and those that stream. */
import { vireo } from '../../protocol/index.ts'
import type { Children } from '../children.ts'
import { Command } from '../command.ts'
import { handle, type Method, type MethodContext } from '../method.ts'
import { fromBase64 } from '../methods/bytes.ts'
import { RpcError } from '../rpc-error.ts'
import { Kept } from '../runner.ts'
import { failedWith, SysError } from '../sys.ts'
import { allowedTimeout, spawnSpec } from './exec-spec.ts'
import { StreamedCommand } from './streamed-command.ts'

/** Started and not ended; each holds three descriptors. */
const MOST_COMMANDS = 64

/** As KVM Manager's agent words it: a program or folder that is not there is a command that failed. */
const inSeedWords = (error: unknown): unknown =>
  error instanceof SysError ? new RpcError('failed', `Execution failed: ${error.message}`, { code: error.code }) : error

type Captured = vireo.ResultOf<typeof vireo.execCommand>
type Waited = vireo.ParamsOf<typeof vireo.execCommand>

const runToEnd = async (wanted: Waited, context: MethodContext, children: Children): Promise<Captured> => {
  const { sys, loop, config, signal } = context
  // JSON may make six bytes of one, and both outputs share the message.
  const limit = Math.floor((config.maxMessageBytes - 1024) / 12)
  const kept = { stdout: new Kept(limit), stderr: new Kept(limit) }
  const cwd = wanted.working_directory ?? undefined
  const spec = spawnSpec(sys, config, {
    args: [wanted.command, ...wanted.args],
    env: {},
    ...(cwd === undefined ? {} : { cwd }),
  })
  const timeout = allowedTimeout(config, wanted.timeout_seconds)
  return new Promise((resolve, reject) => {
    let release = (): void => undefined
    const command = new Command(sys, loop, children, {
      ...spec,
      input: false,
      timeout,
      onOutput: wanted.capture_output
        ? (stream, bytes) => {
            kept[stream].add(bytes)
            return undefined
          }
        : null,
      onEnd: end => {
        release()
        if (end.timedOut) {
          reject(new RpcError('timeout', `Command timed out after ${timeout / 1000} seconds`))
          return
        }
        const { stdout, stderr } = kept
        resolve({
          exit_code: end.code ?? -1,
          stdout: sys.decode(stdout.bytes),
          stderr: sys.decode(stderr.bytes),
          execution_time_ms: end.milliseconds,
          truncated: stdout.truncated || stderr.truncated,
        })
      },
    })
    release = signal.onAbort(() => {
      command.abandon()
    })
  })
}

export class Commands {
  readonly #children: Children
  readonly #running = new Map<number, StreamedCommand>()
  #last = 0

  constructor(children: Children) {
    this.#children = children
  }

  /** The host left: what it started ends. */
  abandon(): void {
    for (const command of this.#running.values()) command.abandon()
    this.#running.clear()
  }

  get methods(): readonly Method[] {
    return [this.#execCommand(), this.#start(), this.#stdin(), this.#cancel(), this.#ack(), this.#list()]
  }

  #execCommand(): Method {
    return handle(vireo.execCommand, {
      cost: 'command',
      audit: ['command', 'args', 'working_directory'],
      ownTimeout: true,
      run: async (wanted, context) => {
        try {
          return await runToEnd(wanted, context, this.#children)
        } catch (error) {
          throw inSeedWords(error)
        }
      },
    })
  }

  #start(): Method {
    return handle(vireo.execStart, {
      cost: 'command',
      audit: ['shell', 'args', 'cwd', 'user', 'group'],
      run: (spec, context) => {
        if (this.#running.size >= MOST_COMMANDS) {
          throw new RpcError('busy', `Busy: ${MOST_COMMANDS} commands run already`)
        }
        const id = ++this.#last
        const command = new StreamedCommand(id, spec, context, this.#children, () => {
          this.#running.delete(id)
        })
        this.#running.set(id, command)
        return { id, pid: command.pid }
      },
    })
  }

  #stdin(): Method {
    return handle(vireo.execStdin, {
      urgent: true,
      ownTimeout: true,
      run: async ({ id, data, eof }, context) => {
        // The command takes them when it likes.
        const bytes = context.payload ? new Uint8Array(context.payload) : fromBase64(context.sys, data)
        await this.#find(id).feed(bytes, eof)
        return {}
      },
    })
  }

  #cancel(): Method {
    return handle(vireo.execCancel, {
      urgent: true,
      run: ({ id, signal }) => {
        try {
          this.#find(id).cancel(signal)
        } catch (error) {
          if (!failedWith(error, 'ESRCH')) throw error
        }
        return {}
      },
    })
  }

  /** A command may have ended while this was on its way. */
  #ack(): Method {
    return handle(
      { ...vireo.execAck, result: vireo.execCancel.result },
      {
        urgent: true,
        run: ({ id, bytes }) => {
          this.#running.get(id)?.acknowledge(bytes)
          return {}
        },
      },
    )
  }

  #list(): Method {
    return handle(vireo.execList, {
      urgent: true,
      run: () => ({
        commands: [...this.#running.values()].map(command => ({
          id: command.id,
          pid: command.pid,
          command: command.shown,
          running_ms: command.milliseconds,
        })),
      }),
    })
  }

  #find(id: number): StreamedCommand {
    const command = this.#running.get(id)
    if (!command) throw new RpcError('notFound', `No such command: ${id}`)
    return command
  }
}
