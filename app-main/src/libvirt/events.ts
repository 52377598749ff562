/** What a daemon tells by itself. */
import { Emitter } from '../base/emitter.ts'
import type { Caller } from './caller.ts'
import { isDenied, isUnsupported } from './errors.ts'
import * as constants from './generated/constants.ts'
import { qemuConnectDomainMonitorEventRegister, qemuDomainMonitorEvent } from './generated/qemu.ts'
import * as messages from './generated/remote-events.ts'
import * as remote from './generated/remote-procedures.ts'
import type { DomainRef, NetworkRef, StoragePoolRef } from './refs.ts'
import type { Rpc } from './rpc.ts'

/** `event` is `VIR_DOMAIN_EVENT_STARTED`…, `detail` its reason. */
export interface DomainLifecycleEvent {
  readonly domain: DomainRef
  readonly event: number
  readonly detail: number
}

/** `state` is `VIR_CONNECT_DOMAIN_EVENT_AGENT_LIFECYCLE_STATE_*`. */
export interface AgentLifecycleEvent {
  readonly domain: DomainRef
  readonly state: number
  readonly reason: number
}

/** Somebody in the guest opened or closed a virtio port; `alias` is the channel's. libvirt tells it only in QEMU's words. */
export interface PortEvent {
  readonly domain: DomainRef
  readonly alias: string
  readonly open: boolean
}

export interface DeviceEvent {
  readonly domain: DomainRef
  readonly alias: string
}

/** `type` is `VIR_DOMAIN_METADATA_*`. */
export interface MetadataChangeEvent {
  readonly domain: DomainRef
  readonly type: number
  readonly namespace: string | null
}

/** `status` is `VIR_DOMAIN_BLOCK_JOB_COMPLETED`… */
export interface BlockJobEvent {
  readonly domain: DomainRef
  readonly disk: string
  readonly type: number
  readonly status: number
}

/** A disk failed; `action` says what the hypervisor did: `VIR_DOMAIN_EVENT_IO_ERROR_*`. */
export interface IoErrorEvent {
  readonly domain: DomainRef
  readonly path: string
  readonly alias: string
  readonly action: number
  readonly reason: string
}

export interface NetworkLifecycleEvent {
  readonly network: NetworkRef
  readonly event: number
  readonly detail: number
}

export interface StoragePoolLifecycleEvent {
  readonly pool: StoragePoolRef
  readonly event: number
  readonly detail: number
}

const DOMAIN_EVENTS = [
  constants.VIR_DOMAIN_EVENT_ID_LIFECYCLE,
  constants.VIR_DOMAIN_EVENT_ID_REBOOT,
  constants.VIR_DOMAIN_EVENT_ID_BALLOON_CHANGE,
  constants.VIR_DOMAIN_EVENT_ID_IO_ERROR_REASON,
  constants.VIR_DOMAIN_EVENT_ID_DEVICE_ADDED,
  constants.VIR_DOMAIN_EVENT_ID_DEVICE_REMOVED,
  constants.VIR_DOMAIN_EVENT_ID_BLOCK_JOB_2,
  constants.VIR_DOMAIN_EVENT_ID_AGENT_LIFECYCLE,
  constants.VIR_DOMAIN_EVENT_ID_METADATA_CHANGE,
  constants.VIR_DOMAIN_EVENT_ID_JOB_COMPLETED,
] as const

const PORT_EVENT = 'VSERPORT_CHANGE'

/** QEMU's own words, as JSON; what reads differently is no news of a port. */
const portChange = (details: string | null): { alias: string; open: boolean } | null => {
  try {
    const told: unknown = JSON.parse(details ?? '')
    if (typeof told !== 'object' || told === null || !('id' in told) || !('open' in told)) return null
    return typeof told.id === 'string' && typeof told.open === 'boolean' ? { alias: told.id, open: told.open } : null
  } catch {
    return null
  }
}

/**
 * Events of one connection. Listening is local and costs nothing; `subscribe` is what asks the daemon to tell. What it
 * told before the subscription is lost, so subscribe first and list after.
 */
export class Events {
  readonly #caller: Caller
  readonly #lifecycle = new Emitter<DomainLifecycleEvent>()
  readonly #reboot = new Emitter<DomainRef>()
  readonly #balloon = new Emitter<{ domain: DomainRef; actualKiB: number }>()
  readonly #ioError = new Emitter<IoErrorEvent>()
  readonly #deviceAdded = new Emitter<DeviceEvent>()
  readonly #deviceRemoved = new Emitter<DeviceEvent>()
  readonly #blockJob = new Emitter<BlockJobEvent>()
  readonly #agent = new Emitter<AgentLifecycleEvent>()
  readonly #port = new Emitter<PortEvent>()
  readonly #metadata = new Emitter<MetadataChangeEvent>()
  readonly #jobCompleted = new Emitter<DomainRef>()
  readonly #network = new Emitter<NetworkLifecycleEvent>()
  readonly #pool = new Emitter<StoragePoolLifecycleEvent>()
  readonly #poolRefresh = new Emitter<StoragePoolRef>()

