/** One libvirt daemon, kept connected. */
import {
  RemoteError,
  type ConnectionUri,
  type DomainSummary,
  type HostInfo,
  type HypervisorKind,
} from '../../contract/index.ts'
import { Emitter } from '../../base/emitter.ts'
import { toAppError, toRemoteError } from '../../libvirt/app-error.ts'
import { parseUri, Session, type Connection, type DomainRef, type SessionStatus } from '../../libvirt/index.ts'
import type { DomainKey, HypervisorConnection, Status } from '../driver.ts'
import { notFound } from '../preconditions.ts'
import type { SharedLines } from '../share/shared-lines.ts'
import { AddressBook } from './addresses.ts'
import { kvmConsole } from './console.ts'
import { kvmCreation } from './create/creation.ts'
import type { DaemonAccess } from './daemon-access.ts'
import { kvmDefinition } from './definition.ts'
import { connectionFeatures } from './features.ts'
import { kvmGuests } from './guests.ts'
import { readHost } from './host.ts'
import { kvmInspect } from './inspect.ts'
import { Inventory } from './inventory.ts'
import { kvmLifecycle } from './lifecycle.ts'
import { kvmMedia } from './media.ts'
import { kvmNetworks, NetworkNews } from './networks.ts'
import { kvmPortForwards } from './port-forwards.ts'
import { PortStates } from './port-states.ts'
import { SideConnection } from './side-connection.ts'

export class KvmConnection implements HypervisorConnection, DaemonAccess {
  readonly uri: ConnectionUri
  readonly inspect = kvmInspect(this)
  readonly lifecycle = kvmLifecycle(this)
  readonly definition = kvmDefinition(this)
  readonly console = kvmConsole(this)
  readonly #ports = new PortStates()
  readonly guest = kvmGuests(this, this.#ports, this.console)
  readonly creation = kvmCreation(this)
  readonly media = kvmMedia(this)
  readonly #networkNews = new NetworkNews()
  readonly network = kvmNetworks(this, this.#networkNews)
  readonly portForwards = kvmPortForwards(this)
  readonly lines: SharedLines
  readonly inventory: Inventory
  readonly #addresses: AddressBook
  readonly #session: Session
  readonly #side: SideConnection
  readonly #statusEmitter = new Emitter<Status>()
  readonly onStatus = this.#statusEmitter.event
  #host: HostInfo | null = null
  #status: Status
  #disposed = false

  constructor(uri: ConnectionUri, kind: HypervisorKind, lines: SharedLines) {
    this.uri = uri
    this.lines = lines
    this.inventory = new Inventory(uri, kind)
    this.#addresses = new AddressBook(this.inventory, kind !== 'test')
    this.#side = new SideConnection(uri)
    this.#session = new Session(uri, { onUp: daemon => this.#ready(daemon) })
    this.#session.onStatus(status => this.#report(status))
    this.#status = {
      uri,
      kind,
      state: 'connecting',
      readOnly: true,
      error: null,
      retryAt: null,
      host: null,
      features: connectionFeatures(kind, true, unprivileged(uri)),
    }
  }

  get status(): Status {
    return this.#status
  }

  get domains(): ReadonlyMap<DomainKey, DomainSummary> {
    return this.inventory.table.domains
  }

  get onDomains(): HypervisorConnection['onDomains'] {
    return listener => this.inventory.table.onChange(change => (this.#disposed ? undefined : listener(change)))
  }

  open(): void {
    this.#session.open()
  }

  retry(): void {
    this.#session.retry()
  }

  settled(): Promise<void> {
    return this.#session.settled()
  }

  async complete(): Promise<void> {
    await this.settled()
    await this.inventory.complete()
  }

  async unlock(): Promise<void> {
    try {
      await this.#session.unlock()
    } catch (error) {
      throw refusal(error)
    }
  }

  dispose(): void {
    this.#disposed = true
    this.lines.leave(this.uri)
    this.#session.dispose()
    this.#addresses.stop()
    this.#ports.dispose()
    this.inventory.lose()
    this.#side.dispose()
  }

  daemon(): Connection {
    return this.#session.require()
  }

  writable(): Connection {
    const daemon = this.daemon()
    if (daemon.readOnly)
      throw new RemoteError({
        kind: 'permission',
        message: 'The connection is read-only.',
        hint: 'Unlock it first.',
        action: 'org.libvirt.unix.manage',
      })
    return daemon
  }

  side(): Promise<Connection> {
    const daemon = this.writable()
    // The test driver has a world of its own for each connection.
    return this.#status.kind === 'test' ? Promise.resolve(daemon) : this.#side.get()
  }

  ref(key: DomainKey): DomainRef {
    const ref = this.inventory.ref(key)
    if (ref === undefined) throw notFound(key)
    return ref
  }

  summary(key: DomainKey): DomainSummary {
    const summary = this.domains.get(key)
    if (summary === undefined) throw notFound(key)
    return summary
  }

  lookedAt(): void {
    this.#addresses.wanted()
  }

  async refresh(ref: DomainRef): Promise<void> {
    this.inventory.touch(ref)
    await this.inventory.refresh()
  }

  async #ready(daemon: Connection): Promise<void> {
    this.#ports.follow(daemon)
    const [host] = await Promise.all([readHost(daemon), this.inventory.follow(daemon)])
    this.#host = host
    this.#addresses.follow(daemon)
    this.#networkNews.follow(daemon)
  }

  #report(report: SessionStatus): void {
    if (report.state !== 'ready') {
      this.#addresses.stop()
      this.#ports.lose()
      this.inventory.lose()
      this.#side.dispose()
    }
    const features = connectionFeatures(this.#status.kind, report.readOnly, unprivileged(this.uri))
    this.#status = { ...this.#status, ...report, features, host: this.#host }
    this.#statusEmitter.fire(this.#status)
  }
}

/** A session daemon runs as whoever uses it. */
const unprivileged = (uri: string): boolean => {
  const { path, host } = parseUri(uri)
  return path === '/session' && host === '' && process.getuid?.() !== 0
}

/** Whatever the daemon calls it, a refusal to unlock is one of permission. */
const refusal = (error: unknown): RemoteError => {
  const detail = toAppError(error)
  if (detail.kind !== 'connection' || detail.trouble !== 'no-permission') return toRemoteError(error)
  const { message, hint, fix } = detail
  return new RemoteError(
    {
      kind: 'permission',
      message,
      action: 'org.libvirt.unix.manage',
      ...(hint === undefined ? {} : { hint }),
      ...(fix === undefined ? {} : { fix }),
    },
    { cause: error },
  )
}
