/** Commands that run in the guest: their output in order, never more of it on its way than was granted. */
import { setTimeout as sleep } from 'node:timers/promises'
import { RemoteError, type ExecEnd, type ExecSpec } from '@vireo/app-main/contract'
import {
  execAck,
  execCancel,
  execEnd,
  execList,
  execOutput,
  execStart,
  execStdin,
  type NoticeOf,
} from '../../protocol/vireo/index.ts'
import type { Asking, ExecInput } from '../guest-agent.ts'
import { plainText } from '../plain-text.ts'
import { AgentRefusal, agentGone, badAnswer, cancelled, silent, unlessAborted } from '../rpc-failure.ts'
import type { VireoConversation } from './conversation.ts'
import { RunningCommand } from './running-command.ts'

/** Output bytes on their way from the guest, before it waits. */
const WINDOW_BYTES = 256 * 1024
/** So much later than its own timeout a command must have ended. */
const GRACE_MS = 30_000
const START_MS = 15_000
/** How long somebody who gave up waits for the guest to have heard of it. */
const CANCEL_MS = 2000
/** How often it is looked whether the agent still knows a command. */
const CHECK_MS = 10_000
const NEVER = new AbortController().signal

export class ExecStreams {
  readonly #talk: VireoConversation
  /** Bytes in one `exec.stdin`. */
  readonly #chunkBytes: number
  readonly #running = new Map<number, RunningCommand>()

