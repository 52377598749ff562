/** The agents of one running machine that answer, from their discovery until the best of them goes or the machine does. */
import {
  RemoteError,
  type DomainId,
  type GuestAgentState,
  type GuestDialect,
  type GuestFeature,
  type GuestStatus,
} from '../../contract/index.ts'
import type { Asking, Discovered, GuestAgent, GuestLink } from '@vireo/guest-agent-bridge/host'
import { noAgent } from './no-agent.ts'

export type Discover = (link: GuestLink, asking: Asking) => Promise<Discovered>

const WENT = 'The agent went away.'

export class Conversation {
  readonly #id: DomainId
  readonly #name: string
  readonly #controller = new AbortController()
  readonly #retired = new AbortController()
  #users = 0
  readonly #changed: () => void
  #states: readonly GuestAgentState[]
  #answering: readonly GuestAgent[]

  /** `changed` is called when an agent has gone, the last one included. */
  constructor(id: DomainId, name: string, found: Discovered, changed: () => void) {
    this.#id = id
    this.#name = name
    this.#states = found.agents
    this.#answering = found.answering
    this.#changed = changed
    for (const agent of found.answering) void agent.closed.then(() => this.#lost(agent))
  }

  /** Aborted, with the reason, when the conversation is over. */
  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** Aborted when a later look took its place: what goes on for ever should begin anew. */
  get retired(): AbortSignal {
    return this.#retired.signal
  }

  /** False when nobody answers (any more). */
  get alive(): boolean {
    return this.#answering.length > 0 && !this.signal.aborted
  }

  get busy(): boolean {
    return this.#users > 0
  }

  get status(): GuestStatus {
    const primary: GuestDialect | null = this.alive ? (this.#answering[0]?.dialect ?? null) : null
    return { id: this.#id, agents: [...this.#states], primary }
  }

  /** The best agent that has the feature. Throws `unsupported`: with the best one's reason, or that there is no agent. */
  agent(feature: GuestFeature | null): GuestAgent {
    const [best] = this.#answering
    if (!best) throw noAgent(this.#name, this.#states)
    const able = feature === null ? best : this.#answering.find(({ features }) => features[feature] === undefined)
    if (able) return able
    const why = (feature && best.features[feature]) ?? 'The agent cannot do this.'
    throw new RemoteError({ kind: 'unsupported', message: why, hint: hintFor(best.dialect, why) })
  }

  enter(): void {
    this.#users++
  }

  leave(): void {
    this.#users--
    this.#rest()
  }

  /** Another conversation took its place: it ends with its last user. */
  retire(): void {
    this.#retired.abort()
    this.#rest()
  }

  /** Whether it ends with these agents, because the best one is among them. */
  restsOn(dialects: readonly GuestDialect[]): boolean {
    const [best] = this.#answering
    return best !== undefined && dialects.includes(best.dialect)
  }

  /** Whether somebody better than who answers is there as well, and was only too slow, as far as one knows. */
  mayGetBetter(gone: readonly GuestDialect[]): boolean {
    const [best] = this.#answering
    const better = this.#states.slice(
      0,
      Math.max(
        0,
        this.#states.findIndex(({ dialect }) => dialect === best?.dialect),
      ),
    )
    return this.alive && better.some(({ dialect, state }) => state === 'silent' && !gone.includes(dialect))
  }

  /** These agents are not there any more: nobody waits for their answers. */
  lose(dialects: readonly GuestDialect[]): void {
    for (const agent of this.#answering) if (dialects.includes(agent.dialect)) agent.close()
  }

  /** Ends everything under way in it with this failure. */
  end(error: RemoteError): void {
    if (this.signal.aborted) return
    const agents = this.#answering
    this.#answering = []
    this.#states = this.#states.map(one => (one.state === 'answering' ? silent(one, error.detail.message) : one))
    this.#controller.abort(error)
    for (const agent of agents) agent.close()
  }

  #rest(): void {
    if (this.#users > 0 || !this.retired.aborted) return
    this.end(new RemoteError({ kind: 'cancelled', message: 'Another conversation took its place.' }))
  }

  /** With the best agent goes the conversation: whoever asks next looks afresh. Without another one it lives on. */
  #lost(agent: GuestAgent): void {
    if (this.signal.aborted) return
    const best = this.#answering[0] === agent
    this.#answering = this.#answering.filter(one => one !== agent)
    this.#states = this.#states.map(one => (one.dialect === agent.dialect ? silent(one, WENT) : one))
    if (best) this.end(new RemoteError({ kind: 'connection', trouble: 'lost', message: `${this.#name}: ${WENT}` }))
    this.#changed()
  }
}

const silent = (state: GuestAgentState, reason: string): GuestAgentState => ({ ...state, state: 'silent', reason })

const hintFor = (dialect: GuestDialect, why: string): string => {
  if (why.includes('frozen')) return 'Thaw them first: vireo guest thaw.'
  return dialect === 'vireo'
    ? 'A newer Vireo agent may be able to.'
    : 'The Vireo agent can do more: vireo agent install.'
}
