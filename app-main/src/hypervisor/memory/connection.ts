/** A connection to machines in memory. */
import { RemoteError, type ConnectionUri, type DomainSummary } from '../../contract/index.ts'
import { DisposableStore } from '../../base/disposable.ts'
import { Emitter } from '../../base/emitter.ts'
import { DomainTable } from '../domain-table.ts'
import type { HypervisorConnection, Status } from '../driver.ts'
import { noNetworks } from '../networks.ts'
import { notFound } from '../preconditions.ts'
import { memoryConsole } from './console.ts'
import { memoryDefinition } from './definition.ts'
import { connectionFeatures, NO_NETWORKS } from './features.ts'
import { memoryGuests } from './guests.ts'
import { memoryInspect, summaryOf } from './inspect.ts'
import { memoryLifecycle } from './lifecycle.ts'
import type { Machine, MemoryHost } from './machine.ts'
import type { MachineAccess } from './machine-access.ts'

export class MemoryConnection implements HypervisorConnection, MachineAccess {
  readonly uri: ConnectionUri
  readonly inspect = memoryInspect(this)
  readonly lifecycle = memoryLifecycle(this)
  readonly definition = memoryDefinition(this)
  readonly #guestEmitter = new Emitter<string>()
  readonly guest = memoryGuests(this, this.#guestEmitter.event)
  readonly console = memoryConsole(this, this.guest)
  readonly network = noNetworks(NO_NETWORKS)
  readonly host: MemoryHost
  readonly #owned = new DisposableStore()
  readonly #table = new DomainTable()
  readonly #statusEmitter = new Emitter<Status>()
  readonly onStatus = this.#statusEmitter.event
  readonly onDomains = this.#table.onChange
  #status: Status
  #settle: () => void = () => undefined
  readonly #settled = new Promise<void>(resolve => (this.#settle = resolve))

  constructor(uri: ConnectionUri, host: MemoryHost) {
    this.uri = uri
    this.host = host
    const readOnly = new URL(uri).searchParams.get('readonly') === '1'
    this.#status = {
      uri,
      kind: 'test',
      state: 'connecting',
      readOnly,
      error: null,
      retryAt: null,
      host: null,
      features: connectionFeatures(),
    }
  }

  get status(): Status {
    return this.#status
  }

  get domains(): ReadonlyMap<string, DomainSummary> {
    return this.#table.domains
  }

  open(): void {
    this.#owned.add(this.host.onChange(key => this.#refresh(key)))
    this.#owned.add(this.host.onGuest(key => this.#guestEmitter.fire(key)))
    this.#owned.add(this.host.onReachable(() => this.#connect()))
    queueMicrotask(() => this.#connect())
  }

  retry(): void {
    this.#connect()
  }

  settled(): Promise<void> {
    return this.#settled
  }

  complete(): Promise<void> {
    return this.#settled
  }

  unlock(): Promise<void> {
    this.#report({ readOnly: false })
    return Promise.resolve()
  }

  dispose(): void {
    this.#owned.dispose()
    this.#settle()
  }

  machine(key: string): Machine {
    if (!this.host.reachable) throw lost()
    const machine = this.host.machines.get(key)
    if (machine === undefined) throw notFound(key)
    return machine
  }

  writable(key: string): Machine {
    this.requireAccess()
    return this.machine(key)
  }

  requireAccess(): void {
    if (!this.host.reachable) throw lost()
    if (this.#status.readOnly)
      throw new RemoteError({ kind: 'permission', message: 'The connection is read-only.', hint: 'Unlock it first.' })
  }

  #connect(): void {
    if (this.#owned.disposed) return
    if (this.host.reachable) {
      this.#table.replace(new Map([...this.host.machines.values()].map(one => [one.key, summaryOf(this.uri, one)])))
      this.#report({ state: 'ready', error: null, host: HOST })
    } else {
      for (const key of this.domains.keys()) this.#table.patch(key, { stale: true })
      this.#report({ state: this.#status.host === null ? 'unavailable' : 'lost', error: lost().detail })
    }
    this.#settle()
  }

  #refresh(key: string): void {
    if (!this.host.reachable) return
    const machine = this.host.machines.get(key)
    if (machine === undefined) this.#table.delete(key)
    else this.#table.set(key, summaryOf(this.uri, machine))
  }

  #report(change: Partial<Status>): void {
    this.#status = { ...this.#status, ...change }
    this.#statusEmitter.fire(this.#status)
  }
}

const HOST = {
  hostname: 'memory',
  cpus: 1,
  memoryBytes: 1024 ** 3,
  cpuModel: 'none',
  daemonVersion: '1.0.0',
  hypervisorVersion: null,
}

const lost = (): RemoteError =>
  new RemoteError({ kind: 'connection', trouble: 'lost', message: 'The connection to the machines in memory is lost.' })
