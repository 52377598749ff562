/** The ways of a command into a machine. */
import {
  RemoteError,
  type DomainId,
  type ExecEnd,
  type ExecMethod,
  type ExecSpec,
  type GuestLogin,
} from '../../contract/index.ts'
import type { Asking, ExecInput } from '@vireo/guest-agent-bridge/host'
import type { GuestSessions } from './guest-sessions.ts'
import { heldAgent } from './held-agent.ts'
import type { Logins } from './serial-exec/logins.ts'
import { serialWay } from './serial-exec/serial-way.ts'

/** Runs the command on the way that was found open. */
export type RunExec = (spec: ExecSpec, input: ExecInput, asking: Asking) => Promise<ExecEnd>

/** What is asked of a way besides the command. */
export interface WayWish {
  /** Nobody asked for this very way. */
  readonly automatic: boolean
  /** For ways that log in. */
  readonly login?: GuestLogin | undefined
}

export interface ExecWay {
  /**
   * Makes sure that the way is open, and only then resolves: nothing has run in the guest when it rejects. `release` is
   * called exactly once, when the command has ended.
   */
  open(
    id: DomainId,
    spec: ExecSpec,
    asking: Asking,
    wish: WayWish,
  ): Promise<{ readonly run: RunExec; readonly release: () => void }>
}

export type ExecWays = Readonly<Record<ExecMethod, ExecWay>>

export interface ExecRequest {
  readonly spec: ExecSpec
  readonly method: ExecMethod | 'auto'
  readonly login?: GuestLogin | undefined
}

/** In which order `auto` tries them. */
const ORDER: readonly ExecMethod[] = ['agent', 'ssh', 'serial']

const unsupported = (message: string, hint?: string): RemoteError =>
  new RemoteError({ kind: 'unsupported', message, ...(hint === undefined ? {} : { hint }) })

/** Through an agent that is kept in use from the look at it until the command's end. */
const agentWay = (sessions: GuestSessions): ExecWay => ({
  async open(id, spec, { signal }) {
    const held = await heldAgent(sessions, id, spec.user === undefined ? 'exec' : 'exec-user', signal)
    const run: RunExec = (command, input, asking) =>
      held.agent.exec(command, input, { signal: AbortSignal.any([asking.signal, held.signal]) })
    return { run, release: held.release }
  },
})

export const execWays = (sessions: GuestSessions, logins: Logins, ssh: ExecWay): ExecWays => ({
  agent: agentWay(sessions),
  ssh,
  serial: serialWay({ running: (id, signal) => sessions.running(id, signal), logins }),
})

/** Opens the way asked for; `auto` takes the first that is open. Nothing has run in the guest when it rejects. */
export const openWay = async (ways: ExecWays, { method, spec, login }: ExecRequest, id: DomainId, asking: Asking) => {
  if (method !== 'auto') return { method, ...(await ways[method].open(id, spec, asking, { automatic: false, login })) }
  const failures: RemoteError[] = []
  for (const candidate of ORDER) {
    try {
      return { method: candidate, ...(await ways[candidate].open(id, spec, asking, { automatic: true, login })) }
    } catch (error) {
      if (!(error instanceof RemoteError) || !mayTryNext(error) || asking.signal.aborted) throw error
      failures.push(error)
    }
  }
  throw failures[0] ?? unsupported('There is no way into the machine.')
}

/** The machine itself is not there or does not run: no other way would be better. */
const mayTryNext = ({ detail }: RemoteError): boolean =>
  !['not-found', 'precondition', 'cancelled'].includes(detail.kind)
