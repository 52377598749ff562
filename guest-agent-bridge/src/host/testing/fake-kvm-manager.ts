/**
 * Behaves as KVM Manager's agent 0.1.0 does, faults included: one request after the other, members in alphabetical order, silence and
 * five seconds of sleep after what it cannot parse, bytes called kB, a stub for base64, a time-out that kills nothing. Commands and
 * files are real, of this computer; shutdown is only noted.
 */
import { spawn } from 'node:child_process'
import { mkdirSync, readFileSync, realpathSync, statSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { duplexPair, type Duplex } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'

export interface FakeKvmManagerOptions {
  /** Exact command names; null allows all. */
  readonly whitelist?: readonly string[] | null
  /** Prefixes, compared as text. */
  readonly readPaths?: readonly string[]
  readonly writePaths?: readonly string[]
  readonly maxCommandSeconds?: number
  /** Milliseconds of sleep after bad input; the real one's are 5000. */
  readonly sleepMs?: number
}

class Refusal extends Error {
  readonly code: number
  constructor(code: number, message: string) {
    super(message)
    this.code = code
  }
}

interface Params {
  readonly [name: string]: unknown
}

export class FakeKvmManager {
  /** The host's end of its channel. */
  readonly host: Duplex
  /** What it would have done to the guest's power, in the words of the commands. */
  readonly power: string[] = []
  readonly methods: string[] = []
  /** Times it fell asleep over a line. */
  naps = 0
  readonly #guest: Duplex
  readonly #options: Required<FakeKvmManagerOptions>
  #rest = ''
  #queue: Promise<void> = Promise.resolve()

  constructor(options: FakeKvmManagerOptions = {}) {
    const defaults = { whitelist: null, readPaths: ['/'], writePaths: ['/tmp'], maxCommandSeconds: 300, sleepMs: 5000 }
    this.#options = { ...defaults, ...options }
    const [host, guest] = duplexPair()
    this.host = host
    this.#guest = guest
    guest.on('error', () => undefined)
    guest.on('data', (bytes: Buffer) => {
      const lines = (this.#rest + bytes.toString('utf8')).split('\n')
      this.#rest = lines.pop() ?? ''
      for (const line of lines) this.#queue = this.#queue.then(() => this.#line(line))
    })
  }

  async #line(line: string): Promise<void> {
    const request = parse(line)
    if (!request) {
      this.naps++
      await sleep(this.#options.sleepMs)
      return
    }
    const { id, method, params } = request
    this.methods.push(method)
    const answer = await this.#call(method, params).then(
      result => ({ id, jsonrpc: '2.0', result }),
      (error: unknown) => {
        if (!(error instanceof Refusal)) throw error
        return { error: { code: error.code, message: error.message }, id, jsonrpc: '2.0' }
      },
    )
    if (!this.#guest.destroyed) this.#guest.write(`${JSON.stringify(alphabetical(answer))}\n`)
  }

  async #call(method: string, params: Params | undefined): Promise<object> {
    const needed = (): Params => {
      if (!params) throw new Refusal(-32602, 'Missing parameters')
      return params
    }
    switch (method) {
      case 'ping':
        return { pong: true, timestamp: Math.floor(Date.now() / 1000) }
      case 'get_agent_info':
        return { version: '0.1.0', protocol_version: '1.0.0', platform: 'linux', capabilities: METHODS }
      case 'get_system_info':
        return SYSTEM
      case 'get_network_info':
        return NETWORK
      case 'get_disk_usage':
        return DISKS
      case 'exec_command':
        return this.#exec(needed())
      case 'file_read':
        return this.#read(needed())
      case 'file_write':
        return this.#write(needed())
      case 'shutdown':
        return this.#shutdown('shutdown', params ?? {})
      case 'reboot':
        return this.#shutdown('reboot', params ?? {})
      default:
        throw new Refusal(-32601, `Method not found: ${method}`)
    }
  }

  #exec(params: Params): Promise<object> {
    const command = text(params, 'command')
    const { whitelist, maxCommandSeconds } = this.#options
    if (whitelist && !whitelist.includes(command)) throw new Refusal(-32001, `Command not allowed: ${command}`)
    const args = Array.isArray(params.args) ? params.args.map(String) : []
    const asked = typeof params.timeout_seconds === 'number' ? params.timeout_seconds : 30
    const seconds = Math.min(asked, maxCommandSeconds)
    const cwd = typeof params.working_directory === 'string' ? params.working_directory : undefined
    const began = Date.now()
    return new Promise((resolve, reject) => {
      const child = spawn(command, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] })
      const output = { stdout: [] as Buffer[], stderr: [] as Buffer[] }
      child.stdout.on('data', (bytes: Buffer) => output.stdout.push(bytes))
      child.stderr.on('data', (bytes: Buffer) => output.stderr.push(bytes))
      const timer = setTimeout(() => {
        // The child runs on; only nobody here waits for it.
        child.unref()
        child.stdout.destroy()
        child.stderr.destroy()
        reject(new Refusal(-32003, `Command timed out after ${seconds} seconds`))
      }, seconds * 1000)
      child.on('error', () => {
        clearTimeout(timer)
        reject(new Refusal(-32000, 'Execution failed: No such file or directory (os error 2)'))
      })
      child.on('close', code => {
        clearTimeout(timer)
        const [stdout, stderr] = [Buffer.concat(output.stdout).toString(), Buffer.concat(output.stderr).toString()]
        resolve({ exit_code: code ?? -1, stdout, stderr, execution_time_ms: Date.now() - began })
      })
    })
  }

  async #read(params: Params): Promise<object> {
    const path = text(params, 'path')
    const encoding = typeof params.encoding === 'string' ? params.encoding : 'utf8'
    const real = resolved(path)
    if (!this.#options.readPaths.some(prefix => real.startsWith(prefix)))
      throw new Refusal(-32001, `Read access denied: ${path}`)
    if (statSync(real).isDirectory()) throw new Refusal(-32000, 'Failed to read file: Is a directory (os error 21)')
    const bytes = readFileSync(real)
    if (encoding === 'base64')
      return { content: `base64_encoding_not_implemented_${bytes.length}_bytes`, encoding, size_bytes: bytes.length }
    const content = bytes.toString('utf8')
    if (!Buffer.from(content).equals(bytes))
      throw new Refusal(-32000, 'Failed to read file: stream did not contain valid UTF-8')
    return { content, encoding, size_bytes: bytes.length }
  }

  async #write(params: Params): Promise<object> {
    const [path, content] = [text(params, 'path'), text(params, 'content')]
    if (params.encoding === 'base64') throw new Refusal(-32602, 'Invalid base64: base64 decoding not implemented yet')
    // Made before the check, as the real one does.
    if (params.create_dirs === true) mkdirSync(dirname(path), { recursive: true })
    const real = `${resolved(dirname(path), -32002, 'Parent directory does not exist')}/${path.split('/').at(-1)}`
    if (!this.#options.writePaths.some(prefix => real.startsWith(prefix)))
      throw new Refusal(-32001, `Write access denied: ${path}`)
    const mode = Number.parseInt(typeof params.permissions === 'string' ? params.permissions : '0644', 8)
    writeFileSync(real, content, { mode })
    return { bytes_written: Buffer.byteLength(content), path: real }
  }

  async #shutdown(command: 'shutdown' | 'reboot', params: Params): Promise<object> {
    const seconds = typeof params.timeout_seconds === 'number' ? params.timeout_seconds : 60
    this.power.push(seconds < 60 ? `${command} now` : `${command} +${Math.floor(seconds / 60)}`)
    return { initiated: true, message: `${command === 'shutdown' ? 'Shutdown' : 'Reboot'} initiated` }
  }
}

