/** The guest agents of all machines. Machines share nothing here: a sick one is waited for by those alone who ask about it. */
import { DisposableStore, type Disposable } from '../../base/disposable.ts'
import {
  RemoteError,
  type DomainId,
  type GuestFeature,
  type GuestStatus,
  type VireoPublish,
} from '../../contract/index.ts'
import type { GuestLink } from '@vireo/guest-agent-bridge/host'
import type { HypervisorConnection } from '../../hypervisor/driver.ts'
import type { ConnectionSet, Found } from '../connection/connection-set.ts'
import type { Discover } from './conversation.ts'
import { GuestSession, type Patience, type Work } from './guest-session.ts'

export interface GuestSessionsOptions {
  readonly connections: ConnectionSet
  readonly publish: VireoPublish
  readonly discover: Discover
  /** The ways to one machine's agents. Throws when there are none. */
  readonly linkTo: (found: Found) => GuestLink
}

export interface Want {
  /** What the agent must be able to do; null for anything that answers. */
  readonly feature: GuestFeature | null
  readonly signal: AbortSignal
  readonly patience?: Patience
}

interface Member {
  readonly session: GuestSession
  readonly connection: HypervisorConnection
  readonly owned: DisposableStore
}

export class GuestSessions implements Disposable {
  readonly #options: GuestSessionsOptions
  readonly #members = new Map<DomainId, Member>()

  constructor(options: GuestSessionsOptions) {
    this.#options = options
  }

  /**
   * Runs work with an agent of the machine. Rejects with `permission` on a connection that is for looking only,
   * `precondition` when the machine does not run, `unsupported` when nobody answers or can do it.
   */
  async use<T>(id: DomainId, want: Want, work: Work<T>): Promise<T> {
    return (await this.#session(id, want.signal)).use(want, work)
  }

  async status(id: DomainId, signal: AbortSignal): Promise<GuestStatus> {
    return (await this.#session(id, signal)).status(signal)
  }

  /** The machine, when its guest can be asked at all. */
  async running(id: DomainId, signal: AbortSignal): Promise<Found> {
    const found = await this.#options.connections.domain(id, signal)
    const { summary, connection } = found
    const { state, error } = connection.status
    if (state !== 'ready') {
      const message = `${connection.uri} is ${state}: its guests cannot be asked.`
      throw new RemoteError(error ?? { kind: 'connection', trouble: 'not-responding', message })
    }
    if (connection.status.readOnly) {
      const message = `${connection.uri} is open for looking only: its guests are not asked anything.`
      throw new RemoteError({ kind: 'permission', message, hint: 'Unlock the connection first.' })
    }
    if (summary.state === 'running') return found
    const resume = summary.state === 'paused' || summary.state === 'suspended'
    throw new RemoteError({
      kind: 'precondition',
      message: `“${summary.name}” is not running (${summary.state}): nobody in it can be asked.`,
      hint: `${resume ? 'Resume' : 'Start'} it first.`,
    })
  }

  /** What the agents of a machine can do has changed: the next look is due. */
  refresh(id: DomainId): void {
    this.#members.get(id)?.session.notice()
  }

  dispose(): void {
    for (const id of this.#members.keys()) {
      this.#drop(id, new RemoteError({ kind: 'cancelled', message: 'Vireo ends.' }))
    }
  }

  async #session(id: DomainId, signal: AbortSignal): Promise<GuestSession> {
    const found = await this.running(id, signal)
    const known = this.#members.get(id)
    if (known?.connection === found.connection) return known.session
    // The connection was removed and added again: what was open went with it.
    if (known) this.#drop(id, ended(found.summary.name))
    return this.#make(id, found)
  }

  #make(id: DomainId, found: Found): GuestSession {
    const { connection, key, summary } = found
    const { discover, linkTo, publish } = this.#options
    const session = new GuestSession({
      id,
      name: summary.name,
      discover: asking => discover(linkTo(found), asking),
      changed: status => publish('guest', 'changed', status),
      idle: () => this.#drop(id, new RemoteError({ kind: 'cancelled', message: 'Nobody used the agent any more.' })),
    })
    const owned = new DisposableStore()
    this.#members.set(id, { session, connection, owned })
    owned.add(
      connection.onDomains(() => {
        const state = connection.domains.get(key)?.state
        const alive = state === 'running' || state === 'paused' || state === 'suspended' || state === 'shutting-down'
        if (!alive) this.#drop(id, ended(summary.name))
      }),
    )
    owned.add(connection.guest.onGuestAgent(changed => (changed === key ? session.notice() : undefined)))
    owned.add(
      connection.onStatus(({ state, error }) => {
        if (state !== 'ready') this.#drop(id, new RemoteError(error ?? ended(summary.name).detail))
      }),
    )
    return session
  }

  #drop(id: DomainId, error: RemoteError): void {
    const member = this.#members.get(id)
    if (!member) return
    this.#members.delete(id)
    member.owned.dispose()
    member.session.close(error)
  }
}

const ended = (name: string): RemoteError =>
  new RemoteError({ kind: 'connection', trouble: 'lost', message: `“${name}” stopped.` })
