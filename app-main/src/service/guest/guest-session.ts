/** One machine's agents: looked for when somebody wants them, shared by all who do, let go half a minute after the last. */
import { withDeadline } from '../../base/deadline.ts'
import {
  RemoteError,
  type DomainId,
  type GuestAgentState,
  type GuestDialect,
  type GuestFeature,
  type GuestStatus,
} from '../../contract/index.ts'
import type { Asking, Discovered, GuestAgent } from '@vireo/guest-agent-bridge/host'
import { Conversation } from './conversation.ts'

/** How long a conversation outlives its last user, in milliseconds. */
export const IDLE_MS = 30_000
/** Finding out who answers: a machine that is still booting is asked again later. */
const DISCOVER_MS = 15_000
/** After nobody answered, how long that stands: first and longest, for a person and for measurements that go on by themselves. */
const BACK_OFF = { person: [500, 4000], background: [2000, 30_000] } as const
export type Patience = keyof typeof BACK_OFF
/** While a lesser agent is talked to, how long until one that was only too slow is asked again: first and longest, in milliseconds. */
export const BETTER_MS = [10_000, 300_000] as const
/** A guest may open and close its channels as fast as it likes: how often that makes us look, in milliseconds. */
const NOTICE_MS = 1000

export interface GuestSessionOptions {
  readonly id: DomainId
  readonly name: string
  readonly discover: (asking: Asking) => Promise<Discovered>
  readonly changed: (status: GuestStatus) => void
  /** Nobody uses it and nothing is open: it may be forgotten. */
  readonly idle: () => void
}

/** Runs with an agent. `retired` tells that something better may answer now: what goes on for ever should begin anew. */
export type Work<T> = (agent: GuestAgent, asking: Asking, retired: AbortSignal) => Promise<T>

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
  #stale = false
  #noticing: NodeJS.Timeout | undefined
  #hoping: NodeJS.Timeout | undefined
  #hopes = 0
  #timer: NodeJS.Timeout | undefined
  #gone: RemoteError | null = null

  constructor(options: GuestSessionOptions) {
    this.#options = options
  }

  /** Runs work with the best agent that has the feature; its signal is also aborted when the conversation ends. */
  async use<T>(
    want: { readonly feature: GuestFeature | null; readonly signal: AbortSignal; readonly patience?: Patience },
    work: Work<T>,
  ): Promise<T> {
    this.#enter()
    try {
      const conversation = await this.#conversation(want.signal, want.patience ?? 'person')
      const agent = conversation.agent(want.feature)
      const signal = AbortSignal.any([want.signal, conversation.signal])
      conversation.enter()
      try {
        return await work(agent, { signal }, conversation.retired)
      } finally {
        conversation.leave()
      }
    } finally {
      this.#leave()
    }
  }

  /** Who answers, looked at afresh when nobody did. */
  async status(signal: AbortSignal): Promise<GuestStatus> {
    this.#enter()
    try {
      return (await this.#conversation(signal, 'person')).status
    } finally {
      this.#leave()
    }
  }

  /** A channel came, went, or was opened or closed in the guest: somebody else may answer now. */
  notice(): void {
    this.#stale = true
    if (this.#gone || !this.#last) return
    this.#noticing ??= setTimeout(() => {
      this.#noticing = undefined
      if (this.#gone || !this.#stale) return
      // Whoever wants the agent next is told what is wrong.
      void this.#shared().catch(() => undefined)
    }, NOTICE_MS).unref()
  }

  /** Ends everything; it is not used again. */
  close(error: RemoteError): void {
    if (this.#gone) return
    this.#gone = error
    clearTimeout(this.#timer)
    clearTimeout(this.#noticing)
    clearTimeout(this.#hoping)
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

  async #conversation(signal: AbortSignal, patience: Patience): Promise<Conversation> {
    if (this.#gone) throw this.#gone
    const what = `Looking for the agents of “${this.#options.name}”`
    const looking = this.#standing(patience) ?? this.#shared()
    const waited = withDeadline({ ms: DISCOVER_MS + 1000, what, signal }, async () => looking)
    const { conversation, error } = await waited
    if (conversation) return conversation
    throw error ?? new RemoteError({ kind: 'internal', message: `${what} came to nothing.` })
  }

  /** What the last look found, while that is worth something. */
  #standing(patience: Patience): Attempt | null {
    const last = this.#last
    if (!last || last.conversation?.alive) return last
    const [first, longest] = BACK_OFF[patience]
    const pause = this.#stale ? first : Math.min(first * 2 ** (this.#failures - 1), longest)
    return Date.now() - last.at < pause ? last : null
  }

  /** Everybody shares one look; whoever gives up only stops waiting for it. */
  #shared(hoping = false): Promise<Attempt> {
    this.#looking ??= this.#look(hoping).finally(() => (this.#looking = null))
    return this.#looking
  }

  async #look(hoping: boolean): Promise<Attempt> {
    const { id, name, changed } = this.#options
    const what = `Looking for the agents of “${name}”`
    this.#stale = false
    const late = ({ answering }: Discovered) => answering.forEach(agent => agent.close())
    let conversation: Conversation | null = null
    let error: RemoteError | null = null
    let gone: readonly GuestDialect[] = []
    try {
      const found = await withDeadline({ ms: DISCOVER_MS, what, late }, signal => this.#options.discover({ signal }))
      const made = new Conversation(id, name, found, () => {
        // One that was replaced tells nothing of who answers now.
        if (this.#last?.conversation === made) changed(made.status)
      })
      conversation = made
      gone = found.gone
    } catch (thrown) {
      error = failureOf(thrown, name)
    }
    if (this.#gone) conversation?.end(this.#gone)
    if (hoping && !this.#stale && this.#last?.conversation?.alive) {
      const before = this.#last.conversation.status.agents
      const nothingNew = !conversation?.alive || sameAgents(before, conversation.status.agents)
      if (nothingNew && !this.#last.conversation.restsOn(gone)) {
        conversation?.retire()
        this.#hope(gone)
        return this.#last
      }
    }
    return this.#learn({ conversation, error, at: Date.now() }, gone)
  }

  /** A busy guest may have kept the best one from answering in time, and no channel tells when it could. */
  #hope(gone: readonly GuestDialect[]): void {
    clearTimeout(this.#hoping)
    const conversation = this.#last?.conversation
    if (this.#gone || !conversation?.mayGetBetter(gone)) {
      this.#hopes = 0
      return
    }
    const [first, longest] = BETTER_MS
    const again = (): void => {
      // Whoever wants the agent next looks afresh where nobody answers any more.
      if (conversation.alive) void this.#shared(true).catch(() => undefined)
    }
    this.#hoping = setTimeout(again, Math.min(first * 2 ** this.#hopes++, longest)).unref()
  }

  #learn(attempt: Attempt, gone: readonly GuestDialect[]): Attempt {
    const { conversation } = attempt
    const before = this.#last?.conversation
    this.#failures = conversation?.alive ? 0 : this.#failures + 1
    // A look that came to nothing takes nobody's agent away, unless it saw that the agent is gone.
    if (before?.alive && before.busy && !conversation?.alive && !before.restsOn(gone)) return this.#last ?? attempt
    before?.retire()
    this.#last = attempt
    before?.lose(gone)
    if (conversation && !sameAgents(before?.status.agents, conversation.status.agents)) {
      this.#options.changed(conversation.status)
    }
    this.#hope(gone)
    return attempt
  }
}

const sameAgents = (before: readonly GuestAgentState[] | undefined, now: readonly GuestAgentState[]): boolean =>
  JSON.stringify(before) === JSON.stringify(now)
