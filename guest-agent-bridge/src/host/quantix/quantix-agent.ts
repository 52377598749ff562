/** The Quantix agent behind the one interface: telemetry, commands, files, quiescing and shutdown. */
import {
  RemoteError,
  type ExecEnd,
  type ExecSpec,
  type GuestFeature,
  type GuestFeatureSheet,
  type GuestSystem,
  type GuestTelemetry,
} from '@vireo/app-main/contract'
import type { Asking, ExecInput, Frozen, GuestAgent, WriteFile } from '../guest-agent.ts'
import { plainText } from '../plain-text.ts'
import { agentGone, silent, unlessAborted } from '../rpc-failure.ts'
import type { QuantixTelemetry } from './answers.ts'
import { refusal, type QuantixConversation } from './conversation.ts'
import { count, filesystemsOf, interfacesOf, optionalText, telemetryOf } from './facts.ts'
import { quantixFeatures } from './features.ts'
import { QuantixFiles } from './files.ts'

/** The agent measures every 5 s unless its configuration says otherwise. */
const SAMPLE_MS = 20_000
const HOOKS_MS = 10_000
const KILLED = -1
const NEVER = new AbortController().signal

export interface QuantixIdentity {
  readonly version: string
  readonly capabilities: readonly string[]
}

export class QuantixAgent implements GuestAgent {
  readonly dialect = 'quantix'
  readonly version: string | null
  readonly features: GuestFeatureSheet
  readonly closed: Promise<void>
  readonly #talk: QuantixConversation
  readonly #files: QuantixFiles

  constructor(talk: QuantixConversation, identity: QuantixIdentity) {
    this.#talk = talk
    this.version = optionalText(identity.version)
    this.features = quantixFeatures(identity.capabilities)
    this.closed = talk.client.closed
    this.#files = new QuantixFiles(talk)
  }

  async system({ signal }: Asking): Promise<GuestSystem> {
    this.#need('system')
    const [{ hardware }, { uptime_seconds: uptime }] = await Promise.all([
      this.#talk.ask('get_hardware_info', { include_cpu_details: true }, { signal }),
      this.#talk.ask('ping', {}, { signal }),
    ])
    const { ready } = this.#talk
    return {
      hostname: optionalText(hardware?.os?.hostname ?? ready?.hostname),
      osId: null,
      osName: optionalText(hardware?.os?.name ?? ready?.os_name),
      osVersion: optionalText(hardware?.os?.version ?? ready?.os_version),
      kernel: optionalText(hardware?.os?.kernel ?? ready?.kernel_version),
      architecture: optionalText(hardware?.os?.architecture ?? ready?.architecture),
      cpuCount: hardware?.cpu ? hardware.cpu.threads || hardware.cpu.cores || null : null,
      memoryBytes: hardware?.memory ? count(hardware.memory.total_bytes) : null,
      uptimeSeconds: count(uptime),
      timezone: null,
      clockOffsetSeconds: null,
    }
  }

