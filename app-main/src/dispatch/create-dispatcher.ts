/** Validate, allow, record, run, wrap: the same for every call of every surface. */
import { randomUUID } from 'node:crypto'
import type { Duplex } from 'node:stream'
import { withDeadline } from '../base/deadline.ts'
import type { Disposable } from '../base/disposable.ts'
import type { Emitter } from '../base/emitter.ts'
import { createLog } from '../base/log.ts'
import type { AppError, Call, Contract, Entry, Handlers, Stream } from '../contract/index.ts'
import { changesNothing, RemoteError } from '../contract/index.ts'
import type { Context, Principal } from '../service/context.ts'
import { redact, type Audit } from './audit.ts'
import type { Dispatcher, PublishedEvent } from './dispatcher.ts'
import { invalidInput, toAppError } from './failure.ts'
import { giveUp } from './pipe-duplex.ts'
import { refusal } from './policy.ts'

const DEADLINE_MS = 30_000
const log = createLog('dispatch')

export interface DispatcherOptions<C extends Contract> {
  readonly contract: C
  readonly handlers: Handlers<C, Context, Duplex>
  /** Events to fan out, as the services publish them. */
  readonly events: Emitter<PublishedEvent>
  readonly audit: Audit
  /** What ends with the dispatcher. */
  readonly owned?: Disposable
}

type Handler = (input: unknown, context: Context) => Promise<unknown>
type AnyHandlers = Readonly<Record<string, Readonly<Record<string, Handler>>>>
interface Request {
  readonly principal: Principal
  readonly room: string
  readonly name: string
  readonly input: unknown
  readonly signal?: AbortSignal | undefined
}

/** Own properties only: `__proto__` and `constructor` are no rooms. */
const find = (contract: Contract, room: string, name: string): Entry | undefined => {
  const entries = Object.hasOwn(contract, room) ? contract[room] : undefined
  return entries && Object.hasOwn(entries, name) ? entries[name] : undefined
}

const isDuplex = (value: unknown): value is Duplex =>
  typeof value === 'object' && value !== null && 'pipe' in value && 'destroy' in value

/** Runs one valid, allowed request between its two audit records. */
const recorded = async (
  audit: Audit,
  { principal, room, name }: Request,
  entry: Call | Stream,
  input: unknown,
  work: () => Promise<unknown>,
): Promise<unknown> => {
  if (changesNothing(entry.effect)) return work()
  const id = randomUUID()
  const { surface, name: who } = principal
  await audit.write({ id, who, surface, call: `${room}.${name}`, effect: entry.effect, input: redact(input) })
  try {
    const value = await work()
    const task = typeof value === 'object' && value !== null && 'taskId' in value ? { task: value.taskId } : {}
    await audit.write({ id, outcome: 'task' in task ? 'started' : 'ok', ...task })
    return value
  } catch (error) {
    const detail = toAppError(error, `${room}.${name}`, log)
    await audit.write({ id, outcome: 'failed', error: redact(detail) })
    throw error instanceof RemoteError ? error : new RemoteError(detail, { cause: error })
  }
}

/** How a task ended, joined to its call by the task's id. */
const recordTask = (audit: Audit, payload: unknown): void => {
  if (typeof payload !== 'object' || payload === null) return
  const { id, state, error } = payload as { id?: unknown; state?: unknown; error?: unknown }
  if (state !== 'running') void audit.write({ task: id, outcome: state, ...(error ? { error: redact(error) } : {}) })
}

export const createDispatcher = <C extends Contract>(options: DispatcherOptions<C>): Dispatcher => {
  const { contract, events, audit, owned } = options
  const handlers = options.handlers as unknown as AnyHandlers

  const run = async (request: Request, kind: 'call' | 'stream'): Promise<unknown> => {
    const { principal, room, name, signal: outer } = request
    const where = `${room}.${name}`
    const entry = find(contract, room, name)
    const handler = handlers[room]?.[name]
    if (!entry || entry.kind === 'event' || entry.kind !== kind || !handler) {
      throw new RemoteError({ kind: 'invalid-input', message: `There is no ${kind} ${where}.` })
    }
    const refused = refusal(principal, where, entry.effect)
    if (refused) throw new RemoteError(refused)
    const input = entry.input.safeParse(request.input)
    if (!input.success) throw new RemoteError(invalidInput(where, input.error))
    const ms = entry.deadlineMs ?? DEADLINE_MS
    const late = (value: unknown) => {
      if (isDuplex(value)) giveUp(value)
    }
    const value = await recorded(audit, request, entry, input.data, () =>
      withDeadline({ ms, what: where, signal: outer, late }, signal => handler(input.data, { principal, signal })),
    )
    return entry.kind === 'call' ? entry.output.parse(value) : value
  }

  const fail = (error: unknown, room: string, name: string): { readonly ok: false; readonly error: AppError } => ({
    ok: false,
    error: toAppError(error, `${room}.${name}`, log),
  })
  const watching = events.event(({ room, name, payload }) => {
    if (room === 'task' && name === 'changed') recordTask(audit, payload)
  })

  return {
    onEvent: events.event,
    async call(principal, room, name, input, signal) {
      try {
        return { ok: true, value: await run({ principal, room, name, input, signal }, 'call') }
      } catch (error) {
        return fail(error, room, name)
      }
    },
    async open(principal, room, name, input) {
      try {
        return { ok: true, stream: (await run({ principal, room, name, input }, 'stream')) as Duplex }
      } catch (error) {
        return fail(error, room, name)
      }
    },
    dispose() {
      watching.dispose()
      owned?.dispose()
    },
  }
}
