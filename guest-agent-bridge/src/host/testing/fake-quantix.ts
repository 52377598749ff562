/**
 * A Quantix agent as the real one behaves (version 0.1.27), in this process: it runs commands and writes files for real.
 * What tests do not need is left out; what they need is kept with its faults.
 */
import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { chmod, mkdir, open, readdir, readFile, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { duplexPair, type Duplex } from 'node:stream'
import {
  decodeQuantix,
  encodeQuantix,
  encodeQuantixFrame,
  QuantixFrames,
  type QuantixFields,
  type QuantixFraming,
} from '../../protocol/quantix/index.ts'

type Answer = (fields: QuantixFields) => Promise<QuantixFields> | QuantixFields

const text = (fields: QuantixFields, name: string): string => {
  const value = fields[name]
  return typeof value === 'string' ? value : ''
}
const number = (fields: QuantixFields, name: string): number => Number(fields[name] ?? 0)
const said = (error: unknown): QuantixFields => ({ success: false, error: String(error) })

export class FakeQuantix {
  /** The host's end. */
  readonly host: Duplex
  readonly guest: Duplex
  /** Names of the requests that came, in order. */
  readonly heard: string[] = []
  /** Tests put their own answers here. */
  readonly answers: Record<string, Answer> = {}
  readonly #framing: QuantixFraming
  #frozen: string | undefined

  constructor(framing: QuantixFraming, { speaksFirst = true }: { speaksFirst?: boolean } = {}) {
    this.#framing = framing
    const [host, guest] = duplexPair()
    this.host = host
    this.guest = guest
    guest.on('error', () => undefined)
    const frames = new QuantixFrames({ maxBytes: 16 * 1024 * 1024, message: bytes => this.#request(bytes) })
    guest.on('data', (bytes: Buffer) => void frames.push(bytes))
    if (speaksFirst) this.greet()
  }

  greet(): void {
    this.send('agent_ready', {
      ...{ version: '0.1.27', os_name: 'Debian GNU/Linux', os_version: '12', kernel_version: '6.1.0' },
      ...{ architecture: 'x86_64', hostname: 'guest-1', ip_addresses: ['192.168.122.7'], capabilities: ['telemetry'] },
    })
    this.telemetry()
  }

  telemetry(changed: QuantixFields = {}): void {
    this.send('telemetry', {
      ...{ cpu_usage_percent: 12.5, memory_total_bytes: 2 ** 31, memory_used_bytes: 1e9, memory_available_bytes: 1e9 },
      ...{ swap_total_bytes: 0, swap_used_bytes: 0, load_avg_1: 0.1, load_avg_5: 0.2, load_avg_15: 0.3 },
      ...{ process_count: 90, uptime_seconds: 100, hostname: 'guest-1' },
      disks: [
        {
          mount_point: '/',
          filesystem: 'ext4',
          device: '/dev/vda1',
          total_bytes: 1e10,
          used_bytes: 4e9,
          available_bytes: 6e9,
        },
      ],
      interfaces: [{ name: 'ens3', mac_address: '52:54:00:AA:BB:CC', state: 1, rx_bytes: 10, tx_bytes: 20 }],
      ...changed,
    })
  }

  send(name: string, fields: QuantixFields, id: string = randomUUID()): void {
    const message = encodeQuantix({ id, name, fields }, Date.now())
    this.guest.write(Buffer.from(encodeQuantixFrame(this.#framing, message)))
  }

  #request(bytes: Uint8Array): boolean {
    const message = decodeQuantix(bytes)
    if (!message) return false
    this.heard.push(message.name)
    const answer = this.answers[message.name] ?? this.#known[message.name]
    // What it does not know it does not answer.
    if (answer) void this.#reply(message.id, message.name, answer, message.fields)
    return true
  }

  async #reply(id: string, name: string, answer: Answer, fields: QuantixFields): Promise<void> {
    const names: Readonly<Record<string, string>> = { ping: 'pong', get_hardware_info: 'hardware_info_response' }
    this.send(names[name] ?? `${name}_response`, await answer(fields), id)
  }

  readonly #known: Readonly<Record<string, Answer>> = {
    ping: () => ({ sequence: 1, version: '0.1.27', uptime_seconds: 100 }),
    get_capabilities: () => ({
      ...{ version: '0.1.27', os: 'linux', architecture: 'x86_64' },
      capabilities: [
        ...['telemetry', 'execute', 'file_read', 'file_write', 'file_list', 'file_delete', 'file_stat'],
        ...['directory_create', 'shutdown', 'reboot', 'quiesce', 'thaw', 'hardware_info'],
      ],
    }),
    get_hardware_info: () => ({
      success: true,
      hardware: {
        cpu: { cores: 2, threads: 4 },
        memory: { total_bytes: 2 ** 31 },
        os: { name: 'Debian', hostname: 'guest-1' },
      },
    }),
    execute: fields => execute(fields),
    file_write: fields => writePiece(fields).catch(said),
    file_read: fields => readPiece(fields).catch(said),
    file_delete: fields =>
      rm(text(fields, 'path'), { recursive: fields.recursive === true }).then(() => ({ success: true }), said),
    create_directory: fields =>
      mkdir(text(fields, 'path'), { recursive: fields.create_parents === true }).then(() => ({ success: true }), said),
    list_directory: async fields => {
      const path = text(fields, 'path')
      const names = await readdir(path)
      return { success: true, entries: await Promise.all(names.map(name => entryOf(join(path, name), name))) }
    },
    file_stat: fields =>
      entryOf(text(fields, 'path'), text(fields, 'path').split('/').at(-1) ?? '').then(
        entry => ({ success: true, entry }),
        () => ({ success: false, error: 'File not found' }),
      ),
    quiesce: () => {
      this.#frozen = randomUUID()
      return { success: true, quiesce_token: this.#frozen, frozen: [{ mount_point: '/', frozen: true }] }
    },
    // The token is not looked at.
    thaw: () => ({ success: this.#frozen !== undefined, thawed_mount_points: this.#frozen ? ['/'] : [] }),
    shutdown: () => ({ accepted: true }),
  }
}

const execute = (fields: QuantixFields): Promise<QuantixFields> =>
  new Promise(resolve => {
    // Forgotten by a host, it answers at once and runs on.
    if (fields.wait_for_exit !== true) return resolve({ exit_code: 0 })
    const args = Array.isArray(fields.args) ? fields.args.map(String) : []
    const command = text(fields, 'command')
    const words: [string, string[]] = args.length > 0 ? [command, args] : ['sh', ['-c', command]]
    const env = { ...process.env, ...Object(fields.environment) }
    const child = spawn(words[0], words[1], {
      env,
      cwd: text(fields, 'working_directory') || '/',
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const out = { stdout: '', stderr: '' }
    child.stdout.on('data', (bytes: Buffer) => (out.stdout += bytes.toString()))
    child.stderr.on('data', (bytes: Buffer) => (out.stderr += bytes.toString()))
    const seconds = number(fields, 'timeout_seconds')
    const timer = setTimeout(() => {
      // The real one leaves the child running; a test does not.
      child.kill('SIGKILL')
      resolve({ exit_code: -1, timed_out: true, stderr: `Command timed out after ${seconds} seconds` })
    }, seconds * 1000)
    child.on('error', error => resolve({ exit_code: -1, error: `Failed to spawn: ${error.message}` }))
    child.on('close', code => {
      clearTimeout(timer)
      resolve({ ...out, exit_code: code ?? -1, duration_ms: 5 })
    })
  })

const writePiece = async (fields: QuantixFields): Promise<QuantixFields> => {
  const [path, data] = [text(fields, 'path'), fields.data]
  if (!(data instanceof Uint8Array)) return { success: true, bytes_written: 0 }
  if (path.includes('..')) return said('Invalid path: directory traversal detected')
  if (fields.create_parents === true) await mkdir(dirname(path), { recursive: true })
  const later = number(fields, 'offset') > 0 || number(fields, 'chunk_number') > 0
  const file = await open(path, later ? 'r+' : 'w')
  try {
    await file.write(data, 0, data.length, number(fields, 'offset'))
  } finally {
    await file.close()
  }
  if (number(fields, 'mode') > 0) await chmod(path, number(fields, 'mode'))
  return { success: true, bytes_written: data.length }
}

const readPiece = async (fields: QuantixFields): Promise<QuantixFields> => {
  const whole = await readFile(text(fields, 'path')).catch(() => Promise.reject(new Error('File not found')))
  const offset = number(fields, 'offset')
  const data = whole.subarray(
    offset,
    offset + Math.min(number(fields, 'length'), number(fields, 'chunk_size') || 65536),
  )
  return { success: true, data, eof: offset + data.length >= whole.length, offset, total_size: whole.length }
}

const entryOf = async (path: string, name: string): Promise<QuantixFields> => {
  const found = await stat(path)
  const modified = { seconds: Math.floor(found.mtimeMs / 1000), nanos: 0 }
  const kind = { is_directory: found.isDirectory(), size_bytes: found.isDirectory() ? 0 : found.size, mode: found.mode }
  return { name, path, ...kind, owner: 'root', group: 'root', modified_at: modified }
}
