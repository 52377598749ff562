/** The Vireo agent behind the one interface. */
import {
  RemoteError,
  type ExecSpec,
  type GuestFeature,
  type GuestFeatureSheet,
  type GuestTelemetry,
  type ServiceAction,
} from '@vireo/app-main/contract'
import * as m from '../../protocol/vireo/index.ts'
import type { Asking, ExecInput, Frozen, GuestAgent, WriteFile } from '../guest-agent.ts'
import { plainText } from '../plain-text.ts'
import { unlessAborted } from '../rpc-failure.ts'
import type { VireoConversation } from './conversation.ts'
import { ExecStreams } from './exec-streams.ts'
import { processOf, serviceOf, systemOf, telemetryOf, usersOf } from './facts.ts'
import { vireoFeatures } from './feature-sheet.ts'
import { FileTransfer, PIECE_BYTES } from './file-transfer.ts'
import { allPages } from './pages.ts'
import { TelemetryFeed } from './telemetry-feed.ts'

/** A pushed sample is fresh for so long. */
const FRESH_MS = 1500
/** The agent gives services 90 s. */
const SERVICE_MS = 100_000
/** Hooks of the guest run first. */
const FREEZE_MS = 120_000
const TRIM_MS = 600_000
const NEVER = new AbortController().signal
const PASSWORD_MS = 30_000

export class VireoAgent implements GuestAgent {
  readonly dialect = 'vireo'
  /** One more is on its way while the guest makes the next. */
  readonly readAhead = 2
  readonly version: string
  readonly features: GuestFeatureSheet
  readonly closed: Promise<void>
  readonly #talk: VireoConversation
  readonly #commands: ExecStreams
  readonly #files: FileTransfer
  readonly #telemetry: TelemetryFeed

  constructor(talk: VireoConversation, capabilities: m.AgentCapabilities) {
    this.#talk = talk
    this.version = plainText(capabilities.version, 64)
    this.features = vireoFeatures(capabilities)
    this.closed = talk.client.closed
    const chunkBytes = Math.max(1, capabilities.limits.max_chunk_bytes)
    this.#commands = new ExecStreams(talk, Math.min(chunkBytes, PIECE_BYTES))
    this.#files = new FileTransfer(talk, chunkBytes)
    this.#telemetry = new TelemetryFeed(talk)
  }

  async system({ signal }: Asking) {
    this.#need('system')
    const askedAt = Date.now()
    const info = await this.#talk.call(m.getSystemInfo, {}, { signal })
    return systemOf(info, askedAt, Date.now())
  }

  /** As measured: KVM Manager's methods for these two tell less. */
  async interfaces(asking: Asking) {
    this.#need('network')
    return (await this.telemetry(asking)).interfaces
  }

  async filesystems(asking: Asking) {
    this.#need('filesystems')
    return (await this.telemetry(asking)).filesystems
  }

