/**
 * What a method of the agent is. One file per topic exports its methods as an array; `method-table.ts` joins them. The server
 * checks the parameters with the method's schema (-32602 when they do not fit) before `run` sees them.
 */
import * as v from 'valibot'
import type { Method as Declared, ParamsOf, ResultOf } from '../protocol/vireo/index.ts'
import type { Access } from './access.ts'
import type { Config } from './config.ts'
import type { Log } from './log.ts'
import type { Loop } from './loop.ts'
import type { Runner } from './runner.ts'
import type { Sys } from './sys.ts'

/** Tells a running request that nobody waits for it any more: it was cancelled, timed out, or the agent ends. */
export interface Cancellation {
  readonly aborted: boolean
  /** Why, for people. */
  readonly reason: string | null
  /** Called once, at once when it is aborted already. Gives what takes the listener off. */
  onAbort(listener: () => void): () => void
}

export interface MethodContext {
  readonly sys: Sys
  readonly config: Config
  readonly log: Log
  readonly loop: Loop
  /** The only door to files named by the host. */
  readonly access: Access
  /** Runs programs of the guest (`chpasswd`, `systemctl`, hooks) and waits for them without blocking. */
  readonly runner: Runner
  /** Sends a notification; one of `telemetry` kind may be dropped when the host does not read. Resolves when there is room for more. */
  readonly notify: (method: string, params: object, kind?: 'output' | 'telemetry') => Promise<void>
  /** The bytes of the parameter `data` where they came without becoming a text; then that is empty. Only good until `run` returns. */
  readonly payload: Uint8Array | undefined
  readonly signal: Cancellation
  /** The request's id as the host gave it; absent for a notification. */
  readonly requestId: string | number | null | undefined
}

/** A result or notice whose member `data` is these bytes, as base64: the server writes it out without making a text of it. */
export class WithData<T extends object> {
  readonly rest: T
  readonly data: Uint8Array

  constructor(rest: T, data: Uint8Array) {
    this.rest = rest
    this.data = data
  }
}

type Outcome<R> = R | WithData<Omit<R, 'data'>>

export interface Method {
  readonly name: string
  /** False: it works only for root; an unprivileged agent leaves it out of its capabilities and refuses it (-32001). */
  readonly unprivileged: boolean
  /** Counts as a file operation or a command for the rate limits. */
  readonly cost: 'file' | 'command' | 'none'
  /** It changes something: goes into the audit log, with the parameters that `audit` names. */
  readonly audit: readonly string[] | null
  /** Limits itself: the server's own request time-out does not apply. */
  readonly ownTimeout: boolean
  /** Answers at once, past the queue: for what must work while everything else is busy (ping, cancel). */
  readonly urgent: boolean
  call(params: unknown, context: MethodContext): unknown
}

export interface MethodOptions<M extends Declared> {
  readonly unprivileged?: boolean
  readonly cost?: Method['cost']
  readonly audit?: readonly string[]
  readonly ownTimeout?: boolean
  readonly urgent?: boolean
  /** Gives the result; throws `RpcError` for a typed refusal, `SysError` for what the system said (mapped by `rpc-error.ts`). */
  run(params: ParamsOf<M>, context: MethodContext): Outcome<ResultOf<M>> | Promise<ResultOf<M>>
}

/** The agent's side of a method that the protocol declares. */
export const handle = <M extends Declared>(declared: M, options: MethodOptions<M>): Method => ({
  name: declared.name,
  unprivileged: options.unprivileged ?? true,
  cost: options.cost ?? 'none',
  audit: options.audit ?? null,
  ownTimeout: options.ownTimeout ?? false,
  urgent: options.urgent ?? false,
  call: (params, context) => options.run(checked<ParamsOf<M>>(declared.params, params), context),
})

const checked = <T>(schema: v.GenericSchema<unknown, T>, params: unknown): T => v.parse(schema, params ?? {})
