/** The KVM Manager agent behind the one interface: its ten methods, and what the guest's own programs add to them. */
import {
  RemoteError,
  type ExecSpec,
  type GuestFeature,
  type GuestFeatureSheet,
  type GuestFilesystem,
  type GuestInterface,
  type GuestSystem,
  type GuestTelemetry,
  type ServiceAction,
} from '@vireo/app-main/contract'
import type { Asking, ExecInput, GuestAgent, WriteFile } from '../guest-agent.ts'
import { addressesOf, macOf } from '../network-text.ts'
import { plainText } from '../plain-text.ts'
import { pollTelemetry } from '../poll-telemetry.ts'
import { shellList, shellMakeDirectory, shellRemove, shellStat } from '../shell/directory.ts'
import { shellProcesses } from '../shell/processes.ts'
import { shellControlService, shellKill, shellServices, shellSetTime, shellTrim, shellUsers } from '../shell/system.ts'
import type { KvmManagerCommands } from './commands.ts'
import type { KvmManagerConversation } from './conversation.ts'
import { kvmManagerFeatures } from './features.ts'
import { KvmManagerFiles } from './files.ts'
import { KvmManagerMeasurements } from './measurements.ts'
import { DiskUsage, NetworkInfo, PowerResult, SystemInfo } from './methods.ts'

const text = (value: string): string | null => (value === '' || value === 'Unknown' ? null : plainText(value, 256))

export class KvmManagerAgent implements GuestAgent {
  readonly dialect = 'kvm-manager'
  readonly version: string
  readonly features: GuestFeatureSheet
  readonly closed: Promise<void>
  readonly #talk: KvmManagerConversation
  readonly #commands: KvmManagerCommands
  readonly #files: KvmManagerFiles
  readonly #measurements: KvmManagerMeasurements

  constructor(talk: KvmManagerConversation, commands: KvmManagerCommands, version: string) {
    this.#talk = talk
    this.#commands = commands
    this.version = plainText(version, 64)
    this.features = kvmManagerFeatures(commands)
    this.closed = talk.client.closed
    this.#files = new KvmManagerFiles(talk, commands)
    this.#measurements = new KvmManagerMeasurements(talk, commands, asking => this.filesystems(asking))
  }

  async system({ signal }: Asking): Promise<GuestSystem> {
    const info = await this.#talk.call('get_system_info', SystemInfo, {}, signal)
    return {
      hostname: text(info.hostname),
      osId: null,
      osName: text(info.os_name),
      osVersion: text(info.os_version),
      kernel: text(info.kernel_version),
      architecture: text(info.architecture),
      cpuCount: info.cpu_count,
      memoryBytes: info.total_memory_kb,
      uptimeSeconds: info.uptime_seconds,
      ...{ timezone: null, clockOffsetSeconds: null },
    }
  }

  async interfaces({ signal }: Asking): Promise<GuestInterface[]> {
    const { interfaces } = await this.#talk.call('get_network_info', NetworkInfo, {}, signal)
    return interfaces.map(one => ({
      name: plainText(one.name, 64),
      mac: macOf(one.mac_address ?? null),
      addresses: addressesOf([...one.ipv4_addresses, ...one.ipv6_addresses]),
      ...{ up: null, mtu: null, receivedBytes: null, sentBytes: null },
    }))
  }

  async filesystems({ signal }: Asking): Promise<GuestFilesystem[]> {
    const { filesystems } = await this.#talk.call('get_disk_usage', DiskUsage, {}, signal)
    return filesystems.map(one => ({
      mountPoint: plainText(one.mount_point, 4096),
      device: text(one.device),
      type: text(one.fs_type),
      totalBytes: one.total_bytes,
      usedBytes: one.used_bytes,
      availableBytes: one.available_bytes,
    }))
  }

