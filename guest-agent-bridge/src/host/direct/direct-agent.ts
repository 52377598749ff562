/** The hypervisor's own way into a machine behind the interface that agents have: files and commands by it, the rest by scripts. */
import {
  RemoteError,
  type ExecEnd,
  type ExecSpec,
  type GuestDialect,
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
  type ServiceAction,
} from '@vireo/app-main/contract'
import type { Asking, ExecInput, FileChunk, Frozen, GuestAgent, WriteFile } from '../guest-agent.ts'
import * as directory from '../qemu-ga/directory.ts'
import { replaceFile } from '../qemu-ga/write-file.ts'
import { output, shellFailure, type GuestShell } from '../shell/guest-shell.ts'
import { measuredInterfaces, MEASURE_SCRIPT, readMeasure } from '../shell/measure.ts'
import { shellProcesses } from '../shell/processes.ts'
import { shellControlService, shellKill, shellServices, shellUsers } from '../shell/system.ts'
import { directExec } from './direct-exec.ts'
import { DirectReader } from './direct-reader.ts'
import { directShell } from './direct-shell.ts'
import type { DirectWay } from './direct-way.ts'
import { filesystems, system } from './facts.ts'

const NEVER: GuestFeatureSheet = {
  telemetry: 'The hypervisor measures it from the outside.',
  'resume-upload': 'An interrupted upload starts anew.',
  time: 'Its clock is its host’s.',
  password: 'Set it with a command, for instance passwd.',
  'ssh-keys': 'Edit the user’s .ssh/authorized_keys.',
  freeze: 'Its filesystems are its host’s.',
  trim: 'Its filesystems are its host’s.',
  disks: 'Its disks are seen from the outside.',
  vcpus: 'Its processors are set from the outside.',
  shutdown: 'It is shut down from the outside.',
}

const SCRIPTED: readonly GuestFeature[] = [
  ...(['system', 'network', 'filesystems', 'users', 'processes', 'kill', 'services', 'service-control'] as const),
  ...(['exec-user', 'write-file', 'directory'] as const),
]
const NO_SHELL = 'There is no /bin/sh in the machine.'
const NO_SYSTEMD = 'The machine has no systemd.'
const NO_WHO = 'The machine has no program “who”.'

/** `$(…)` tells what is there; its own end tells that there is a shell. */
const PROBE = 'for one in systemctl who; do if command -v "$one" >/dev/null; then echo "$one"; fi; done'

const featuresOf = async (shell: GuestShell, asking: Asking): Promise<GuestFeatureSheet> => {
  const probed = await shell.run(PROBE, [], asking).catch((error: unknown) => {
    if (error instanceof RemoteError && error.detail.kind === 'not-found') return null
    throw error
  })
  // 127 is a shell's word for a program that is not there.
  if (probed === null || probed.code === 127 || probed.code === 126)
    return { ...NEVER, ...Object.fromEntries(SCRIPTED.map(feature => [feature, NO_SHELL])) }
  if (probed.code !== 0) throw shellFailure(probed)
  const has = probed.stdout.split('\n')
  return {
    ...NEVER,
    ...(has.includes('systemctl') ? {} : { services: NO_SYSTEMD, 'service-control': NO_SYSTEMD }),
    ...(has.includes('who') ? {} : { users: NO_WHO }),
  }
}

/** Looks whether the way is open. Rejects with why it is not. */
export const openDirect = async (way: DirectWay, asking: Asking): Promise<GuestAgent> => {
  const shell = directShell(way)
  return new DirectAgent(way, shell, await featuresOf(shell, asking))
}

class DirectAgent implements GuestAgent {
  readonly dialect: GuestDialect
  readonly version = null
  readonly features: GuestFeatureSheet
  readonly closed: Promise<void>
  readonly #way: DirectWay
  readonly #shell: GuestShell
  readonly #reader: DirectReader
  #end: () => void = () => undefined

