/** One LXD or Incus daemon, kept connected. */
import { RemoteError, type ConnectionUri, type DomainSummary, type HostInfo } from '../../contract/index.ts'
import {
  LxdSession,
  type Instance,
  type InstanceNews,
  type LxdClient,
  type LxdLink,
  type LxdTarget,
  type SessionStatus,
} from '../../lxd/index.ts'
import { Emitter } from '../../base/emitter.ts'
import type { DomainKey, HypervisorConnection, Status } from '../driver.ts'
import { noNetworks } from '../networks.ts'
import { notFound } from '../preconditions.ts'
import type { SharedLines } from '../share/shared-lines.ts'
import { lxdConsole } from './console.ts'
import type { DaemonAccess } from './daemon-access.ts'
import { lxdDefinition } from './definition.ts'
import { connectionFeatures, NO_NETWORKS } from './features.ts'
import { lxdGuests } from './guests.ts'
import { readHost } from './host.ts'
import { lxdInspect } from './inspect.ts'
import { lxdInstances } from './instances.ts'
import { Inventory } from './inventory.ts'
import { lxdLifecycle } from './lifecycle.ts'

export class LxdConnection implements HypervisorConnection, DaemonAccess {
  readonly uri: ConnectionUri
  readonly lines: SharedLines
  readonly inventory: Inventory
  readonly inspect = lxdInspect(this)
  readonly lifecycle = lxdLifecycle(this)
  readonly definition = lxdDefinition(this)
  readonly console = lxdConsole(this)
  readonly guest = lxdGuests(this)
  readonly #snapshots = new Emitter<DomainKey>()
  readonly instances = lxdInstances(this, this.#snapshots.event)
  readonly network = noNetworks(NO_NETWORKS)
  readonly #session: LxdSession
  readonly #statusEmitter = new Emitter<Status>()
  readonly onStatus = this.#statusEmitter.event
  #host: HostInfo | null = null
  #status: Status
  #disposed = false

  constructor(uri: ConnectionUri, target: LxdTarget, lines: SharedLines) {
    this.uri = uri
    this.lines = lines
    this.inventory = new Inventory(uri)
    this.#session = new LxdSession(target, {
      onUp: link => this.#up(link),
      onNews: news => this.#heard(news),
    })
    this.#session.onStatus(status => this.#report(status))
    this.#status = {
      uri,
      kind: 'lxd',
      state: 'connecting',
      // Whoever may use the socket may do everything.
      readOnly: false,
      error: null,
      retryAt: null,
      host: null,
      features: connectionFeatures(),
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
    // There is one way in, and it gives everything: what refused it is the reason.
    if (this.#status.state === 'ready') return
    const { error } = this.#status
    if (error?.kind !== 'connection' || error.trouble !== 'no-permission') return void this.client()
    const { message, hint, fix } = error
    throw new RemoteError({
      kind: 'permission',
      message,
      ...(hint === undefined ? {} : { hint }),
      ...(fix === undefined ? {} : { fix }),
    })
  }

  dispose(): void {
    this.#disposed = true
    this.lines.leave(this.uri)
    this.#session.dispose()
    this.inventory.lose()
  }

  client(): LxdClient {
    return this.#session.require().client
  }

  instance(key: DomainKey): Instance {
    const instance = this.inventory.instance(key)
    if (instance === undefined) throw notFound(key)
    return instance
  }

  summary(key: DomainKey): DomainSummary {
    const summary = this.domains.get(key)
    if (summary === undefined) throw notFound(key)
    return summary
  }

  #heard({ names, snapshots }: InstanceNews): void {
    for (const name of names) {
      this.inventory.touch(name)
      const key = snapshots ? this.inventory.keyOfName(name) : undefined
      if (key !== undefined) this.#snapshots.fire(key)
    }
  }

  async #up(link: LxdLink): Promise<void> {
    this.#host = await readHost(link)
    await this.inventory.follow(link.client, this.#host)
  }

  #report(report: SessionStatus): void {
    if (report.state !== 'ready') this.inventory.lose()
    this.#status = { ...this.#status, ...report, host: this.#host }
    this.#statusEmitter.fire(this.#status)
  }
}
