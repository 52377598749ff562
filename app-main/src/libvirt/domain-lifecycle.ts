import type { Caller } from './caller.ts'
import * as remote from './generated/remote-procedures.ts'
import type { CallOptions } from './pending-call.ts'
import type { DomainRef } from './refs.ts'
import type { RemoteNonnullDomain } from './generated/remote-types.ts'
import type { Procedure } from './wire/procedure.ts'

/** Starting takes as long as restoring memory does, saving as long as writing it. */
const LONG_MS = 10 * 60_000

/** The calls that change what a domain does or is. */
export class DomainLifecycle {
  readonly #lifecycle: Caller

  constructor(caller: Caller) {
    this.#lifecycle = caller
  }

  /** @param flags `VIR_DOMAIN_START_*`, for instance `VIR_DOMAIN_START_PAUSED`. Gives it with its new id. */
  async createWithFlags(domain: DomainRef, flags = 0, options?: CallOptions): Promise<DomainRef> {
    const args = { dom: domain, flags }
    const { dom } = await this.#lifecycle.call(remote.domainCreateWithFlags, args, slow(domain, options))
    return dom
  }

  /** Starts a machine by this definition; one that is known has its own again when it stops. */
  async createXml(xml: string, flags = 0, options?: CallOptions): Promise<DomainRef> {
    const args = { xml_desc: xml, flags }
    const { dom } = await this.#lifecycle.call(remote.domainCreateXml, args, {
      via: 'long',
      deadlineMs: LONG_MS,
      ...options,
    })
    return dom
  }

  create(domain: DomainRef, options?: CallOptions): Promise<DomainRef> {
    return this.createWithFlags(domain, 0, options)
  }

  /** Asks the guest; returns before it is off. @param flags `VIR_DOMAIN_SHUTDOWN_*` */
  shutdownFlags(domain: DomainRef, flags = 0, options?: CallOptions): Promise<void> {
    return this.#flagged(remote.domainShutdownFlags, domain, flags, options)
  }

  /** Asks the guest. @param flags `VIR_DOMAIN_REBOOT_*` */
  reboot(domain: DomainRef, flags = 0, options?: CallOptions): Promise<void> {
    return this.#flagged(remote.domainReboot, domain, flags, options)
  }

  reset(domain: DomainRef, options?: CallOptions): Promise<void> {
    return this.#flagged(remote.domainReset, domain, 0, options)
  }

  /** Never waits behind the domain's other calls. @param flags `VIR_DOMAIN_DESTROY_*` */
  destroyFlags(domain: DomainRef, flags = 0, options?: CallOptions): Promise<void> {
    return this.#flagged(remote.domainDestroyFlags, domain, flags, { via: 'main', lane: '', ...options })
  }

  async suspend(domain: DomainRef, options?: CallOptions): Promise<void> {
    await this.#lifecycle.call(remote.domainSuspend, { dom: domain }, { lane: domain.uuid, ...options })
  }

  async resume(domain: DomainRef, options?: CallOptions): Promise<void> {
    await this.#lifecycle.call(remote.domainResume, { dom: domain }, { lane: domain.uuid, ...options })
  }

  /** Wakes a guest that sleeps. */
  pmWakeup(domain: DomainRef, options?: CallOptions): Promise<void> {
    return this.#flagged(remote.domainPmWakeup, domain, 0, options)
  }

  /** @param flags `VIR_DOMAIN_SAVE_*` */
  managedSave(domain: DomainRef, flags = 0, options?: CallOptions): Promise<void> {
    return this.#flagged(remote.domainManagedSave, domain, flags, options)
  }

  managedSaveRemove(domain: DomainRef, options?: CallOptions): Promise<void> {
    return this.#flagged(remote.domainManagedSaveRemove, domain, 0, options)
  }

  async setAutostart(domain: DomainRef, autostart: boolean, options?: CallOptions): Promise<void> {
    const args = { dom: domain, autostart: autostart ? 1 : 0 }
    await this.#lifecycle.call(remote.domainSetAutostart, args, { lane: domain.uuid, ...options })
  }

  /** @param flags `VIR_DOMAIN_DEFINE_VALIDATE` checks the document against the schema */
  async defineXmlFlags(xml: string, flags = 0, options?: CallOptions): Promise<DomainRef> {
    const { dom } = await this.#lifecycle.call(remote.domainDefineXmlFlags, { xml, flags }, options)
    return dom
  }

  /** @param flags `VIR_DOMAIN_AFFECT_LIVE` and `VIR_DOMAIN_AFFECT_CONFIG`, together or alone */
  attachDeviceFlags(domain: DomainRef, xml: string, flags: number, options?: CallOptions): Promise<void> {
    return this.#device(remote.domainAttachDeviceFlags, domain, xml, flags, options)
  }

  /**
   * Changes a device, for instance what lies in a drive.
   * @param flags `VIR_DOMAIN_AFFECT_LIVE` and `VIR_DOMAIN_AFFECT_CONFIG`, and `VIR_DOMAIN_DEVICE_MODIFY_FORCE`
   */
  updateDeviceFlags(domain: DomainRef, xml: string, flags: number, options?: CallOptions): Promise<void> {
    return this.#device(remote.domainUpdateDeviceFlags, domain, xml, flags, options)
  }

  /** A guest may take its time: after the live half returned well the device may still be there. */
  detachDeviceFlags(domain: DomainRef, xml: string, flags: number, options?: CallOptions): Promise<void> {
    return this.#device(remote.domainDetachDeviceFlags, domain, xml, flags, options)
  }

  /** @param flags `VIR_DOMAIN_UNDEFINE_*`: without them it refuses when there is saved memory, NVRAM or a snapshot */
  undefineFlags(domain: DomainRef, flags = 0, options?: CallOptions): Promise<void> {
    return this.#flagged(remote.domainUndefineFlags, domain, flags, options)
  }

  async #device(
    procedure: Procedure<
      { readonly dom: RemoteNonnullDomain; readonly xml: string; readonly flags: number },
      undefined
    >,
    domain: DomainRef,
    xml: string,
    flags: number,
    options: CallOptions | undefined,
  ): Promise<void> {
    await this.#lifecycle.call(procedure, { dom: domain, xml, flags }, slow(domain, options))
  }

  async #flagged(
    procedure: Procedure<{ readonly dom: RemoteNonnullDomain; readonly flags: number }, undefined>,
    domain: DomainRef,
    flags: number,
    options: CallOptions | undefined,
  ): Promise<void> {
    await this.#lifecycle.call(procedure, { dom: domain, flags }, slow(domain, options))
  }
}

const slow = (domain: DomainRef, options: CallOptions = {}): CallOptions => ({
  lane: domain.uuid,
  via: 'long',
  deadlineMs: LONG_MS,
  ...options,
})