  constructor(way: DirectWay, shell: GuestShell, features: GuestFeatureSheet) {
    this.dialect = way.dialect
    this.features = features
    this.closed = new Promise(resolve => (this.#end = resolve))
    this.#way = way
    this.#shell = shell
    this.#reader = new DirectReader(way)
  }

  async system(asking: Asking): Promise<GuestSystem> {
    this.#require('system')
    return system(this.#shell, asking)
  }

  async interfaces(asking: Asking): Promise<GuestInterface[]> {
    this.#require('network')
    const { netDev, addresses } = readMeasure(await output(this.#shell, MEASURE_SCRIPT, [], asking))
    return measuredInterfaces(netDev, addresses)
  }

  async filesystems(asking: Asking): Promise<GuestFilesystem[]> {
    this.#require('filesystems')
    return filesystems(this.#shell, asking)
  }

  async users(asking: Asking): Promise<GuestUser[]> {
    this.#require('users')
    return shellUsers(this.#shell, asking)
  }

  async processes(asking: Asking): Promise<GuestProcess[]> {
    this.#require('processes')
    return shellProcesses(this.#shell, asking)
  }

  async kill(pid: number, signal: number, asking: Asking): Promise<void> {
    this.#require('kill')
    await shellKill(this.#shell, pid, signal, asking)
  }

  async services(asking: Asking): Promise<GuestService[]> {
    this.#require('services')
    return shellServices(this.#shell, asking)
  }

  async controlService(name: string, action: ServiceAction, asking: Asking): Promise<void> {
    this.#require('service-control')
    await shellControlService(this.#shell, name, action, asking)
  }

  async telemetry(): Promise<GuestTelemetry> {
    throw this.#refusal('telemetry')
  }

  async watchTelemetry(): Promise<void> {
    throw this.#refusal('telemetry')
  }

  async exec(spec: ExecSpec, input: ExecInput, asking: Asking): Promise<ExecEnd> {
    this.#require(spec.user === undefined ? 'exec' : 'exec-user')
    return directExec(this.#way, this.#shell, spec, input, asking)
  }

  async readFile(path: string, offset: number, length: number, asking: Asking): Promise<FileChunk> {
    return this.#reader.read(directory.checkedPath(path), offset, length, asking)
  }

  async writeFile(file: WriteFile, asking: Asking): Promise<number> {
    this.#require('write-file')
    return replaceFile(this.#shell, file, asking, async path => {
      let written = 0
      const counted = async function* () {
        for await (const bytes of file.content) {
          written += bytes.length
          yield bytes
        }
      }
      await this.#way.fill(path, counted(), asking)
      return written
    })
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

  async syncTime(): Promise<void> {
    throw this.#refusal('time')
  }

  async setPassword(): Promise<void> {
    throw this.#refusal('password')
  }

  async sshKeys(): Promise<string[]> {
    throw this.#refusal('ssh-keys')
  }

  async setSshKeys(): Promise<void> {
    throw this.#refusal('ssh-keys')
  }

  async disks(): Promise<never> {
    throw this.#refusal('disks')
  }

  async cpus(): Promise<never> {
    throw this.#refusal('vcpus')
  }

  async setCpus(): Promise<never> {
    throw this.#refusal('vcpus')
  }

  async freeze(): Promise<Frozen> {
    throw this.#refusal('freeze')
  }

  async thaw(): Promise<number> {
    throw this.#refusal('freeze')
  }

  async trim(): Promise<number | null> {
    throw this.#refusal('trim')
  }

  async shutdown(): Promise<void> {
    throw this.#refusal('shutdown')
  }

  close(): void {
    this.#reader.dispose()
    this.#end()
  }

  #require(feature: GuestFeature): void {
    if (this.features[feature] !== undefined) throw this.#refusal(feature)
  }

  #refusal(feature: GuestFeature): RemoteError {
    return new RemoteError({ kind: 'unsupported', message: this.features[feature] ?? 'It cannot do this.' })
  }
}