  async users({ signal }: Asking) {
    this.#need('users')
    return usersOf(await this.#talk.call(m.usersList, {}, { signal }))
  }

  async processes({ signal }: Asking) {
    this.#need('processes')
    return allPages<ReturnType<typeof processOf>, number>(m.processList.name, async after => {
      const page = await this.#talk.call(m.processList, after === undefined ? {} : { after }, { signal })
      return { items: page.processes.map(processOf), next: page.next }
    })
  }

  async kill(pid: number, signalNumber: number, { signal }: Asking): Promise<void> {
    this.#need('kill')
    await this.#talk.call(m.processKill, { pid, signal: signalNumber }, { signal })
  }

  async services({ signal }: Asking) {
    this.#need('services')
    return allPages<ReturnType<typeof serviceOf>, string>(m.serviceList.name, async after => {
      const params = after === undefined ? {} : { after }
      const page = await this.#talk.call(m.serviceList, params, { signal, deadlineMs: 30_000 })
      return { items: page.services.map(serviceOf), next: page.next }
    })
  }

  async controlService(name: string, action: ServiceAction, { signal }: Asking): Promise<void> {
    this.#need('service-control')
    await this.#talk.call(m.serviceControl, { name, action }, { signal, deadlineMs: SERVICE_MS })
  }

  async telemetry({ signal }: Asking): Promise<GuestTelemetry> {
    this.#need('telemetry')
    const { latest } = this.#telemetry
    if (latest && Math.abs(Date.now() - latest.at) < FRESH_MS) return latest
    return telemetryOf(await this.#talk.call(m.telemetryGet, {}, { signal }), Date.now())
  }

  async watchTelemetry(
    intervalSeconds: number,
    listener: (sample: GuestTelemetry) => void,
    signal: AbortSignal,
  ): Promise<void> {
    this.#need('telemetry')
    await this.#telemetry.watch(intervalSeconds, listener, signal)
  }

  async exec(spec: ExecSpec, input: ExecInput, asking: Asking) {
    this.#need('exec')
    if (spec.user !== undefined) this.#need('exec-user')
    return this.#commands.run(spec, input, asking)
  }

  async readFile(path: string, offset: number, length: number, asking: Asking) {
    this.#need('read-file')
    return this.#files.read(path, offset, length, asking)
  }

  async writeFile(file: WriteFile, asking: Asking): Promise<number> {
    this.#need('write-file')
    return this.#files.write(file, asking)
  }

  async list(path: string, asking: Asking) {
    this.#need('directory')
    return this.#files.list(path, asking)
  }

  async stat(path: string, asking: Asking) {
    this.#need('directory')
    return this.#files.stat(path, asking)
  }

  async makeDirectory(path: string, options: { parents: boolean; mode?: number }, { signal }: Asking): Promise<void> {
    this.#need('directory')
    await this.#talk.call(m.directoryCreate, { path, ...options }, { signal })
  }

  async remove(path: string, { recursive }: { recursive: boolean }, { signal }: Asking): Promise<void> {
    this.#need('directory')
    await this.#talk.call(m.fileRemove, { path, recursive }, { signal, deadlineMs: recursive ? 120_000 : 30_000 })
  }

  async syncTime({ signal }: Asking): Promise<void> {
    this.#need('time')
    await this.#talk.call(m.timeSet, { time_ms: Date.now() }, { signal })
  }

  async setPassword(user: string, password: string, { signal }: Asking): Promise<void> {
    this.#need('password')
    await this.#talk.call(m.passwordSet, { user, password }, { signal, deadlineMs: PASSWORD_MS })
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

  async freeze({ timeoutSeconds }: { timeoutSeconds: number }, { signal }: Asking): Promise<Frozen> {
    this.#need('freeze')
    const askedAt = Date.now()
    const params = { timeout_seconds: timeoutSeconds }
    const freezing = this.#talk.call(m.quiesceFreeze, params, { signal: NEVER, deadlineMs: FREEZE_MS })
    const frozen = await unlessAborted('The freeze', freezing, signal, ({ token }) => {
      this.thaw(token, { signal: NEVER }).catch(() => undefined)
    })
    // On this computer's clock, and rather too early than too late.
    return { count: frozen.filesystems.length, token: frozen.token, autoThawAt: askedAt + timeoutSeconds * 1000 }
  }

  async thaw(token: string | null, { signal }: Asking): Promise<number> {
    this.#need('freeze')
    if (token === null)
      throw new RemoteError({ kind: 'invalid-input', message: 'Only who froze the guest has the token that thaws it.' })
    return (await this.#talk.call(m.quiesceThaw, { token }, { signal, deadlineMs: FREEZE_MS })).thawed
  }

  async trim({ signal }: Asking): Promise<number> {
    this.#need('trim')
    return (await this.#talk.call(m.filesystemTrim, {}, { signal, deadlineMs: TRIM_MS })).trimmed_bytes
  }

  async shutdown(mode: 'poweroff' | 'reboot' | 'halt', { signal }: Asking): Promise<void> {
    this.#need('shutdown')
    await this.#talk.call(m.systemShutdown, { mode }, { signal })
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