  async interfaces(asking: Asking) {
    this.#need('network')
    return interfacesOf(await this.#next(asking), this.#greeted)
  }

  async filesystems(asking: Asking) {
    this.#need('filesystems')
    return filesystemsOf(await this.#next(asking))
  }

  async telemetry(asking: Asking): Promise<GuestTelemetry> {
    this.#need('telemetry')
    return telemetryOf(await this.#next(asking), this.#greeted, Date.now())
  }

  /** The agent sets the pace: samples that come sooner than asked for are left out. */
  watchTelemetry(
    intervalSeconds: number,
    listener: (sample: GuestTelemetry) => void,
    signal: AbortSignal,
  ): Promise<void> {
    this.#need('telemetry')
    let lastAt = -Infinity
    return new Promise((resolve, reject) => {
      if (signal.aborted) return resolve()
      const stop = this.#talk.onTelemetry(sample => {
        const now = performance.now()
        if (now - lastAt < intervalSeconds * 800) return
        lastAt = now
        listener(telemetryOf(sample, this.#greeted, Date.now()))
      })
      signal.addEventListener('abort', () => {
        stop()
        resolve()
      })
      void this.closed.then(() => {
        stop()
        reject(agentGone())
      })
    })
  }

  async exec(spec: ExecSpec, input: ExecInput, { signal }: Asking): Promise<ExecEnd> {
    this.#need('exec')
    if (input.stdin !== undefined) throw unsupported('This agent gives a command no standard input.')
    const [command = '', ...args] = spec.args ?? ['sh', '-c', spec.shell ?? '']
    // Without arguments the agent would hand the program's name to a shell.
    const words = args.length > 0 ? { command, args } : { command: 'sh', args: ['-c', 'exec "$0"', command] }
    const end = await this.#talk.ask(
      'execute',
      {
        ...words,
        ...{ environment: spec.env, working_directory: spec.cwd ?? '', timeout_seconds: spec.timeoutSeconds },
        ...{ wait_for_exit: true, max_output_bytes: spec.maxOutputBytes },
        ...(spec.user !== undefined && { run_as_user: spec.user, include_supplementary_groups: true }),
      },
      { signal, deadlineMs: (spec.timeoutSeconds + 5) * 1000 },
    )
    if (end.error !== '') throw refusal(end.error)
    const timedOut = end.timed_out
    if (end.stdout !== '') await input.onOutput('stdout', Buffer.from(end.stdout))
    // After a timeout it holds the agent's words instead of the command's.
    if (end.stderr !== '' && !timedOut) await input.onOutput('stderr', Buffer.from(end.stderr))
    const exitCode = timedOut || end.exit_code === KILLED ? null : end.exit_code
    const durationMs = count(end.duration_ms) ?? 0
    return { exitCode, signal: null, timedOut, truncated: end.truncated, durationMs }
  }

  async readFile(path: string, offset: number, length: number, asking: Asking) {
    this.#need('read-file')
    return this.#files.read(path, offset, length, asking)
  }

  async writeFile(file: WriteFile, asking: Asking) {
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

  async makeDirectory(
    path: string,
    { parents, mode }: { parents: boolean; mode?: number },
    { signal }: Asking,
  ): Promise<void> {
    this.#need('directory')
    await this.#talk.ask('create_directory', { path, create_parents: parents, mode: mode ?? 0o755 }, { signal })
  }

  async remove(path: string, { recursive }: { recursive: boolean }, { signal }: Asking): Promise<void> {
    this.#need('directory')
    await this.#talk.ask('file_delete', { path, recursive }, { signal, deadlineMs: recursive ? 120_000 : 30_000 })
  }

  async freeze({ timeoutSeconds }: { timeoutSeconds: number }, { signal }: Asking): Promise<Frozen> {
    this.#need('freeze')
    const askedAt = Date.now()
    const request = { timeout_seconds: timeoutSeconds, run_pre_freeze_scripts: true }
    const deadlineMs = timeoutSeconds * 1000 + HOOKS_MS
    const freezing = this.#talk.ask('quiesce', request, { signal: NEVER, deadlineMs })
    const { frozen, quiesce_token: token } = await unlessAborted('The freeze', freezing, signal, late => {
      this.thaw(late.quiesce_token, { signal: NEVER }).catch(() => undefined)
    })
    // On this computer's clock, and rather too early than too late.
    const autoThawAt = askedAt + timeoutSeconds * 1000
    return { count: frozen.filter(one => one.frozen).length, token: token === '' ? null : token, autoThawAt }
  }

  async thaw(token: string | null, { signal }: Asking): Promise<number> {
    this.#need('freeze')
    const request = { quiesce_token: token ?? '', run_post_thaw_scripts: true }
    const { thawed_mount_points: thawed } = await this.#talk.ask('thaw', request, { signal, deadlineMs: 60_000 })
    return thawed.length
  }

  /** The guest may be gone before its answer is. */
  async shutdown(mode: 'poweroff' | 'reboot' | 'halt', { signal }: Asking): Promise<void> {
    this.#need('shutdown')
    const type = { poweroff: 0, reboot: 1, halt: 2 }[mode]
    try {
      const { accepted, error } = await this.#talk.ask('shutdown', { type }, { signal, deadlineMs: 5000 })
      if (!accepted) throw refusal(error)
    } catch (error) {
      const kind = error instanceof RemoteError ? error.detail.kind : undefined
      if (kind !== 'timeout' && kind !== 'connection') throw error
    }
  }

  users = this.#refuse('users')
  processes = this.#refuse('processes')
  kill = this.#refuse('kill')
  services = this.#refuse('services')
  controlService = this.#refuse('service-control')
  syncTime = this.#refuse('time')
  setPassword = this.#refuse('password')
  sshKeys = this.#refuse('ssh-keys')
  setSshKeys = this.#refuse('ssh-keys')
  trim = this.#refuse('trim')
  disks = this.#refuse('disks')
  cpus = this.#refuse('vcpus')
  setCpus = this.#refuse('vcpus')

  close(): void {
    this.#talk.client.close()
  }

  get #greeted(): readonly string[] {
    return (this.#talk.ready?.ip_addresses ?? []).map(address => plainText(address, 64))
  }

  /** The next sample that is pushed. */
  #next({ signal }: Asking): Promise<QuantixTelemetry> {
    let stop: () => void = () => undefined
    let timer: NodeJS.Timeout | undefined
    const sample = new Promise<QuantixTelemetry>((resolve, reject) => {
      stop = this.#talk.onTelemetry(resolve)
      timer = setTimeout(() => reject(silent('with a measurement', SAMPLE_MS)), SAMPLE_MS)
      void this.closed.then(() => reject(agentGone()))
    })
    return unlessAborted('The measurement', sample, signal, () => undefined).finally(() => {
      stop()
      clearTimeout(timer)
    })
  }

  #need(feature: GuestFeature): void {
    const reason = this.features[feature]
    if (reason !== undefined) throw unsupported(reason)
  }

  #refuse(feature: GuestFeature): () => Promise<never> {
    return async () => {
      this.#need(feature)
      throw unsupported('This agent cannot do this.')
    }
  }
}

const unsupported = (message: string): RemoteError => new RemoteError({ kind: 'unsupported', message })
