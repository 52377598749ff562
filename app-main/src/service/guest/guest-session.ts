/** One machine's agents: looked for when somebody wants them, shared by all who do, let go half a minute after the last. */
import { withDeadline } from '../../base/deadline.ts'
import {
  RemoteError,
  type DomainId,
  type GuestAgentState,
  type GuestFeature,
  type GuestStatus,
} from '../../contract/index.ts'
import type { Asking, GuestAgent } from '@vireo/guest-agent-bridge/host'
import { Conversation, type Discovered } from './conversation.ts'

/** How long a conversation outlives its last user, in milliseconds. */
export const IDLE_MS = 30_000
/** Finding out who answers: a machine that is still booting is asked again later. */
const DISCOVER_MS = 15_000
/** After nobody answered, how long that stands: first and longest, for a person and for measurements that go on by themselves. */
const BACK_OFF = { person: [500, 4000], background: [2000, 30_000] } as const
export type Patience = keyof typeof BACK_OFF

export interface GuestSessionOptions {
  readonly id: DomainId
  readonly name: string
  readonly discover: (asking: Asking) => Promise<Discovered>
  readonly changed: (status: GuestStatus) => void
  /** Nobody uses it and nothing is open: it may be forgotten. */
  readonly idle: () => void
}

interface Attempt {
  readonly conversation: Conversation | null
  readonly error: RemoteError | null
  readonly at: number
}

const failureOf = (error: unknown, name: string): RemoteError =>
  error instanceof RemoteError
    ? error
    : new RemoteError({ kind: 'internal', message: `Looking for the agents of “${name}” failed.` }, { cause: error })

export class GuestSession {
  readonly #options: GuestSessionOptions
  #last: Attempt | null = null
  #failures = 0
  #looking: Promise<Attempt> | null = null
  #users = 0
  #timer: NodeJS.Timeout | undefined
  #gone: RemoteError | null = null

  constructor(options: GuestSessionOptions) {
    this.#options = options
  }

  /** Runs work with the best agent that has the feature; its signal is also aborted when the conversation ends. */
  async use<T>(
    want: { readonly feature: GuestFeature | null; readonly signal: AbortSignal; readonly patience?: Patience },
    work: (agent: GuestAgent, asking: Asking) => Promise<T>,
  ): Promise<T> {
    this.#enter()
    try {
      const { conversation, error } = await this.#attempt(want.signal, want.patience ?? 'person')
      if (error) throw error
      if (!conversation) throw new RemoteError({ kind: 'internal', message: 'There is no conversation.' })
      const agent = conversation.agent(want.feature)
      const signal = AbortSignal.any([want.signal, conversation.signal])
      return await work(agent, { signal })
    } finally {
      this.#leave()
    }
  }

  /** Who answers, looked at afresh when nobody did. */
  async status(signal: AbortSignal): Promise<GuestStatus> {
    this.#enter()
    try {
      const { conversation, error } = await this.#attempt(signal, 'person')
      if (error) throw error
      return conversation?.status ?? { id: this.#options.id, agents: [], primary: null }
    } finally {
      this.#leave()
    }
  }

  /** Ends everything; it is not used again. */
  close(error: RemoteError): void {
    if (this.#gone) return
    this.#gone = error
    clearTimeout(this.#timer)
    this.#last?.conversation?.end(error)
  }

  #enter(): void {
    this.#users++
    clearTimeout(this.#timer)
  }

  #leave(): void {
    if (--this.#users > 0 || this.#gone) return
    this.#timer = setTimeout(() => this.#options.idle(), IDLE_MS)
    this.#timer.unref()
  }

  /** Everybody shares one look; whoever gives up only stops waiting for it. */
  async #attempt(signal: AbortSignal, patience: Patience): Promise<Attempt> {
    if (this.#gone) throw this.#gone
    const last = this.#last
    if (last && (last.conversation?.alive || Date.now() - last.at < this.#pause(patience))) return last
    this.#looking ??= this.#look().finally(() => (this.#looking = null))
    const looking = this.#looking
    return withDeadline(
      { ms: DISCOVER_MS + 1000, what: `Looking for the agents of “${this.#options.name}”`, signal },
      () => looking,
    )
  }

  #pause(patience: Patience): number {
    const [first, longest] = BACK_OFF[patience]
    return Math.min(first * 2 ** (this.#failures - 1), longest)
  }

  async #look(): Promise<Attempt> {
    const { id, name, changed } = this.#options
    const what = `Looking for the agents of “${name}”`
    const late = ({ answering }: Discovered) => answering.forEach(agent => agent.close())
    let conversation: Conversation | null = null
    let error: RemoteError | null = null
    try {
      const found = await withDeadline({ ms: DISCOVER_MS, what, late }, signal => this.#options.discover({ signal }))
      const made = new Conversation(id, name, found, () => changed(made.status))
      conversation = made
    } catch (thrown) {
      error = failureOf(thrown, name)
    }
    if (this.#gone) conversation?.end(this.#gone)
    this.#failures = conversation?.alive ? 0 : this.#failures + 1
    const before = this.#last?.conversation?.status.agents
    this.#last = { conversation, error, at: Date.now() }
    if (conversation && !sameAgents(before, conversation.status.agents)) changed(conversation.status)
    return this.#last
  }
}

const sameAgents = (before: readonly GuestAgentState[] | undefined, now: readonly GuestAgentState[]): boolean =>
  JSON.stringify(before) === JSON.stringify(now)