const text = (params: Params, name: string): string => {
  const value = params[name]
  if (typeof value !== 'string') throw new Refusal(-32602, `Invalid parameters: missing field \`${name}\``)
  return value
}

const resolved = (path: string, code = -32002, what = 'File not found'): string => {
  try {
    return realpathSync(path)
  } catch {
    throw new Refusal(code, `${what}: ${path}`)
  }
}

/** A missing id is a fault to it, as a notification is; null is an id. */
const parse = (line: string): { id: unknown; method: string; params: Params | undefined } | null => {
  try {
    const value = JSON.parse(line) as Record<string, unknown>
    const { jsonrpc, id, method, params } = value
    if (typeof jsonrpc !== 'string' || typeof method !== 'string' || id === undefined) return null
    if (id !== null && typeof id !== 'string' && !Number.isInteger(id)) return null
    return { id, method, params: typeof params === 'object' && params !== null ? (params as Params) : undefined }
  } catch {
    return null
  }
}

const alphabetical = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(alphabetical)
  if (typeof value !== 'object' || value === null) return value
  const sorted = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1))
  return Object.fromEntries(sorted.map(([key, inner]) => [key, alphabetical(inner)]))
}

const METHODS = [
  ...['ping', 'get_agent_info', 'get_system_info', 'get_network_info', 'get_disk_usage', 'exec_command'],
  ...['file_read', 'file_write', 'shutdown', 'reboot'],
]

const SYSTEM = {
  ...{ os_type: 'linux', os_name: 'Debian GNU/Linux', os_version: '12 (bookworm)', kernel_version: '6.1.0-18-amd64' },
  ...{ hostname: 'guest', architecture: 'x86_64', cpu_count: 4, total_memory_kb: 25_276_502_016, uptime_seconds: 4242 },
}

const NETWORK = {
  interfaces: [
    {
      ...{ name: 'lo', mac_address: '00:00:00:00:00:00', ipv4_addresses: ['127.0.0.1/8'], ipv6_addresses: ['::1/128'] },
      ...{ state: 'up', mtu: 1500 },
    },
    {
      ...{ name: 'eth0', mac_address: '52:54:00:AB:00:01', ipv4_addresses: ['192.168.122.5/24'], ipv6_addresses: [] },
      ...{ state: 'up', mtu: 1500 },
    },
  ],
}

const DISKS = {
  filesystems: [
    {
      ...{ mount_point: '/', device: '/dev/vda1', fs_type: 'ext4', total_bytes: 1000, used_bytes: 400 },
      ...{ available_bytes: 600, used_percent: 40.5 },
    },
  ],
}
