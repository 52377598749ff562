/** The machine that gets an agent: its channels, and whoever answers in it already. */
import { setTimeout as sleep } from 'node:timers/promises'
import { RemoteError, type GuestDialect, type GuestFeature } from '../../../contract/index.ts'
import type { Asking, Discovered, GuestAgent } from '@vireo/guest-agent-bridge/host'
import { noAgent } from '../no-agent.ts'

/** What setting up takes of whoever lets it in. */
export interface SetupAgent extends Pick<GuestAgent, 'exec' | 'writeFile' | 'close'> {
  /** Null when it is no agent. */
  readonly dialect: GuestDialect | null
}

export interface OtherWay {
  /** No agent shall be asked; else this is for where none can do it. */
  readonly only: boolean
  open(asking: Asking): Promise<SetupAgent>
}

export interface SetupTarget {
  /** For people. */
  readonly name: string
  /** Names of the channels that the running machine has. */
  channels(): Promise<readonly string[]>
  attachChannel(name: string): Promise<{ needsRestart: boolean }>
  detachChannel(name: string): Promise<{ needsRestart: boolean }>
  /** Ways that need no agent. */
  readonly other?: OtherWay
  /** Opens conversations of its own, which the caller closes. */
  discover(asking: Asking): Promise<Discovered>
}

/** What setting up takes of the agent that is there. */
const NEEDS: readonly GuestFeature[] = ['exec', 'write-file']
/** Through nobody there is no way in yet. */
const CHANNEL_FIRST = 'Give the machine the channel org.qemu.guest_agent.0 (virsh edit). '
const PACKAGE_FIRST = 'Inside the machine, install and start the package qemu-guest-agent; then do this again.'
/** Between two looks whether the new agent answers. */
const LOOK_MS = 500

const close = (agents: readonly GuestAgent[], but?: GuestAgent): void => {
  for (const agent of agents) if (agent !== but) agent.close()
}

export interface WayIn {
  readonly agent: SetupAgent
}

/**
 * An agent that can set up another one; `last` is the one that is about to be changed and is taken only when no other can.
 * Rejects with `unsupported` and the reason. The caller closes the agent.
 */
export const openWayIn = async (target: SetupTarget, last: GuestDialect, asking: Asking): Promise<WayIn> => {
  const { other } = target
  if (other?.only) return { agent: await other.open(asking) }
  try {
    return await agentWayIn(target, last, asking)
  } catch (error) {
    if (!other || !(error instanceof RemoteError) || error.detail.kind !== 'unsupported') throw error
    return { agent: await other.open(asking).catch(() => Promise.reject(error)) }
  }
}

const agentWayIn = async (target: SetupTarget, last: GuestDialect, asking: Asking): Promise<WayIn> => {
  const { agents, answering } = await target.discover(asking)
  const able = answering.filter(({ features }) => NEEDS.every(feature => features[feature] === undefined))
  const agent = able.find(({ dialect }) => dialect !== last) ?? able[0]
  close(answering, agent)
  if (agent) return { agent }
  const [best] = answering
  if (!best) {
    const { message } = noAgent(target.name, agents)
    const channel = agents.some(({ dialect, state }) => dialect === 'qemu-ga' && state !== 'absent')
    throw new RemoteError({ kind: 'unsupported', message, hint: `${channel ? '' : CHANNEL_FIRST}${PACKAGE_FIRST}` })
  }
  const lacking = NEEDS.find(feature => best.features[feature] !== undefined)
  const message = (lacking && best.features[lacking]) ?? 'The agent in the guest cannot run commands.'
  throw new RemoteError({ kind: 'unsupported', message })
}

/** Who answers now, by dialect. */
export const whoAnswers = async (
  target: SetupTarget,
  asking: Asking,
): Promise<ReadonlyMap<GuestDialect, string | null>> => {
  const { answering } = await target.discover(asking)
  close(answering)
  return new Map(answering.map(({ dialect, version }) => [dialect, version]))
}

/** Resolves, with its version, when that dialect answers as wanted; rejects with `timeout`. */
export const untilAnswers = async (
  target: SetupTarget,
  dialect: GuestDialect,
  { signal, ms, wanted }: Asking & { readonly ms: number; readonly wanted: (version: string | null) => boolean },
): Promise<string | null> => {
  const end = performance.now() + ms
  for (;;) {
    signal.throwIfAborted()
    const answering = await whoAnswers(target, { signal })
    const version = answering.get(dialect)
    if (version !== undefined && wanted(version)) return version
    if (performance.now() > end) throw new RemoteError({ kind: 'timeout', message: silentFor(ms) })
    await sleep(LOOK_MS, undefined, { signal }).catch(() => undefined)
  }
}

const silentFor = (ms: number): string => `The new agent did not answer within ${Math.round(ms / 1000)} s of its start.`
