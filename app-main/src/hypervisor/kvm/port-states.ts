/** Which channels are open in the guests, as QEMU tells it: sooner than libvirt's documents, and for every channel. */
import type { Disposable } from '../../base/disposable.ts'
import { DisposableStore } from '../../base/disposable.ts'
import { Emitter } from '../../base/emitter.ts'
import { VIR_DOMAIN_EVENT_STOPPED } from '../../libvirt/generated/constants.ts'
import type { Connection } from '../../libvirt/index.ts'
import type { ChannelXml } from '../../libvirt/xml/domain-xml.ts'
import type { DomainKey, GuestChannel } from '../driver.ts'

export class PortStates implements Disposable {
  readonly #open = new Map<DomainKey, Map<string, boolean>>()
  readonly #changed = new Emitter<DomainKey>()
  #listening = new DisposableStore()
  readonly onChange = this.#changed.event

  /** Listens to this daemon from now on; what another one told is forgotten. */
  follow({ events }: Connection): void {
    this.lose()
    const changed = (key: DomainKey) => this.#changed.fire(key)
    for (const subscription of [
      events.onDomainPort(({ domain, alias, open }) => {
        const ports = this.#open.get(domain.uuid) ?? new Map<string, boolean>()
        this.#open.set(domain.uuid, ports.set(alias, open))
        changed(domain.uuid)
      }),
      // Also where QEMU's own words are not told; it knows one channel only.
      events.onDomainAgentLifecycle(({ domain }) => changed(domain.uuid)),
      events.onDomainLifecycle(({ domain, event }) => {
        if (event === VIR_DOMAIN_EVENT_STOPPED && this.#open.delete(domain.uuid)) changed(domain.uuid)
      }),
      events.onDomainDeviceAdded(({ domain, alias }) => {
        if (alias.startsWith('channel')) changed(domain.uuid)
      }),
      events.onDomainDeviceRemoved(({ domain, alias }) => {
        this.#open.get(domain.uuid)?.delete(alias)
        if (alias.startsWith('channel')) changed(domain.uuid)
      }),
    ])
      this.#listening.add(subscription)
  }

  lose(): void {
    this.#open.clear()
    this.#listening.dispose()
    this.#listening = new DisposableStore()
  }

  dispose(): void {
    this.lose()
  }

  /** What is known of a machine's channels, those left out that the daemon does not open. */
  read(key: DomainKey, on: boolean, channels: readonly ChannelXml[]): GuestChannel[] {
    const told = this.#open.get(key)
    return channels.flatMap(({ type, name, alias, connected }) => {
      if (type !== 'unix' || name === null) return []
      return [{ name, connected: on && (told?.get(alias ?? '') ?? connected) }]
    })
  }
}
