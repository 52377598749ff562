/** Calls about domains, named after libvirt's functions. Flags are libvirt's own numbers (`constants`). */
import type { Duplex } from 'node:stream'
import type { Caller } from './caller.ts'
import { DomainLifecycle } from './domain-lifecycle.ts'
import {
  VIR_CONNECT_GET_ALL_DOMAINS_STATS_NOWAIT,
  VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_AGENT,
} from './generated/constants.ts'
import * as qemu from './generated/qemu.ts'
import * as remote from './generated/remote-procedures.ts'
import type { RemoteDomainInterface, RemoteTypedParam } from './generated/remote-types.ts'
import type { CallOptions } from './pending-call.ts'
import type { DomainRef } from './refs.ts'

/** State and reason are libvirt's numbers: `VIR_DOMAIN_RUNNING`, `VIR_DOMAIN_RUNNING_BOOTED`… */
export interface DomainStateReport {
  readonly state: number
  readonly reason: number
}

export interface DomainInfo {
  readonly state: number
  readonly maxMemoryKiB: number
  readonly memoryKiB: number
  readonly vcpus: number
  readonly cpuTimeNanoseconds: bigint
}

/** Bytes. `physical` is what the file or device takes, `allocation` the highest byte written. */
export interface BlockInfo {
  readonly capacity: number
  readonly allocation: number
  readonly physical: number
}

/** One domain's statistics by libvirt's names, for instance `balloon.current` or `block.0.rd.bytes`. */
export interface DomainStatsRecord {
  readonly domain: DomainRef
  readonly params: readonly RemoteTypedParam[]
}

export interface StatsOptions extends CallOptions {
  /** Groups, `VIR_DOMAIN_STATS_*`; 0 for all. */
  readonly stats?: number
  /** Without a value, busy domains are not waited for (their record is shorter). */
  readonly flags?: number
}

/** Of the four calls in flight, one stays free for everything else. */
const STATS_SIDE_BY_SIDE = 3

/** Where `interfaceAddresses` asks: `VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_*`. */
export type AddressSource = number

export class DomainCalls extends DomainLifecycle {
  readonly #caller: Caller

  constructor(caller: Caller) {
    super(caller)
    this.#caller = caller
  }

  /** virConnectListAllDomains. @param flags `VIR_CONNECT_LIST_DOMAINS_*`, 0 for all */
  async listAll(flags = 0, options?: CallOptions): Promise<DomainRef[]> {
    const { domains } = await this.#caller.call(remote.connectListAllDomains, { need_results: 1, flags }, options)
    return [...domains]
  }

  /** virConnectGetAllDomainStats. */
  getAllStats(options: StatsOptions = {}): Promise<DomainStatsRecord[]> {
    return this.#stats([], options)
  }

  /**
   * virDomainListGetStats. Within one request the daemon asks one QEMU after the other, so these domains are shared
   * out over requests that run side by side.
   */
  async listGetStats(domains: readonly DomainRef[], options: StatsOptions = {}): Promise<DomainStatsRecord[]> {
    const size = Math.ceil(domains.length / STATS_SIDE_BY_SIDE)
    const parts: Promise<DomainStatsRecord[]>[] = []
    for (let at = 0; at < domains.length; at += size) parts.push(this.#stats(domains.slice(at, at + size), options))
    return (await Promise.all(parts)).flat()
  }

  async #stats(domains: readonly DomainRef[], options: StatsOptions): Promise<DomainStatsRecord[]> {
    const args = {
      doms: domains,
      stats: options.stats ?? 0,
      flags: options.flags ?? VIR_CONNECT_GET_ALL_DOMAINS_STATS_NOWAIT,
    }
    const { retStats } = await this.#caller.call(remote.connectGetAllDomainStats, args, options)
    return retStats.map(({ dom, params }) => ({ domain: dom, params }))
  }

  /** @throws {LibvirtError} isNotFound */
  async lookupByUuid(uuid: string, options?: CallOptions): Promise<DomainRef> {
    const { dom } = await this.#caller.call(remote.domainLookupByUuid, { uuid }, options)
    return dom
  }

  /** @throws {LibvirtError} isNotFound */
  async lookupByName(name: string, options?: CallOptions): Promise<DomainRef> {
    const { dom } = await this.#caller.call(remote.domainLookupByName, { name }, options)
    return dom
  }

  /** @param flags `VIR_DOMAIN_XML_*`, for instance `VIR_DOMAIN_XML_INACTIVE` */
  async getXmlDesc(domain: DomainRef, flags = 0, options?: CallOptions): Promise<string> {
    const args = { dom: domain, flags }
    const { xml } = await this.#caller.call(remote.domainGetXmlDesc, args, lane(domain, options))
    return xml
  }

  async getInfo(domain: DomainRef, options?: CallOptions): Promise<DomainInfo> {
    const args = { dom: domain }
    const info = await this.#caller.call(remote.domainGetInfo, args, lane(domain, options))
    return {
      state: info.state,
      maxMemoryKiB: Number(info.maxMem),
      memoryKiB: Number(info.memory),
      vcpus: info.nrVirtCpu,
      cpuTimeNanoseconds: info.cpuTime,
    }
  }

