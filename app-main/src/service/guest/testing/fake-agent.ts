/** An agent for tests: a guest with a few files that does what it is told to, and misbehaves when it is told to. */
import {
  RemoteError,
  type ExecEnd,
  type GuestDialect,
  type GuestEntry,
  type GuestFeatureSheet,
  type GuestTelemetry,
} from '../../../contract/index.ts'
import type { Asking, ExecInput, FileChunk, GuestAgent, WriteFile } from '@vireo/guest-agent-bridge/host'

const never = (asking: Asking): Promise<never> =>
  new Promise((_resolve, reject) => {
    asking.signal.addEventListener('abort', () => reject(asking.signal.reason as Error), { once: true })
  })

const missing = (path: string): RemoteError =>
  new RemoteError({ kind: 'not-found', message: `There is no ${path} in the guest.` })

export const sampleOf = (part: Partial<GuestTelemetry> = {}): GuestTelemetry => ({
  ...{ at: 0, cpuPercent: 1, memoryTotalBytes: 1024, memoryAvailableBytes: 512, swapTotalBytes: 0, swapUsedBytes: 0 },
  ...{ load: [0, 0, 0], filesystems: [], interfaces: [], processCount: 1, uptimeSeconds: 1, ...part },
})

export type FakeExec = (input: ExecInput, asking: Asking) => Promise<Partial<ExecEnd>>

export class FakeAgent implements GuestAgent {
  readonly dialect: GuestDialect
  readonly version = '1'
  readonly features: GuestFeatureSheet
  readonly files = new Map<string, Buffer>()
  /** What came of interrupted uploads, by key. */
  readonly parts = new Map<string, Buffer>()
  readonly closed: Promise<void>
  /** What was asked, by method. */
  readonly asked: string[] = []
  #close: () => void = () => undefined
  /** What a command does. */
  onExec: FakeExec = async () => ({})
  /** What becomes of every request that has no behaviour of its own. */
  onAny: (asking: Asking) => Promise<never> = async () => {
    throw new RemoteError({ kind: 'unsupported', message: 'The fake agent does not do this.' })
  }
  /** Set while telemetry is watched. */
  sample: ((sample: GuestTelemetry) => void) | null = null
  interval = 0
  largestChunk = 1024
  readAhead = 0

  constructor(dialect: GuestDialect = 'vireo', features: GuestFeatureSheet = {}) {
    this.dialect = dialect
    this.features = features
    this.closed = new Promise(resolve => (this.#close = resolve))
  }

  system = (asking: Asking) => this.#any('system', asking)
  interfaces = (asking: Asking) => this.#any('interfaces', asking)
  filesystems = (asking: Asking) => this.#any('filesystems', asking)
  users = (asking: Asking) => this.#any('users', asking)
  processes = (asking: Asking) => this.#any('processes', asking)
  kill = (_pid: number, _signal: number, asking: Asking) => this.#any('kill', asking)
  services = (asking: Asking) => this.#any('services', asking)
  controlService = (_name: string, _action: string, asking: Asking) => this.#any('controlService', asking)
  telemetry = (asking: Asking) => this.#any('telemetry', asking)
  list = (_path: string, asking: Asking) => this.#any('list', asking)
  makeDirectory = (_path: string, _options: object, asking: Asking) => this.#any('makeDirectory', asking)
  remove = (_path: string, _options: object, asking: Asking) => this.#any('remove', asking)
  syncTime = (asking: Asking) => this.#any('syncTime', asking)
  sshKeys = (_user: string, asking: Asking) => this.#any('sshKeys', asking)
  setSshKeys = (_user: string, _keys: readonly string[], asking: Asking) => this.#any('setSshKeys', asking)
  disks = (asking: Asking) => this.#any('disks', asking)
  cpus = (asking: Asking) => this.#any('cpus', asking)
  setCpus = (_changes: object, asking: Asking) => this.#any('setCpus', asking)
  shutdown = (_mode: string, asking: Asking) => this.#any('shutdown', asking)
  trim = (asking: Asking) => this.#any('trim', asking)

  async watchTelemetry(interval: number, listener: (sample: GuestTelemetry) => void, signal: AbortSignal) {
    this.asked.push('watchTelemetry')
    this.interval = interval
    this.sample = listener
    await never({ signal }).catch(() => undefined)
    this.sample = null
  }

  async exec(_spec: object, input: ExecInput, asking: Asking): Promise<ExecEnd> {
    this.asked.push('exec')
    const end = await this.onExec(input, asking)
    return { exitCode: 0, signal: null, timedOut: false, truncated: false, durationMs: 1, ...end }
  }

  async readFile(path: string, offset: number, length: number): Promise<FileChunk> {
    const file = this.#file(path)
    const bytes = file.subarray(offset, offset + Math.min(length, this.largestChunk))
    return { bytes, eof: offset + bytes.length >= file.length }
  }

  /** Keeps what came of an upload with a key when it is interrupted. */
  async writeFile({ path, content, key, onBegin }: WriteFile, { signal }: Asking): Promise<number> {
    onBegin?.(key ?? null, this.parts.get(key ?? '')?.length ?? 0)
    const parts: Uint8Array[] = []
    try {
      for await (const bytes of content) parts.push(bytes)
      signal.throwIfAborted()
    } catch (error) {
      if (key !== undefined) this.parts.set(key, Buffer.concat(parts))
      throw error
    }
    const whole = Buffer.concat(parts)
    this.files.set(path, whole)
    return whole.length
  }

  async stat(path: string): Promise<GuestEntry> {
    const name = path.split('/').at(-1) ?? ''
    const unknown = { mode: null, owner: null, group: null, modifiedAt: null, linkTarget: null }
    return { name, type: 'file', sizeBytes: this.#file(path).length, ...unknown }
  }

  setPassword(_user: string, password: string): Promise<void> {
    return Promise.reject(new RemoteError({ kind: 'permission', message: `chpasswd: “${password}” is too short` }))
  }

  async freeze() {
    return { count: 2, token: 'proof', autoThawAt: null }
  }

  async thaw(token: string | null): Promise<number> {
    if (token !== 'proof') throw new RemoteError({ kind: 'precondition', message: 'The token is wrong.' })
    return 2
  }

  close(): void {
    this.asked.push('close')
    this.#close()
  }

  /** The agent, its channel or its machine vanishes. */
  vanish(): void {
    this.#close()
  }

  hang(): void {
    this.onAny = never
  }

  #any(method: string, asking: Asking): Promise<never> {
    this.asked.push(method)
    return this.onAny(asking)
  }

  #file(path: string): Buffer {
    const file = this.files.get(path)
    if (!file) throw missing(path)
    return file
  }
}
