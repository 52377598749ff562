/** The distribution's own agent, behind the one interface. What it has no command for is done by small scripts it runs. */
import {
  RemoteError,
  type ExecEnd,
  type ExecSpec,
  type GuestCpu,
  type GuestDisk,
  type GuestEntry,
  type GuestFeature,
  type GuestFeatureSheet,
  type GuestFilesystem,
  type GuestInterface,
  type GuestProcess,
  type GuestService,
  type GuestSystem,
  type GuestTelemetry,
  type GuestUser,
} from '@vireo/app-main/contract'
import type {
  Asking,
  CpuChange,
  ExecInput,
  FileChunk,
  Frozen,
  GuestAgent,
  GuestLink,
  WriteFile,
} from '../guest-agent.ts'
import { output, type GuestShell } from '../shell/guest-shell.ts'
import { shellProcesses } from '../shell/processes.ts'
import * as cpus from './cpus.ts'
import * as directory from './directory.ts'
import { disks } from './disks.ts'
import { exec } from './exec.ts'
import { filesystemsOf, interfacesOf, usersOf } from './facts.ts'
import { Freezer } from './freeze.ts'
import { FileReader } from './read-file.ts'
import * as schema from './schema.ts'
import * as settings from './settings.ts'
import { qemuGaShell } from './shell.ts'
import { system } from './system.ts'
import { Talk } from './talk.ts'
import { Measurer } from './telemetry.ts'
import { writeFile } from './write-file.ts'

/** What was found when the conversation began. */
interface Known {
  readonly version: string | null
  readonly features: GuestFeatureSheet
  /** It has counters of the CPU itself. */
  readonly countsCpu: boolean
}

export class QemuGaAgent implements GuestAgent {
  readonly dialect = 'qemu-ga'
  readonly version: string | null
  readonly features: GuestFeatureSheet
  readonly closed: Promise<void>
  readonly #talk: Talk
  readonly #shell: GuestShell
  readonly #reader: FileReader
  readonly #freezer: Freezer
  readonly #measurer: Measurer