  async users(asking: Asking) {
    this.#need('users')
    return shellUsers(this.#commands, asking)
  }

  async processes(asking: Asking) {
    this.#need('processes')
    return shellProcesses(this.#commands, asking)
  }

  async kill(pid: number, signal: number, asking: Asking): Promise<void> {
    this.#need('kill')
    await shellKill(this.#commands, pid, signal, asking)
  }

  async services(asking: Asking) {
    this.#need('services')
    return shellServices(this.#commands, asking)
  }

  async controlService(name: string, action: ServiceAction, asking: Asking): Promise<void> {
    this.#need('service-control')
    await shellControlService(this.#commands, name, action, asking)
  }

  async telemetry(asking: Asking): Promise<GuestTelemetry> {
    return this.#measurements.measure(asking)
  }

  async watchTelemetry(
    intervalSeconds: number,
    listener: (sample: GuestTelemetry) => void,
    signal: AbortSignal,
  ): Promise<void> {
    await pollTelemetry(asking => this.#measurements.measure(asking), intervalSeconds, listener, signal)
  }

  async exec(spec: ExecSpec, input: ExecInput, asking: Asking) {
    if (spec.user !== undefined) this.#need('exec-user')
    return this.#commands.exec(spec, input, asking)
  }

  async readFile(path: string, offset: number, length: number, asking: Asking) {
    return this.#files.read(path, offset, length, asking)
  }

  async writeFile(file: WriteFile, asking: Asking): Promise<number> {
    return this.#files.write(file, asking)
  }

  async list(path: string, asking: Asking) {
    this.#need('directory')
    return shellList(this.#commands, path, asking)
  }

  async stat(path: string, asking: Asking) {
    this.#need('directory')
    return shellStat(this.#commands, path, asking)
  }

  async makeDirectory(path: string, options: { parents: boolean; mode?: number }, asking: Asking): Promise<void> {
    this.#need('directory')
    await shellMakeDirectory(this.#commands, path, options, asking)
  }

  async remove(path: string, options: { recursive: boolean }, asking: Asking): Promise<void> {
    this.#need('directory')
    await shellRemove(this.#commands, path, options, asking)
  }

  async syncTime(asking: Asking): Promise<void> {
    this.#need('time')
    await shellSetTime(this.#commands, asking)
  }

  async trim(asking: Asking): Promise<number> {
    this.#need('trim')
    return shellTrim(this.#commands, asking)
  }

  async setPassword(): Promise<never> {
    throw this.#unsupported('password')
  }

  async sshKeys(): Promise<never> {
    throw this.#unsupported('ssh-keys')
  }

  async setSshKeys(): Promise<never> {
    throw this.#unsupported('ssh-keys')
  }

  async disks(): Promise<never> {
    throw this.#unsupported('disks')
  }

  async cpus(): Promise<never> {
    throw this.#unsupported('vcpus')
  }

  async setCpus(): Promise<never> {
    throw this.#unsupported('vcpus')
  }

  async freeze(): Promise<never> {
    throw this.#unsupported('freeze')
  }

  async thaw(): Promise<never> {
    throw this.#unsupported('freeze')
  }

  /** Its own default would be in a minute: 0 is now. */
  async shutdown(mode: 'poweroff' | 'reboot' | 'halt', { signal }: Asking): Promise<void> {
    if (mode === 'halt') throw new RemoteError({ kind: 'unsupported', message: 'This agent cannot halt the guest.' })
    const method = mode === 'reboot' ? 'reboot' : 'shutdown'
    try {
      await this.#talk.call(method, PowerResult, { timeout_seconds: 0, force: false }, signal)
    } catch (error) {
      // The guest may be gone before its answer.
      if (!(error instanceof RemoteError) || error.detail.kind !== 'connection') throw error
    }
  }

  close(): void {
    this.#talk.client.close()
  }

  #need(feature: GuestFeature): void {
    if (this.features[feature] !== undefined) throw this.#unsupported(feature)
  }

  #unsupported(feature: GuestFeature): RemoteError {
    const message = this.features[feature] ?? 'The guest agent cannot do this.'
    return new RemoteError({ kind: 'unsupported', message })
  }
}
