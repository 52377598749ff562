/** Who answers in a guest: all dialects are tried at once, so that one that hangs delays its own entry alone. */
import { RemoteError, type GuestAgentState, type GuestDialect } from '@vireo/app-main/contract'
import type { Asking, Dialect, GuestAgent, GuestLink } from './guest-agent.ts'

export interface Discovery {
  /** The best agent that answers; known as soon as all better ones turned out not to. Null when none answers. */
  readonly primary: Promise<GuestAgent | null>
  /** What came of every dialect, in their order. Never rejects. */
  readonly states: Promise<GuestAgentState[]>
  /** The agents that answer so far, in their order. */
  agents(): readonly GuestAgent[]
  /** Whose channel is missing, or has nobody at its end in the guest: known for certain, unlike an agent that is only slow. */
  gone(): readonly GuestDialect[]
  /** Ends every conversation, also those that are still being opened. */
  close(): void
}

export interface DiscoverOptions {
  /** Best first. */
  readonly dialects: readonly Dialect[]
  readonly signal: AbortSignal
  /** Milliseconds for each dialect on its own; 15 s unless told. Most give up earlier. */
  readonly deadlineMs?: number
  /** Told every dialect's state as soon as it is known. */
  readonly onState?: (state: GuestAgentState) => void
}

/** One moment of a discovery. */
export interface Discovered {
  /** Every dialect, in their order. */
  readonly agents: readonly GuestAgentState[]
  /** Open conversations with those that answer, best first. */
  readonly answering: readonly GuestAgent[]
  /** Who is not there for certain: whoever still talks to such an agent may give up. */
  readonly gone: readonly GuestDialect[]
}

interface Found {
  readonly state: GuestAgentState
  readonly agent: GuestAgent | null
  readonly gone: boolean
}

const DEADLINE_MS = 15_000

export const discover = (link: GuestLink, options: DiscoverOptions): Discovery => {
  const { dialects, signal, deadlineMs = DEADLINE_MS, onState } = options
  const over = new AbortController()
  const open = new Map<GuestDialect, GuestAgent>()
  const gone = new Set<GuestDialect>()
  const both = AbortSignal.any([signal, over.signal])
  const channels = link.channels().then(
    list => new Map(list.map(({ name, connected }) => [name, connected])),
    (error: unknown) => reasonOf(error),
  )
  const found = dialects.map(async dialect => {
    const result = await probe(dialect, link, await channels, { signal: both, deadlineMs })
    if (result.agent && both.aborted) result.agent.close()
    else if (result.agent) open.set(dialect.name, result.agent)
    if (result.gone) gone.add(dialect.name)
    onState?.(result.state)
    return result
  })
  return {
    primary: firstAnswering(found),
    states: Promise.all(found).then(all => all.map(({ state }) => state)),
    agents: () => dialects.map(({ name }) => open.get(name)).filter(agent => agent !== undefined),
    gone: () => [...gone],
    close: () => {
      over.abort()
      for (const agent of open.values()) agent.close()
    },
  }
}

/** As long others may still come after the best one is known, in milliseconds. */
const GRACE_MS = 1000

/**
 * Discovers once: resolves soon after the best agent is known, or when nobody answered. A dialect that is still being
 * tried then counts as silent and is let go.
 */
export const discoverOnce = async (link: GuestLink, options: DiscoverOptions): Promise<Discovered> => {
  const stragglers = new AbortController()
  const states = new Map<GuestDialect, GuestAgentState>()
  const discovery = discover(link, {
    ...options,
    signal: AbortSignal.any([options.signal, stragglers.signal]),
    onState: state => {
      states.set(state.dialect, state)
      options.onState?.(state)
    },
  })
  const best = await discovery.primary
  if (best) await Promise.race([discovery.states, new Promise(resolve => setTimeout(resolve, GRACE_MS))])
  const agents = options.dialects.map(({ name }) => states.get(name) ?? unfinished(name))
  const answering = discovery.agents()
  stragglers.abort()
  return { agents, answering, gone: discovery.gone() }
}

const unfinished = (dialect: GuestDialect): GuestAgentState => ({
  ...{ dialect, state: 'silent', version: null, features: {} },
  reason: 'It did not answer while another agent did.',
})

const firstAnswering = async (found: readonly Promise<Found>[]): Promise<GuestAgent | null> => {
  for (const one of found) {
    const { agent } = await one
    if (agent) return agent
  }
  return null
}

const NOBODY = 'Nobody in the guest listens on its channel: the agent is not installed or not running.'

const probe = async (
  dialect: Dialect,
  link: GuestLink,
  channels: ReadonlyMap<string, boolean | null> | string,
  asking: Asking & { deadlineMs: number },
): Promise<Found> => {
  const without = (state: 'absent' | 'silent', reason: string, gone = false): Found => ({
    state: { dialect: dialect.name, state, reason, version: null, features: {} },
    agent: null,
    gone,
  })
  if (typeof channels === 'string') return without('silent', channels)
  const connected = channels.get(dialect.channel)
  if (connected === undefined) return without('absent', `The machine has no channel ${dialect.channel}.`, true)
  if (connected === false) return without('silent', NOBODY, true)
  try {
    const agent = await limited(dialect, link, asking)
    const { version, features } = agent
    const state = { dialect: dialect.name, state: 'answering', reason: null, version, features } as const
    return { state, agent, gone: false }
  } catch (error) {
    return without('silent', reasonOf(error))
  }
}

/** A dialect may hang where its signal is not looked at, for instance in opening the channel; what it opens later is closed. */
const limited = async (
  dialect: Dialect,
  link: GuestLink,
  { signal, deadlineMs }: Asking & { deadlineMs: number },
): Promise<GuestAgent> => {
  const timeout = new AbortController()
  const timer = setTimeout(() => timeout.abort(), deadlineMs)
  const both = AbortSignal.any([signal, timeout.signal])
  try {
    const connecting = dialect.connect(link, { signal: both })
    connecting.then(agent => both.aborted && agent.close()).catch(() => undefined)
    return await Promise.race([connecting, silence(both, signal, deadlineMs)])
  } finally {
    clearTimeout(timer)
  }
}

const silence = (both: AbortSignal, outer: AbortSignal, deadlineMs: number): Promise<never> =>
  new Promise((_, reject) => {
    const over = () =>
      reject(
        outer.aborted
          ? new RemoteError({ kind: 'cancelled', message: 'The search for guest agents was cancelled.' })
          : new RemoteError({ kind: 'timeout', message: `Nobody answered within ${deadlineMs / 1000} s.` }),
      )
    both.addEventListener('abort', over)
    if (both.aborted) over()
  })

const reasonOf = (error: unknown): string => {
  if (!(error instanceof RemoteError)) return 'The channel could not be used.'
  const { message, hint } = error.detail
  return hint === undefined ? message : `${message} ${hint}`
}