  constructor(link: GuestLink, { version, features, countsCpu }: Known) {
    const talk = new Talk(link)
    this.version = version
    this.features = features
    this.closed = talk.closed
    this.#talk = talk
    this.#shell = qemuGaShell(talk)
    const shell = features.exec === undefined ? this.#shell : null
    this.#reader = new FileReader(talk, shell)
    this.#freezer = new Freezer(() => new Talk(link), shell !== null && features.filesystems === undefined)
    this.#measurer = new Measurer(talk, {
      shell,
      filesystems: features.filesystems === undefined,
      interfaces: features.network === undefined,
      cpu: countsCpu,
    })
  }

  async system(asking: Asking): Promise<GuestSystem> {
    this.#require('system')
    return system(this.#talk, this.features.exec === undefined ? this.#shell : null, asking)
  }

  async interfaces(asking: Asking): Promise<GuestInterface[]> {
    this.#require('network')
    return interfacesOf(await this.#talk.ask('guest-network-get-interfaces', schema.interfaces, asking))
  }

  async filesystems(asking: Asking): Promise<GuestFilesystem[]> {
    this.#require('filesystems')
    return filesystemsOf(await this.#talk.ask('guest-get-fsinfo', schema.filesystems, asking))
  }

  async disks(asking: Asking): Promise<GuestDisk[]> {
    this.#require('disks')
    return disks(this.#talk, asking)
  }

  async users(asking: Asking): Promise<GuestUser[]> {
    this.#require('users')
    return usersOf(await this.#talk.ask('guest-get-users', schema.users, asking))
  }

  async processes(asking: Asking): Promise<GuestProcess[]> {
    this.#require('processes')
    return shellProcesses(this.#shell, asking)
  }

  async kill(pid: number, signal: number, asking: Asking): Promise<void> {
    this.#require('kill')
    if (!Number.isSafeInteger(pid) || pid < 1 || !Number.isSafeInteger(signal) || signal < 1 || signal > 64)
      throw new RemoteError({ kind: 'invalid-input', message: 'That is no process or no signal.' })
    await output(this.#shell, 'kill "-$1" "$2"', [String(signal), String(pid)], asking)
  }

  async services(): Promise<GuestService[]> {
    throw this.#refusal('services')
  }

  async controlService(): Promise<void> {
    throw this.#refusal('service-control')
  }

  async telemetry(asking: Asking): Promise<GuestTelemetry> {
    this.#require('telemetry')
    return this.#measurer.measure(asking)
  }

  async watchTelemetry(
    intervalSeconds: number,
    listener: (sample: GuestTelemetry) => void,
    signal: AbortSignal,
  ): Promise<void> {
    this.#require('telemetry')
    await this.#measurer.watch(intervalSeconds, listener, signal)
  }

  async exec(spec: ExecSpec, input: ExecInput, asking: Asking): Promise<ExecEnd> {
    this.#require(spec.user === undefined ? 'exec' : 'exec-user')
    return exec(this.#talk, spec, input, asking)
  }

  async readFile(path: string, offset: number, length: number, asking: Asking): Promise<FileChunk> {
    this.#require('read-file')
    return this.#reader.read(path, offset, length, asking)
  }

  async writeFile(file: WriteFile, asking: Asking): Promise<number> {
    this.#require('write-file')
    return writeFile(this.#talk, this.#shell, file, asking)
  }

  async list(path: string, asking: Asking): Promise<GuestEntry[]> {
    this.#require('directory')
    return directory.list(this.#shell, path, asking)
  }

  async stat(path: string, asking: Asking): Promise<GuestEntry> {
    this.#require('directory')
    return directory.stat(this.#shell, path, asking)
  }

  async makeDirectory(path: string, options: { parents: boolean; mode?: number }, asking: Asking): Promise<void> {
    this.#require('directory')
    await directory.makeDirectory(this.#shell, path, options, asking)
  }

  async remove(path: string, options: { recursive: boolean }, asking: Asking): Promise<void> {
    this.#require('directory')
    await directory.remove(this.#shell, path, options, asking)
  }

  async syncTime(asking: Asking): Promise<void> {
    this.#require('time')
    await settings.syncTime(this.#talk, asking)
  }

  async setPassword(user: string, password: string, asking: Asking): Promise<void> {
    this.#require('password')
    await settings.setPassword(this.#talk, user, password, asking)
  }

  async sshKeys(user: string, asking: Asking): Promise<string[]> {
    this.#require('ssh-keys')
    return settings.sshKeys(this.#talk, user, asking)
  }

  async setSshKeys(user: string, keys: readonly string[], asking: Asking): Promise<void> {
    this.#require('ssh-keys')
    await settings.setSshKeys(this.#talk, user, keys, asking)
  }

  async cpus(asking: Asking): Promise<GuestCpu[]> {
    this.#require('vcpus')
    return cpus.cpus(this.#talk, asking)
  }

  async setCpus(changes: readonly CpuChange[], asking: Asking): Promise<void> {
    this.#require('vcpus')
    await cpus.setCpus(this.#talk, changes, asking)
  }

  /** The guest thaws by itself where `autoThawAt` says so; else only as long as this program runs. */
  async freeze({ timeoutSeconds }: { timeoutSeconds: number }, asking: Asking): Promise<Frozen> {
    this.#require('freeze')
    return this.#freezer.freeze(timeoutSeconds, asking)
  }

  async thaw(_token: string | null, asking: Asking): Promise<number> {
    this.#require('freeze')
    return this.#freezer.thaw(asking)
  }

  async trim(asking: Asking): Promise<number | null> {
    this.#require('trim')
    return settings.trim(this.#talk, asking)
  }

  async shutdown(mode: 'poweroff' | 'reboot' | 'halt', asking: Asking): Promise<void> {
    this.#require('shutdown')
    await settings.shutdown(this.#talk, mode, asking)
  }

  close(): void {
    this.#reader.dispose()
    this.#talk.close()
  }

  #require(feature: GuestFeature): void {
    if (this.features[feature] !== undefined) throw this.#refusal(feature)
  }

  #refusal(feature: GuestFeature): RemoteError {
    return new RemoteError({ kind: 'unsupported', message: this.features[feature] ?? 'qemu-ga cannot do this.' })
  }
}
