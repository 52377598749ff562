/** One command's conversation with the backend. */
import type { Duplex } from 'node:stream'
import { userInfo } from 'node:os'
import {
  RemoteError,
  type AppError,
  type Connection,
  type ConnectionUri,
  type DomainSummary,
  type HypervisorKind,
  type Reply,
  type Task,
  type VireoContract,
  type Call,
} from '../../contract/index.ts'
import type { Disposable } from '../../base/disposable.ts'
import type { Dispatcher, Principal } from '../../dispatch/dispatcher.ts'
import type { z } from 'zod'
import { passwordAgent } from './password-agent.ts'
import { resolveDomain } from './resolve.ts'
import { note, progressLine } from './terminal.ts'

type Output<R extends keyof VireoContract, N extends keyof VireoContract[R]> =
  VireoContract[R][N] extends Call<z.ZodType, infer O> ? z.output<O> : unknown

const loginName = (): string => {
  try {
    return userInfo().username
  } catch {
    // No entry in the user database, as in some containers.
    return `uid ${process.getuid?.() ?? '?'}`
  }
}

/** The login name, as the audit log knows a person at a terminal. */
const cliPrincipal = (readOnly = false): Principal => ({ surface: 'cli', name: loginName(), readOnly })

const valueOf = (reply: Reply): unknown => {
  if (reply.ok) return reply.value
  throw new RemoteError(reply.error)
}

export class Session {
  readonly #dispatcher: Dispatcher
  readonly #principal = cliPrincipal()
  /** Whether the connections were named on the command line. */
  readonly #asked: boolean

  constructor(dispatcher: Dispatcher, asked: boolean) {
    this.#dispatcher = dispatcher
    this.#asked = asked
  }

  async call(room: string, name: string, input: unknown, signal?: AbortSignal): Promise<unknown> {
    return valueOf(await this.#dispatcher.call(this.#principal, room, name, input, signal))
  }

  async known<R extends keyof VireoContract, N extends keyof VireoContract[R] & string>(
    room: R,
    name: N,
    input: unknown = {},
  ): Promise<Output<R, N>> {
    return (await this.call(room, name, input)) as Output<R, N>
  }

  async open(room: string, name: string, input: unknown): Promise<Duplex> {
    const opened = await this.#dispatcher.open(this.#principal, room, name, input)
    if (opened.ok) return opened.stream
    throw new RemoteError(opened.error)
  }

  /** Says which connections cannot be used. Throws when those asked for cannot, or when none can. */
  async checkConnections(): Promise<void> {
    const connections = await this.known('connection', 'list')
    const broken = connections.filter(({ state }) => state !== 'ready')
    const [first] = broken
    if (first && (this.#asked || broken.length === connections.length)) throw new RemoteError(troubleOf(first))
    for (const connection of broken.filter(one => !absentSession(one))) {
      const { message, hint } = troubleOf(connection)
      note(`vireo: warning: ${connection.uri}: ${message}${hint ? ` ${hint}` : ''}`)
    }
  }

  /** Asks for full access to a connection that is for looking only; polkit may ask for a password. Throws the refusal. */
  async unlock(uri: ConnectionUri): Promise<void> {
    const connection = (await this.known('connection', 'list')).find(one => one.uri === uri)
    if (connection?.state !== 'ready' || !connection.readOnly) return
    const agent = await passwordAgent()
    try {
      await this.call('connection', 'unlock', { uri })
    } finally {
      agent.dispose()
    }
  }

  /** The first one that can be used. */
  /** The first that is ready, of this kind where only one will do. */
  async firstConnection(wanted?: HypervisorKind): Promise<ConnectionUri> {
    await this.checkConnections()
    const ready = (await this.known('connection', 'list')).find(
      ({ state, kind }) => state === 'ready' && (wanted === undefined || kind === wanted),
    )
    if (ready) return ready.uri
    throw new RemoteError({ kind: 'connection', trouble: 'not-running', message: 'There is no connection to use.' })
  }

  async domain(text: string): Promise<DomainSummary> {
    await this.checkConnections()
    const domains = await this.known('domain', 'list', { partial: true })
    return resolveDomain(domains, text)
  }

  /** Hears of one kind of event until it is disposed of. */
  listen(room: string, name: string, listener: (payload: unknown) => void): Disposable {
    return this.#dispatcher.onEvent(event => {
      if (event.room === room && event.name === name) listener(event.payload)
    })
  }

  /** Starts a task and waits for its end, which may be a failure. The first Ctrl+C cancels it. */
  async task(room: string, name: string, input: unknown): Promise<Task> {
    const line = progressLine()
    const last = new Map<string, Task>()
    let wake = () => {}
    const listening = this.#dispatcher.onEvent(event => {
      if (event.room !== 'task') return
      const task = event.payload as Task
      last.set(task.id, task)
      if (task.step) line.show(task.progress === null ? task.step : `${task.step} ${Math.round(task.progress * 100)} %`)
      wake()
    })
    let taskId: unknown
    let interrupted = false
    const interrupt = () => {
      if (interrupted) process.exit(130)
      interrupted = true
      // It may end by itself at this very moment: the task's state tells.
      if (taskId) void this.call('task', 'cancel', { taskId }).catch(() => undefined)
    }
    process.on('SIGINT', interrupt)
    try {
      const reference = (await this.call(room, name, input)) as { taskId: string }
      taskId = reference.taskId
      if (interrupted) await this.call('task', 'cancel', { taskId }).catch(() => undefined)
      for (;;) {
        const task = last.get(reference.taskId)
        if (task && task.state !== 'running') return task
        await new Promise<void>(resolve => (wake = resolve))
      }
    } finally {
      process.off('SIGINT', interrupt)
      listening.dispose()
      line.clear()
    }
  }

  dispose(): void {
    this.#dispatcher.dispose()
  }
}

const troubleOf = ({ uri, error, state }: Connection): AppError =>
  error ?? { kind: 'connection', trouble: 'not-responding', message: `${uri} does not answer (${state}).` }

/** Nobody asked for the session daemon, and many computers have none. */
const absentSession = ({ uri, error }: Connection): boolean =>
  uri === 'qemu:///session' &&
  error?.kind === 'connection' &&
  (error.trouble === 'not-installed' || error.trouble === 'not-running')
