/** Installing and removing agents, as tasks. */
import type { Duplex } from 'node:stream'
import type { DomainId, ExecMethod, VireoHandlers } from '../../contract/index.ts'
import type { Found } from '../connection/connection-set.ts'
import type { Context } from '../context.ts'
import type { TaskRegistry } from '../task/task-registry.ts'
import type { Asking, GuestLink } from '@vireo/guest-agent-bridge/host'
import type { Discover } from './conversation.ts'
import type { ExecWays } from './exec-methods.ts'
import { execAgent } from './setup/exec-agent.ts'
import { guestPlaces, type GuestPlaces, type LoadAgentFiles } from './setup/agent-files.ts'
import { installAgent } from './setup/install-agent.ts'
import { installQemuAgent } from './setup/install-qemu-agent.ts'
import { RestartNeeded, type SetupContext } from './setup/setup-context.ts'
import type { SetupTarget } from './setup/setup-target.ts'
import { uninstallAgent } from './setup/uninstall-agent.ts'

type Room = VireoHandlers<Context, Duplex>['guest']
type Setup = 'installAgent' | 'uninstallAgent' | 'installQemuAgent'
export type AgentSetup = Pick<Room, Setup>

export interface AgentSetupOptions {
  readonly tasks: TaskRegistry
  readonly files: LoadAgentFiles
  /** Version of the agent that this Vireo brings. */
  readonly version: string
  /** The machine, when it runs; rejects when it does not. */
  readonly target: (id: DomainId, method: ExecMethod | 'auto', signal: AbortSignal) => Promise<SetupTarget>
  readonly places?: GuestPlaces
  readonly answerMs?: number
}

/** An agent in an emulated guest on a busy computer, from its start to its first answer. */
const ANSWER_MS = 120_000

export const agentSetup = (options: AgentSetupOptions): AgentSetup => {
  const { tasks, target, files, version, places = guestPlaces(), answerMs = ANSWER_MS } = options
  const handler =
    (name: Setup, title: string, work: (context: SetupContext) => Promise<void>): Room[Setup] =>
    async ({ id, method }, { signal }) => {
      const machine = await target(id, method, signal)
      let restart = false
      const spec = {
        ...{ room: 'guest', name, title, target: id, targetName: machine.name, overrides: false },
        remedy: () => (restart ? { room: 'domain', name: 'shutdown', input: { id } } : null),
      }
      return tasks.start(spec, async operation => {
        try {
          await work({ target: machine, operation, files, places, version, answerMs })
        } catch (error) {
          restart = error instanceof RestartNeeded
          throw error
        }
      })
    }
  return {
    installAgent: handler('installAgent', 'Install the Vireo agent', installAgent),
    uninstallAgent: handler('uninstallAgent', 'Remove the Vireo agent', uninstallAgent),
    installQemuAgent: handler('installQemuAgent', 'Install qemu-guest-agent', installQemuAgent),
  }
}

export interface SetupWays {
  readonly running: (id: DomainId, signal: AbortSignal) => Promise<Found>
  readonly linkTo: (found: Found) => GuestLink
  readonly discover: Discover
  readonly ways: ExecWays
}

/** A machine of a connection as a place to set up agents. */
export const setupTarget =
  ({ running, linkTo, discover, ways }: SetupWays): AgentSetupOptions['target'] =>
  async (id, method, signal) => {
    const methods: readonly ExecMethod[] = method === 'auto' ? ['ssh', 'serial'] : [method]
    const found = await running(id, signal)
    const { connection, key, summary } = found
    return {
      name: summary.name,
      channels: async () => (await connection.guest.channels(key)).map(({ name }) => name),
      attachChannel: name => connection.guest.attachChannel(key, name),
      detachChannel: name => connection.guest.detachChannel(key, name),
      discover: asking => discover(linkTo(found), asking),
      ...(method === 'agent'
        ? {}
        : { other: { only: method !== 'auto', open: (asking: Asking) => execAgent(ways, methods, id, asking) } }),
    }
  }
