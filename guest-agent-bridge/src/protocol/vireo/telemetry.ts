/** What a guest measures about itself. */
import * as v from 'valibot'
import { method, notice } from './define.ts'
import { count, epochMs, nothing, percent, real } from './scalar.ts'

/** One mounted filesystem. `used_bytes` is total less available, as KVM Manager's agent counts. */
export const Filesystem = v.object({
  mount_point: v.string(),
  device: v.string(),
  fs_type: v.string(),
  total_bytes: count,
  used_bytes: count,
  /** What an ordinary user may still write. */
  available_bytes: count,
  used_percent: percent,
})
export type Filesystem = v.InferOutput<typeof Filesystem>

export const NetworkInterface = v.object({
  name: v.string(),
  /** Null for one without (a tunnel). */
  mac: v.nullable(v.string()),
  /** IPv4 before IPv6, with their prefix length: `192.168.122.5/24`. */
  addresses: v.array(v.string()),
  up: v.boolean(),
  mtu: count,
  /** Counters since boot. */
  received_bytes: count,
  sent_bytes: count,
  received_packets: count,
  sent_packets: count,
  receive_errors: count,
  send_errors: count,
})
export type NetworkInterface = v.InferOutput<typeof NetworkInterface>

export const Telemetry = v.object({
  /** The guest's clock at the measurement. */
  time_ms: epochMs,
  /** Of all CPUs together, 0 to 100, since the former sample; in a first one over a moment. */
  cpu_percent: percent,
  cpu_count: count,
  memory_total_bytes: count,
  /** What could be had without swapping. */
  memory_available_bytes: count,
  swap_total_bytes: count,
  swap_used_bytes: count,
  /** 1, 5 and 15 minutes. */
  load: v.tuple([real, real, real]),
  filesystems: v.array(Filesystem),
  /** Without the loopback. */
  interfaces: v.array(NetworkInterface),
  process_count: count,
  uptime_seconds: real,
})
export type Telemetry = v.InferOutput<typeof Telemetry>

export const telemetryGet = method('telemetry.get', nothing, Telemetry)

/** Pushes `telemetry` at this interval until `telemetry.unsubscribe`, another interval, or the host leaves. The first comes at once. */
export const telemetrySubscribe = method(
  'telemetry.subscribe',
  v.object({ interval_seconds: v.optional(v.pipe(real, v.minValue(0.1), v.maxValue(3600)), 5) }),
  v.object({ interval_seconds: real }),
)
export const telemetryUnsubscribe = method('telemetry.unsubscribe', nothing, nothing)

/** From the agent. Left out, never queued, while the channel is full. */
export const telemetryNotice = notice('telemetry', Telemetry)