  readonly onDomainLifecycle = this.#lifecycle.event
  readonly onDomainReboot = this.#reboot.event
  readonly onDomainBalloonChange = this.#balloon.event
  readonly onDomainIoError = this.#ioError.event
  readonly onDomainDeviceAdded = this.#deviceAdded.event
  readonly onDomainDeviceRemoved = this.#deviceRemoved.event
  readonly onDomainBlockJob = this.#blockJob.event
  readonly onDomainAgentLifecycle = this.#agent.event
  /** QEMU only, and only on a connection that may change things. */
  readonly onDomainPort = this.#port.event
  readonly onDomainMetadataChange = this.#metadata.event
  readonly onDomainJobCompleted = this.#jobCompleted.event
  readonly onNetworkLifecycle = this.#network.event
  readonly onStoragePoolLifecycle = this.#pool.event
  readonly onStoragePoolRefresh = this.#poolRefresh.event

  constructor(caller: Caller, rpc: Rpc) {
    this.#caller = caller
    this.#hearDomains(rpc)
    this.#hearOthers(rpc)
  }

  /**
   * Asks for all events of domains, networks and pools that this daemon has. Gives the ids of the domain events it
   * refused (`VIR_DOMAIN_EVENT_ID_*`): older daemons and other drivers have fewer.
   */
  async subscribe(): Promise<{ refused: number[] }> {
    const refused: number[] = []
    const register = async (call: Promise<unknown>, eventId?: number) => {
      try {
        await call
      } catch (error) {
        if (!isUnsupported(error) && !isDenied(error)) throw error
        if (eventId !== undefined) refused.push(eventId)
      }
    }
    await Promise.all([
      ...DOMAIN_EVENTS.map(eventID =>
        register(this.#caller.call(remote.connectDomainEventCallbackRegisterAny, { eventID, dom: null }), eventID),
      ),
      register(this.#caller.call(qemuConnectDomainMonitorEventRegister, { dom: null, event: PORT_EVENT, flags: 0 })),
      register(this.#caller.call(remote.connectNetworkEventRegisterAny, { eventID: 0, net: null })),
      register(this.#caller.call(remote.connectStoragePoolEventRegisterAny, { eventID: 0, pool: null })),
      register(this.#caller.call(remote.connectStoragePoolEventRegisterAny, { eventID: 1, pool: null })),
    ])
    return { refused }
  }

  #hearDomains(rpc: Rpc): void {
    rpc.on(messages.domainEventCallbackLifecycle, ({ msg }) =>
      this.#lifecycle.fire({ domain: msg.dom, event: msg.event, detail: msg.detail }),
    )
    rpc.on(messages.domainEventCallbackReboot, ({ msg }) => this.#reboot.fire(msg.dom))
    rpc.on(messages.domainEventCallbackBalloonChange, ({ msg }) =>
      this.#balloon.fire({ domain: msg.dom, actualKiB: Number(msg.actual) }),
    )
    rpc.on(messages.domainEventCallbackIoErrorReason, ({ msg }) =>
      this.#ioError.fire({
        domain: msg.dom,
        path: msg.srcPath,
        alias: msg.devAlias,
        action: msg.action,
        reason: msg.reason,
      }),
    )
    rpc.on(messages.domainEventCallbackDeviceAdded, ({ dom, devAlias }) =>
      this.#deviceAdded.fire({ domain: dom, alias: devAlias }),
    )
    rpc.on(messages.domainEventCallbackDeviceRemoved, ({ msg }) =>
      this.#deviceRemoved.fire({ domain: msg.dom, alias: msg.devAlias }),
    )
    rpc.on(messages.domainEventBlockJob2, ({ dom, dst, type, status }) =>
      this.#blockJob.fire({ domain: dom, disk: dst, type, status }),
    )
    rpc.on(messages.domainEventCallbackAgentLifecycle, ({ dom, state, reason }) =>
      this.#agent.fire({ domain: dom, state, reason }),
    )
    rpc.on(qemuDomainMonitorEvent, ({ dom, event, details }) => {
      const change = event === PORT_EVENT ? portChange(details) : null
      if (change !== null) this.#port.fire({ domain: dom, ...change })
    })
    rpc.on(messages.domainEventCallbackMetadataChange, ({ dom, type, nsuri }) =>
      this.#metadata.fire({ domain: dom, type, namespace: nsuri }),
    )
    rpc.on(messages.domainEventCallbackJobCompleted, ({ dom }) => this.#jobCompleted.fire(dom))
  }

  #hearOthers(rpc: Rpc): void {
    rpc.on(messages.networkEventLifecycle, ({ net, event, detail }) =>
      this.#network.fire({ network: net, event, detail }),
    )
    rpc.on(messages.storagePoolEventLifecycle, ({ pool, event, detail }) => this.#pool.fire({ pool, event, detail }))
    rpc.on(messages.storagePoolEventRefresh, ({ pool }) => this.#poolRefresh.fire(pool))
  }
}
