/** Typed questions to a Vireo agent, and its notices to whoever waits for them. */
import type { Duplex } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { RemoteError } from '@vireo/app-main/contract'
import * as v from 'valibot'
import { rpcCode } from '../../protocol/index.ts'
import type { Method, Notice, NoticeOf, ParamsInput, ResultOf } from '../../protocol/vireo/index.ts'
import { maxMessageBytes } from '../../protocol/vireo/index.ts'
import { plainText } from '../plain-text.ts'
import { RpcClient, type RpcLimits } from '../rpc-client.ts'
import { AgentRefusal } from '../rpc-failure.ts'

export interface CallOptions<M extends Method> {
  readonly signal: AbortSignal
  /** Milliseconds; 10 s unless told. */
  readonly deadlineMs?: number
  /** Gets the answer before the notices that follow it. */
  readonly onResult?: (result: ResultOf<M>) => void
}

const DEADLINE_MS = 10_000
/** An agent that is busy is asked again after these. */
const BUSY_PAUSES_MS = [100, 300, 1000]
/** Questions under way at once; the agent takes at least as many in its tightest preset. */
const CONCURRENCY = 8

export class VireoConversation {
  readonly client: RpcClient
  readonly #listeners = new Map<string, (params: unknown) => boolean>()

  constructor(stream: Duplex, limits: Partial<RpcLimits> = {}) {
    this.client = new RpcClient({
      stream,
      concurrency: CONCURRENCY,
      limits: { maxLineBytes: maxMessageBytes, ...limits },
      onNotification: (method, params) => this.#listeners.get(method)?.(params) ?? false,
    })
    // What an earlier host left unfinished ends here.
    stream.write('\n')
  }

  /** Hears one notice, if it is well formed. The listener says whether it was waited for. One listener a notice. */
  on<N extends Notice>(notice: N, listener: (params: NoticeOf<N>) => boolean): void {
    this.onRaw(notice.name, params => {
      const checked = v.safeParse(notice.params, params)
      return checked.success && listener(checked.output)
    })
  }

  /** As `on`, for who checks it later or not at all. */
  onRaw(name: string, listener: (params: unknown) => boolean): void {
    this.#listeners.set(name, listener)
  }

  notify<N extends Notice>(notice: N, params: v.InferInput<N['params']>): void {
    this.client.notify(notice.name, Object(params))
  }

  /** Rejects with kind `invalid-input` when the parameters cannot be sent, else as `RpcClient.ask`. */
  async call<M extends Method>(method: M, params: ParamsInput<M>, options: CallOptions<M>): Promise<ResultOf<M>> {
    const checked = v.safeParse(method.params, params)
    if (!checked.success) throw badParams(method.name, checked.issues)
    for (const pause of BUSY_PAUSES_MS) {
      try {
        return await this.#ask(method, params, options)
      } catch (error) {
        if (!(error instanceof AgentRefusal) || error.code !== rpcCode.busy) throw error
        await sleep(pause)
      }
    }
    return this.#ask(method, params, options)
  }

  #ask<M extends Method>(method: M, params: ParamsInput<M>, options: CallOptions<M>): Promise<ResultOf<M>> {
    const { signal, deadlineMs = DEADLINE_MS, onResult } = options
    return this.client.ask<M['result']>({
      ...{ method: method.name, params: Object(params), schema: method.result, deadlineMs, signal, onResult },
    })
  }
}

const badParams = (method: string, issues: readonly [v.BaseIssue<unknown>, ...v.BaseIssue<unknown>[]]): RemoteError =>
  new RemoteError({
    kind: 'invalid-input',
    message: `The guest agent's ${method} cannot be asked like this: ${plainText(issues[0].message, 300)}`,
    issues: issues.map(issue => plainText(`${v.getDotPath(issue) ?? ''}: ${issue.message}`, 300)),
  })
