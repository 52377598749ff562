/** What the KVM Manager agent (0.1.0) really answers. Where its documents say otherwise, its behaviour counts. */
import * as v from 'valibot'

export const KVM_MANAGER_CHANNEL = 'org.kvmmanager.agent.0'

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0))
const integer = v.pipe(v.number(), v.safeInteger())

export const Pong = v.object({ pong: v.literal(true) })

export const AgentInfo = v.object({ version: v.string(), platform: v.string(), capabilities: v.array(v.string()) })

export const SystemInfo = v.object({
  os_name: v.string(),
  os_version: v.string(),
  kernel_version: v.string(),
  hostname: v.string(),
  architecture: v.string(),
  cpu_count: count,
  /** Bytes, whatever it is called. */
  total_memory_kb: count,
  uptime_seconds: count,
})

export const NetworkInfo = v.object({
  interfaces: v.array(
    // `state` is always "up" and `mtu` always 1500: neither is measured.
    v.object({
      name: v.string(),
      mac_address: v.nullish(v.string()),
      ipv4_addresses: v.array(v.string()),
      ipv6_addresses: v.array(v.string()),
    }),
  ),
})

export const DiskUsage = v.object({
  filesystems: v.array(
    v.object({
      mount_point: v.string(),
      device: v.string(),
      fs_type: v.string(),
      total_bytes: count,
      used_bytes: count,
      available_bytes: count,
    }),
  ),
})

export const ExecResult = v.object({
  /** -1 when a signal ended it. */
  exit_code: integer,
  stdout: v.nullish(v.string(), ''),
  stderr: v.nullish(v.string(), ''),
  execution_time_ms: count,
})

export const ReadResult = v.object({ content: v.string(), size_bytes: count })
export const WriteResult = v.object({ bytes_written: count })
export const PowerResult = v.object({ initiated: v.literal(true) })