  constructor(talk: VireoConversation, chunkBytes: number) {
    this.#talk = talk
    this.#chunkBytes = chunkBytes
    talk.on(execOutput, ({ id, stream, data }) => {
      const command = this.#running.get(id)
      command?.output(stream, Buffer.from(data, 'base64'))
      return command !== undefined
    })
    talk.on(execEnd, end => {
      const command = this.#running.get(end.id)
      command?.end(end)
      return command !== undefined
    })
    void talk.client.closed.then(() => {
      for (const command of this.#running.values()) command.fail(agentGone())
    })
  }

  async run(spec: ExecSpec, input: ExecInput, { signal }: Asking): Promise<ExecEnd> {
    const expecting = this.#talk.client.expectNotifications()
    let command: RunningCommand | undefined
    try {
      const start = this.#start(spec, input.stdin !== undefined, started => (command = started))
      // Whoever gives up early must not leave behind what starts after all.
      await unlessAborted('The command', start, signal, ({ id }) => void this.#cancel(id))
      if (command === undefined) throw badAnswer(execStart.name, 'it repeats the number of a running command')
      return await this.#follow(command, spec, input, signal)
    } finally {
      expecting.dispose()
      if (command) this.#running.delete(command.id)
    }
  }

  #start(spec: ExecSpec, stdin: boolean, started: (command: RunningCommand) => void): Promise<{ id: number }> {
    const { shell, args, cwd, env, user, timeoutSeconds, maxOutputBytes } = spec
    return this.#talk.call(
      execStart,
      {
        ...(shell === undefined ? {} : { shell }),
        ...(args === undefined ? {} : { args }),
        ...(cwd === undefined ? {} : { cwd }),
        ...(user === undefined ? {} : { user }),
        ...{
          env,
          timeout_seconds: timeoutSeconds,
          max_output_bytes: maxOutputBytes,
          stdin,
          window_bytes: WINDOW_BYTES,
        },
      },
      {
        ...{ signal: NEVER, deadlineMs: START_MS },
        onResult: ({ id }) => {
          if (this.#running.has(id)) return
          const command = new RunningCommand(id, WINDOW_BYTES, maxOutputBytes)
          this.#running.set(id, command)
          started(command)
        },
      },
    )
  }

  async #follow(command: RunningCommand, spec: ExecSpec, input: ExecInput, signal: AbortSignal): Promise<ExecEnd> {
    const over = new AbortController()
    const giveUp = () => command.fail(cancelled('The command', signal.reason))
    signal.addEventListener('abort', giveUp)
    if (signal.aborted) giveUp()
    const deadlineMs = spec.timeoutSeconds * 1000 + GRACE_MS
    const timer = setTimeout(() => command.fail(silent('with the end of a command', deadlineMs)), deadlineMs)
    command.onEnd(() => clearTimeout(timer))
    const check = this.#check(command)
    const feeding = input.stdin ? this.#feed(command, input.stdin, over.signal, deadlineMs) : Promise.resolve()
    // Settled early or late, never unhandled.
    feeding.catch((error: unknown) => command.fail(error instanceof Error ? error : agentGone(error)))
    try {
      const end = await command.drain(input.onOutput, bytes => this.#talk.notify(execAck, { id: command.id, bytes }))
      return endOf(end, command.truncated)
    } catch (error) {
      // Whoever gave up may end the conversation next: by then the guest is to know.
      if (!command.ended) await Promise.race([this.#cancel(command.id), sleep(CANCEL_MS, undefined, { ref: false })])
      throw error
    } finally {
      clearTimeout(timer)
      clearInterval(check)
      signal.removeEventListener('abort', giveUp)
      over.abort()
    }
  }

  /** An agent that was started anew knows nothing of the command and never tells its end. */
  #check(command: RunningCommand): NodeJS.Timeout {
    let missed = 0
    return setInterval(() => {
      this.#talk.call(execList, {}, { signal: NEVER }).then(
        ({ commands }) => {
          missed = commands.some(({ id }) => id === command.id) ? 0 : missed + 1
          // Once may be an end that is still on its way.
          if (missed > 1 && !command.ended) command.fail(forgotten())
        },
        () => undefined,
      )
    }, CHECK_MS)
  }

  async #feed(command: RunningCommand, stdin: AsyncIterable<Uint8Array>, over: AbortSignal, deadlineMs: number) {
    const send = async (params: { data?: string; eof?: boolean }): Promise<boolean> => {
      try {
        await this.#talk.call(execStdin, { id: command.id, ...params }, { signal: over, deadlineMs })
        return true
      } catch (error) {
        // A command that ended or closed its input wants no more; its end is told elsewhere.
        if (over.aborted || command.ended || error instanceof AgentRefusal) return false
        throw error
      }
    }
    for await (const bytes of untilAborted(stdin, over))
      for (let at = 0; at < bytes.length; at += this.#chunkBytes) {
        const data = Buffer.from(bytes.subarray(at, at + this.#chunkBytes)).toString('base64')
        if (over.aborted || !(await send({ data }))) return
      }
    if (!over.aborted) await send({ eof: true })
  }

  async #cancel(id: number): Promise<void> {
    await this.#talk.call(execCancel, { id }, { signal: NEVER }).catch(() => undefined)
  }
}

const forgotten = (): RemoteError =>
  new RemoteError({
    ...{ kind: 'connection', trouble: 'lost' },
    message: 'The guest agent was started anew; how the command ended is not known.',
  })

/** What the source gives until the signal aborts, even when it gives nothing any more. */
async function* untilAborted(source: AsyncIterable<Uint8Array>, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const iterator = source[Symbol.asyncIterator]()
  const over = new Promise<undefined>(resolve => signal.addEventListener('abort', () => resolve(undefined)))
  try {
    while (!signal.aborted) {
      const next = await Promise.race([iterator.next(), over])
      if (next === undefined || next.done === true) return
      yield next.value
    }
  } finally {
    iterator.return?.().catch(() => undefined)
  }
}

const endOf = (end: NoticeOf<typeof execEnd>, cut: boolean): ExecEnd => ({
  exitCode: end.exit_code,
  signal: end.signal === null ? null : plainText(end.signal, 32),
  timedOut: end.timed_out,
  truncated: cut || end.stdout_truncated || end.stderr_truncated,
  durationMs: end.duration_ms,
})
