/** Calls about the host and the daemon itself. */
import type { Caller } from './caller.ts'
import * as remote from './generated/remote-procedures.ts'
import type { CallOptions } from './pending-call.ts'

export interface NodeInfo {
  /** CPU architecture, for instance `x86_64`. */
  readonly model: string
  readonly memoryKiB: number
  /** Logical processors. */
  readonly cpus: number
  readonly mhz: number
  readonly nodes: number
  readonly sockets: number
  readonly cores: number
  readonly threads: number
}

export interface DomainCapabilitiesQuery {
  readonly emulator?: string
  readonly arch?: string
  readonly machine?: string
  readonly virtType?: string
}

const ALL_CELLS = -1
const AVAILABLE: ReadonlySet<string> = new Set(['free', 'buffers', 'cached'])

/** Domain capabilities make the daemon start QEMU once. */
const PROBE_MS = 60_000

export class NodeCalls {
  readonly #caller: Caller

  constructor(caller: Caller) {
    this.#caller = caller
  }

  async getInfo(options?: CallOptions): Promise<NodeInfo> {
    const { memory, ...info } = await this.#caller.call(remote.nodeGetInfo, undefined, options)
    return { ...info, memoryKiB: Number(memory) }
  }

  /**
   * What programs could have of the host's memory now: free, and what merely speeds files up; KiB.
   * Null where the daemon does not tell.
   */
  async getAvailableMemory(options?: CallOptions): Promise<number | null> {
    const args = { cellNum: ALL_CELLS, flags: 0 }
    // Asked for none it tells how many there are, and it wants to be asked for just as many.
    const { nparams } = await this.#caller.call(remote.nodeGetMemoryStats, { ...args, nparams: 0 }, options)
    const { params } = await this.#caller.call(remote.nodeGetMemoryStats, { ...args, nparams }, options)
    const figures = params.filter(({ field }) => AVAILABLE.has(field))
    return figures.length === 0 ? null : figures.reduce((sum, { value }) => sum + Number(value), 0)
  }

  async getHostname(options?: CallOptions): Promise<string> {
    return (await this.#caller.call(remote.connectGetHostname, undefined, options)).hostname
  }

  /** Version of the daemon, dotted. */
  async getLibVersion(options?: CallOptions): Promise<string> {
    return dotted((await this.#caller.call(remote.connectGetLibVersion, undefined, options)).lib_ver)
  }

  /** Version of the hypervisor, dotted. @throws {LibvirtError} isUnsupported where it has none */
  async getVersion(options?: CallOptions): Promise<string> {
    return dotted((await this.#caller.call(remote.connectGetVersion, undefined, options)).hv_ver)
  }

  /** Name of the hypervisor, for instance `QEMU`. */
  async getType(options?: CallOptions): Promise<string> {
    return (await this.#caller.call(remote.connectGetType, undefined, options)).type
  }

  async getUri(options?: CallOptions): Promise<string> {
    return (await this.#caller.call(remote.connectGetUri, undefined, options)).uri
  }

  /** XML. */
  async getCapabilities(options?: CallOptions): Promise<string> {
    const patient = { deadlineMs: PROBE_MS, ...options }
    return (await this.#caller.call(remote.connectGetCapabilities, undefined, patient)).capabilities
  }

  /** XML. */
  async getDomainCapabilities(query: DomainCapabilitiesQuery = {}, options?: CallOptions): Promise<string> {
    const args = {
      emulatorbin: query.emulator ?? null,
      arch: query.arch ?? null,
      machine: query.machine ?? null,
      virttype: query.virtType ?? null,
      flags: 0,
    }
    const patient = { deadlineMs: PROBE_MS, ...options }
    return (await this.#caller.call(remote.connectGetDomainCapabilities, args, patient)).capabilities
  }
}

/** libvirt codes a version as major * 1,000,000 + minor * 1,000 + release. */
const dotted = (version: bigint): string => {
  const value = Number(version)
  return [Math.trunc(value / 1_000_000), Math.trunc(value / 1000) % 1000, value % 1000].join('.')
}
