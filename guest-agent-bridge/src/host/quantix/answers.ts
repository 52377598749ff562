/** The answers that are used, as protobuf gives them: every field is there, with its default where the agent left it out. */
import * as v from 'valibot'

const text = v.string()
const texts = v.array(text)
/** Also NaN: one number that is none does not spoil the others. */
const number = v.custom<number>(value => typeof value === 'number')
const bytes = v.instance(Uint8Array)
/** Absent where the agent sent none. */
const timestamp = v.nullish(v.object({ seconds: number, nanos: number }))
/** How most answers say that it did not work. */
const outcome = { success: v.boolean(), error: text }

const entry = v.object({
  name: text,
  is_directory: v.boolean(),
  is_symlink: v.boolean(),
  size_bytes: number,
  mode: number,
  modified_at: timestamp,
  owner: text,
  group: text,
  symlink_target: text,
})
export type QuantixEntry = v.InferOutput<typeof entry>

export const telemetryReport = v.object({
  cpu_usage_percent: number,
  memory_total_bytes: number,
  memory_available_bytes: number,
  swap_total_bytes: number,
  swap_used_bytes: number,
  disks: v.array(
    v.object({
      mount_point: text,
      filesystem: text,
      device: text,
      total_bytes: number,
      used_bytes: number,
      available_bytes: number,
    }),
  ),
  interfaces: v.array(
    v.object({
      name: text,
      mac_address: text,
      ipv4_addresses: texts,
      ipv6_addresses: texts,
      state: number,
      mtu: number,
      rx_bytes: number,
      tx_bytes: number,
    }),
  ),
  load_avg_1: number,
  load_avg_5: number,
  load_avg_15: number,
  process_count: number,
  uptime_seconds: number,
  hostname: text,
})
export type QuantixTelemetry = v.InferOutput<typeof telemetryReport>

export const agentReady = v.object({
  version: text,
  os_name: text,
  os_version: text,
  kernel_version: text,
  architecture: text,
  hostname: text,
  ip_addresses: texts,
  capabilities: texts,
})
export type QuantixReady = v.InferOutput<typeof agentReady>

/** Each request that is used: its answer's name and shape. */
export const exchange = {
  ping: { answer: 'pong', shape: v.object({ version: text, uptime_seconds: number }) },
  get_capabilities: {
    answer: 'get_capabilities_response',
    shape: v.object({ version: text, os: text, architecture: text, capabilities: texts }),
  },
  get_hardware_info: {
    answer: 'hardware_info_response',
    shape: v.object({
      ...outcome,
      hardware: v.nullish(
        v.object({
          cpu: v.nullish(v.object({ cores: number, threads: number })),
          memory: v.nullish(v.object({ total_bytes: number })),
          os: v.nullish(v.object({ name: text, version: text, kernel: text, architecture: text, hostname: text })),
        }),
      ),
    }),
  },
  execute: {
    answer: 'execute_response',
    shape: v.object({
      exit_code: number,
      stdout: text,
      stderr: text,
      truncated: v.boolean(),
      timed_out: v.boolean(),
      duration_ms: number,
      error: text,
    }),
  },
  file_read: {
    answer: 'file_read_response',
    shape: v.object({ ...outcome, data: bytes, eof: v.boolean(), offset: number }),
  },
  file_write: { answer: 'file_write_response', shape: v.object({ ...outcome, bytes_written: number }) },
  file_delete: { answer: 'file_delete_response', shape: v.object(outcome) },
  file_stat: { answer: 'file_stat_response', shape: v.object({ ...outcome, entry: v.nullish(entry) }) },
  list_directory: {
    answer: 'list_directory_response',
    shape: v.object({ ...outcome, entries: v.array(entry), continuation_token: text }),
  },
  create_directory: { answer: 'create_directory_response', shape: v.object(outcome) },
  quiesce: {
    answer: 'quiesce_response',
    shape: v.object({ ...outcome, frozen: v.array(v.object({ frozen: v.boolean() })), quiesce_token: text }),
  },
  thaw: { answer: 'thaw_response', shape: v.object({ ...outcome, thawed_mount_points: texts }) },
  shutdown: { answer: 'shutdown_response', shape: v.object({ accepted: v.boolean(), error: text }) },
} as const
export type Exchange = typeof exchange
