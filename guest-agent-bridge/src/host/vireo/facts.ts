/** A Vireo agent's words in the contract's: names made harmless, nothing else changed. */
import type {
  GuestEntry,
  GuestFilesystem,
  GuestInterface,
  GuestProcess,
  GuestService,
  GuestSystem,
  GuestTelemetry,
  GuestUser,
} from '@vireo/app-main/contract'
import type {
  Entry,
  Filesystem,
  getSystemInfo,
  NetworkInterface,
  Process,
  ResultOf,
  Service,
  Telemetry,
  usersList,
} from '../../protocol/vireo/index.ts'
import { addressesOf, macOf } from '../network-text.ts'
import { plainText } from '../plain-text.ts'

const NAME = 256

const name = (text: string): string => plainText(text, NAME)
const optional = (text: string | null | undefined): string | null =>
  text === null || text === undefined || text === '' ? null : plainText(text, NAME)

/** `askedAt` and `answeredAt` are this computer's clock: the guest read its own somewhere between. */
export const systemOf = (info: ResultOf<typeof getSystemInfo>, askedAt: number, answeredAt: number): GuestSystem => ({
  hostname: optional(info.hostname),
  osId: optional(info.os_id),
  osName: optional(info.os_pretty_name ?? info.os_name),
  osVersion: optional(info.os_version),
  kernel: optional(info.kernel_version),
  architecture: optional(info.architecture),
  cpuCount: info.cpu_count,
  memoryBytes: info.total_memory_bytes ?? info.total_memory_kb,
  uptimeSeconds: info.uptime_seconds,
  timezone: optional(info.timezone),
  clockOffsetSeconds: info.time_ms === undefined ? null : (info.time_ms - (askedAt + answeredAt) / 2) / 1000,
})

const filesystemOf = (one: Filesystem): GuestFilesystem => ({
  mountPoint: plainText(one.mount_point, 4096),
  device: optional(one.device),
  type: optional(one.fs_type),
  totalBytes: one.total_bytes,
  usedBytes: one.used_bytes,
  availableBytes: one.available_bytes,
})

const measuredInterface = (one: NetworkInterface): GuestInterface => ({
  name: name(one.name),
  mac: macOf(one.mac),
  addresses: addressesOf(one.addresses),
  up: one.up,
  mtu: one.mtu,
  receivedBytes: one.received_bytes,
  sentBytes: one.sent_bytes,
})

/** `at` is when it arrived, on this computer's clock. */
export const telemetryOf = (sample: Telemetry, at: number): GuestTelemetry => ({
  at,
  cpuPercent: Math.min(100, sample.cpu_percent),
  memoryTotalBytes: sample.memory_total_bytes,
  memoryAvailableBytes: sample.memory_available_bytes,
  swapTotalBytes: sample.swap_total_bytes,
  swapUsedBytes: sample.swap_used_bytes,
  load: sample.load,
  filesystems: sample.filesystems.map(filesystemOf),
  interfaces: sample.interfaces.map(measuredInterface),
  processCount: sample.process_count,
  uptimeSeconds: sample.uptime_seconds,
})

export const usersOf = (users: ResultOf<typeof usersList>): GuestUser[] =>
  users.sessions.map(one => ({ name: name(one.name), loginAt: one.login_at_ms, terminal: optional(one.terminal) }))

export const processOf = (one: Process): GuestProcess => ({
  pid: one.pid,
  parentPid: one.parent_pid,
  name: name(one.name),
  command: one.command === null ? null : plainText(one.command, 4096),
  user: optional(one.user) ?? String(one.uid),
  cpuPercent: one.cpu_percent,
  memoryBytes: one.memory_bytes,
  state: /^[A-Za-z]$/.test(one.state) ? one.state : null,
  startedAt: one.started_at_ms,
})

export const serviceOf = (one: Service): GuestService => ({
  name: name(one.name),
  description: optional(one.description),
  state: one.state,
  enabled: one.enabled,
})

/** The name stays as it is: it names the file. Whoever shows it makes it harmless. */
export const entryOf = (one: Entry): GuestEntry => ({
  name: one.name,
  type: one.type,
  sizeBytes: one.size_bytes,
  mode: one.mode,
  owner: optional(one.owner) ?? String(one.uid),
  group: optional(one.group) ?? String(one.gid),
  modifiedAt: one.modified_at_ms,
  linkTarget: one.link_target,
})