  getState(domain: DomainRef, options?: CallOptions): Promise<DomainStateReport> {
    return this.#caller.call(remote.domainGetState, { dom: domain, flags: 0 }, lane(domain, options))
  }

  async getAutostart(domain: DomainRef, options?: CallOptions): Promise<boolean> {
    const args = { dom: domain }
    return (await this.#caller.call(remote.domainGetAutostart, args, lane(domain, options))).autostart !== 0
  }

  async isPersistent(domain: DomainRef, options?: CallOptions): Promise<boolean> {
    const args = { dom: domain }
    return (await this.#caller.call(remote.domainIsPersistent, args, lane(domain, options))).persistent !== 0
  }

  async hasManagedSaveImage(domain: DomainRef, options?: CallOptions): Promise<boolean> {
    const args = { dom: domain, flags: 0 }
    return (await this.#caller.call(remote.domainHasManagedSaveImage, args, lane(domain, options))).result !== 0
  }

  async snapshotNum(domain: DomainRef, flags = 0, options?: CallOptions): Promise<number> {
    const args = { dom: domain, flags }
    return (await this.#caller.call(remote.domainSnapshotNum, args, lane(domain, options))).num
  }

  async interfaceAddresses(
    domain: DomainRef,
    source: AddressSource,
    options?: CallOptions,
  ): Promise<readonly RemoteDomainInterface[]> {
    const args = { dom: domain, source, flags: 0 }
    const via = source === VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_AGENT ? 'agent' : 'main'
    return (await this.#caller.call(remote.domainInterfaceAddresses, args, lane(domain, { via, ...options }))).ifaces
  }

  /** @param path target (`vda`) or source of the disk */
  async getBlockInfo(domain: DomainRef, path: string, options?: CallOptions): Promise<BlockInfo> {
    const args = { dom: domain, path, flags: 0 }
    const info = await this.#caller.call(remote.domainGetBlockInfo, args, lane(domain, options))
    return {
      capacity: Number(info.capacity),
      allocation: Number(info.allocation),
      physical: Number(info.physical),
    }
  }

  /**
   * Sends one JSON command to the QEMU guest agent and gives its answer.
   * @param options.timeoutSeconds how long the daemon waits for the guest
   * @throws {LibvirtError} isAgentUnresponsive
   */
  async agentCommand(
    domain: DomainRef,
    command: string,
    options: CallOptions & { timeoutSeconds?: number } = {},
  ): Promise<string> {
    const timeout = options.timeoutSeconds ?? 5
    const args = { dom: domain, cmd: command, timeout, flags: 0 }
    const patient = { via: 'agent' as const, deadlineMs: (timeout + 5) * 1000, ...options }
    const { result } = await this.#caller.call(qemu.qemuDomainAgentCommand, args, lane(domain, patient))
    return result ?? ''
  }

  /**
   * @param alias which console, for instance `serial0`; the first when absent
   * @param flags `VIR_DOMAIN_CONSOLE_SAFE` or `VIR_DOMAIN_CONSOLE_FORCE`
   * @throws {LibvirtError} isBusyStream
   */
  async openConsole(domain: DomainRef, alias?: string, flags = 0, options?: CallOptions): Promise<Duplex> {
    const args = { dom: domain, dev_name: alias ?? null, flags }
    return (await this.#caller.openStream(remote.domainOpenConsole, args, options)).stream
  }

  /**
   * @param name of the virtio port, for instance `org.vireo.agent.0`
   * @param flags `VIR_DOMAIN_CHANNEL_FORCE` takes it from whoever has it
   * @throws {LibvirtError} isBusyStream
   */
  async openChannel(domain: DomainRef, name: string, flags = 0, options?: CallOptions): Promise<Duplex> {
    const args = { dom: domain, name, flags }
    return (await this.#caller.openStream(remote.domainOpenChannel, args, options)).stream
  }

  /** A picture of the screen. `mime` says how it is coded: QEMU gives `image/png` or `image/x-portable-pixmap`. */
  async screenshot(domain: DomainRef, screen = 0, options?: CallOptions): Promise<{ mime: string; stream: Duplex }> {
    const args = { dom: domain, screen, flags: 0 }
    const opened = await this.#caller.openStream(remote.domainScreenshot, args, { ...options, readOnly: true })
    return { mime: opened.result.mime ?? 'application/octet-stream', stream: opened.stream }
  }

  /**
   * A socket straight to the domain's VNC or SPICE server, on this computer only. Undefined where descriptors cannot be
   * received: then the address in the domain's XML is the way.
   */
  openGraphicsFd(domain: DomainRef, index = 0, flags = 0, options?: CallOptions): Promise<Duplex | undefined> {
    const args = { dom: domain, idx: index, flags }
    return this.#caller.receiveDescriptor(remote.domainOpenGraphicsFd, args, options)
  }
}

/** A domain's calls share a lane, so that a busy one does not delay the others. */
const lane = (domain: DomainRef, options: CallOptions = {}): CallOptions => ({ lane: domain.uuid, ...options })
