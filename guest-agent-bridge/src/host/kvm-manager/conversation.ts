/** Questions to the KVM Manager agent: one after the other, and never one that it would not answer. */
import type { Duplex } from 'node:stream'
import type * as v from 'valibot'
import { RpcClient } from '../rpc-client.ts'

/** It knows no limit of its own; a file of this size arrives in one line. */
const MAX_LINE_BYTES = 4 * 1024 * 1024
const DEADLINE_MS = 10_000

export class KvmManagerConversation {
  readonly client: RpcClient

  constructor(stream: Duplex) {
    this.client = new RpcClient({ stream, concurrency: 1, limits: { maxLineBytes: MAX_LINE_BYTES } })
  }

  /** Every request has an id and an object of parameters: what the agent cannot parse it does not answer, and it sleeps 5 s. */
  call<S extends v.GenericSchema>(
    method: string,
    schema: S,
    params: Readonly<Record<string, unknown>>,
    signal: AbortSignal,
    deadlineMs: number = DEADLINE_MS,
  ): Promise<v.InferOutput<S>> {
    return this.client.ask({ method, schema, params, signal, deadlineMs })
  }
}
