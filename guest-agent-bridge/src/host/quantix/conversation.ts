/** Typed questions to a Quantix agent, and the newest of what it pushes. */
import { RemoteError, type AppError } from '@vireo/app-main/contract'
import * as v from 'valibot'
import type { QuantixFields } from '../../protocol/quantix/index.ts'
import { plainText } from '../plain-text.ts'
import { badAnswer } from '../rpc-failure.ts'
import {
  agentReady,
  exchange,
  telemetryReport,
  type Exchange,
  type QuantixReady,
  type QuantixTelemetry,
} from './answers.ts'
import type { QuantixClient } from './quantix-client.ts'

export type AnswerOf<N extends keyof Exchange> = v.InferOutput<Exchange[N]['shape']>

export interface AskOptions {
  readonly signal: AbortSignal
  /** Milliseconds; 30 s unless told, as the agent's own host waits. */
  readonly deadlineMs?: number
}

const DEADLINE_MS = 30_000
/** So often is a pushed sample looked at; what comes faster is paid from the guest's budget and dropped. */
const SAMPLE_MS = 200

export class QuantixConversation {
  readonly client: QuantixClient
  /** The agent's first words, if they came. */
  ready: QuantixReady | undefined
  readonly #listeners = new Set<(sample: QuantixTelemetry) => void>()
  #sampledAt = -Infinity

  constructor(client: QuantixClient) {
    this.client = client
    client.events.set('agent_ready', fields => {
      const checked = v.safeParse(agentReady, fields)
      if (checked.success) this.ready = checked.output
    })
    client.events.set('telemetry', fields => this.#sample(fields))
  }

  /** Hears every measurement until the disposer is called. */
  onTelemetry(listener: (sample: QuantixTelemetry) => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  /** Rejects with what the agent said when it did not do it: `refused`, `not-found`, `permission`. */
  async ask<N extends keyof Exchange>(name: N, fields: QuantixFields, options: AskOptions): Promise<AnswerOf<N>> {
    const { answer, shape } = exchange[name]
    const deadlineMs = options.deadlineMs ?? DEADLINE_MS
    const got = await this.client.ask({ name, answer, fields, deadlineMs, signal: options.signal })
    const checked = v.safeParse(shape, got)
    if (!checked.success) throw badAnswer(name, checked.issues[0].message)
    const said = checked.output
    if ('success' in said && !said.success) throw refusal(said.error)
    return said
  }

  #sample(fields: QuantixFields): void {
    const now = performance.now()
    if (this.#listeners.size === 0 || now - this.#sampledAt < SAMPLE_MS) return
    const checked = v.safeParse(telemetryReport, fields)
    if (!checked.success) return
    this.#sampledAt = now
    for (const listener of [...this.#listeners]) listener(checked.output)
  }
}

const kinds = [
  [/not found|no such/i, 'not-found'],
  [/denied|not permitted|policy/i, 'permission'],
  [/traversal/i, 'invalid-input'],
] as const

/** The agent tells errors as text alone. */
export const refusal = (said: string): RemoteError => {
  const kind: AppError['kind'] = kinds.find(([pattern]) => pattern.test(said))?.[1] ?? 'refused'
  return new RemoteError({ kind, message: `The guest agent said: ${plainText(said || 'no', 500)}` })
}
