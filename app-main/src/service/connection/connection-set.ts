/** The live connections of this process. */
import { DisposableStore, type Disposable } from '../../base/disposable.ts'
import { createLog } from '../../base/log.ts'
import { withDeadline } from '../../base/deadline.ts'
import {
  RemoteError,
  domainId,
  splitDomainId,
  type Connection,
  type ConnectionUri,
  type DomainId,
  type DomainSummary,
  type VireoPublish,
} from '../../contract/index.ts'
import type { DomainKey, DomainsChange, HypervisorConnection } from '../../hypervisor/driver.ts'
import type { DriverRegistry } from '../../hypervisor/registry.ts'

/** How long an answer waits for a connection that is still being opened, in milliseconds. */
const PATIENCE_MS = 5_000
/** Whoever hears of the rest by events: one slow connection must not keep the others from them. */
const PARTIAL_PATIENCE_MS = 300
const log = createLog('connection')

interface Member {
  readonly connection: HypervisorConnection
  readonly owned: DisposableStore
}

/** Where one domain lives. */
export interface Found {
  readonly connection: HypervisorConnection
  readonly key: DomainKey
  readonly summary: DomainSummary
}

export class ConnectionSet implements Disposable {
  readonly #drivers: DriverRegistry
  readonly #publish: VireoPublish
  readonly #members = new Map<ConnectionUri, Member>()

  constructor(drivers: DriverRegistry, publish: VireoPublish) {
    this.#drivers = drivers
    this.#publish = publish
  }

  get all(): HypervisorConnection[] {
    return [...this.#members.values()].map(({ connection }) => connection)
  }

  has(uri: ConnectionUri): boolean {
    return this.#members.has(uri)
  }

  /** Rejects with `not-found`. */
  get(uri: ConnectionUri): HypervisorConnection {
    const member = this.#members.get(uri)
    if (member) return member.connection
    const known = [...this.#members.keys()]
    throw new RemoteError({
      kind: 'not-found',
      message: `There is no connection ${uri}.`,
      hint: known.length ? `There are: ${known.join(', ')}.` : 'No connection is open.',
    })
  }

  /** Makes and opens a connection. Throws `connection` / `unsupported-driver`. */
  add(uri: ConnectionUri): HypervisorConnection {
    const connection = this.#drivers.create(uri)
    const owned = new DisposableStore()
    this.#members.set(uri, { connection, owned })
    owned.add(connection)
    this.#follow(connection, owned)
    this.#publish('connection', 'changed', describe(connection))
    connection.open()
    return connection
  }

  remove(uri: ConnectionUri): void {
    const member = this.#members.get(uri)
    if (!member) return
    this.#members.delete(uri)
    member.owned.dispose()
    this.#publish('connection', 'removed', { uri })
  }

  /** Waits, but not for ever, until something can be said about a connection. */
  settled(connection: HypervisorConnection, signal?: AbortSignal): Promise<void> {
    return this.#patiently(connection, () => connection.settled(), PATIENCE_MS, signal)
  }

  /** The same for several at once; `partial` for a caller who follows the events and so hears of the rest. */
  async allSettled(asked: readonly HypervisorConnection[], partial: boolean, signal: AbortSignal): Promise<void> {
    const ms = partial ? PARTIAL_PATIENCE_MS : PATIENCE_MS
    await Promise.all(asked.map(connection => this.#patiently(connection, () => connection.settled(), ms, signal)))
  }

  /** Waits, but not for ever, until everything that can be known of the machines is known. */
  async complete(asked: readonly HypervisorConnection[], signal: AbortSignal): Promise<void> {
    const ms = PATIENCE_MS
    await Promise.all(asked.map(connection => this.#patiently(connection, () => connection.complete(), ms, signal)))
  }

  /** Finds one domain. Throws `not-found`, or why its connection cannot tell. */
  async domain(id: DomainId, signal?: AbortSignal): Promise<Found> {
    const { key, uri } = splitDomainId(id)
    const connection = this.get(uri)
    if (!connection.domains.has(key)) await this.settled(connection, signal)
    const summary = connection.domains.get(key)
    if (summary) return { connection, key, summary }
    const { state, error } = connection.status
    if (state !== 'ready' && error) throw new RemoteError(error)
    if (state !== 'ready') {
      const message = `${uri} is ${state}: its machines are not known yet.`
      throw new RemoteError({ kind: 'connection', trouble: 'not-responding', message })
    }
    throw new RemoteError({ kind: 'not-found', message: `There is no machine ${key} on ${uri} (any more).` })
  }

  dispose(): void {
    for (const { owned } of this.#members.values()) owned.dispose()
    this.#members.clear()
  }

  async #patiently(
    { uri }: HypervisorConnection,
    work: () => Promise<void>,
    ms: number,
    signal?: AbortSignal,
  ): Promise<void> {
    try {
      await withDeadline({ ms, what: `Connecting to ${uri}`, signal }, work)
    } catch (error) {
      // Not a failure of the request: its status says what is the matter.
      log.debug('is not settled', { uri, error })
    }
  }

  #follow(connection: HypervisorConnection, owned: DisposableStore): void {
    const { uri } = connection
    owned.add(connection.network.onNetworks(() => this.#publish('network', 'changed', { connection: uri })))
    const told = connection.instances?.onSnapshots(key =>
      this.#publish('lxd', 'snapshotsChanged', { id: domainId(key, uri) }),
    )
    if (told) owned.add(told)
    let count = connection.domains.size
    let ready = connection.status.state === 'ready'
    owned.add(
      connection.onStatus(status => {
        const { state, readOnly, error } = status
        log.debug(state, { uri: connection.uri, readOnly, ...(error && { error: error.message }) })
        this.#publish('connection', 'changed', describe(connection))
        if (ready === (status.state === 'ready')) return
        ready = !ready
        // What was fresh is now the last known state, or the other way round.
        this.#announce(connection, { full: false, changed: [...connection.domains.values()], removed: [] })
      }),
    )
    owned.add(
      connection.onDomains(change => {
        this.#announce(connection, change)
        if (count === connection.domains.size) return
        count = connection.domains.size
        this.#publish('connection', 'changed', describe(connection))
      }),
    )
  }

  #announce(connection: HypervisorConnection, { full, changed, removed }: DomainsChange): void {
    this.#publish('domain', 'changed', {
      connection: connection.uri,
      full,
      changed: changed.map(summary => withStaleness(summary, connection)),
      removed: removed.map(key => domainId(key, connection.uri)),
    })
  }
}

export const describe = (connection: HypervisorConnection): Connection => ({
  ...connection.status,
  domainCount: connection.domains.size,
})

/** Marks what may no longer be true. */
export const withStaleness = (summary: DomainSummary, { status }: HypervisorConnection): DomainSummary => {
  const stale = status.state !== 'ready'
  return stale === summary.stale ? summary : { ...summary, stale }
}
