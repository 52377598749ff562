/** A Quantix agent's words in the contract's. Numbers that cannot be are left out, names are made harmless. */
import type { GuestEntry, GuestFilesystem, GuestInterface, GuestTelemetry } from '@vireo/app-main/contract'
import { addressesOf, macOf } from '../network-text.ts'
import { plainText } from '../plain-text.ts'
import type { QuantixEntry, QuantixTelemetry } from './answers.ts'

const NAME = 256
const UP = 1
const DOWN = 2

export const optionalText = (text: string | undefined): string | null =>
  text === undefined || text === '' ? null : plainText(text, NAME)

/** Null for what is no count: negative, not finite, beyond what can be told exactly. */
export const count = (value: number): number | null =>
  Number.isFinite(value) && value >= 0 && value <= Number.MAX_SAFE_INTEGER ? value : null

const whole = (value: number): number | null => (Number.isSafeInteger(value) && value > 0 ? value : null)

export const filesystemsOf = ({ disks }: QuantixTelemetry): GuestFilesystem[] =>
  disks.map(disk => ({
    mountPoint: plainText(disk.mount_point, 4096),
    device: optionalText(disk.device),
    type: optionalText(disk.filesystem),
    totalBytes: count(disk.total_bytes),
    usedBytes: count(disk.used_bytes),
    availableBytes: count(disk.available_bytes),
  }))

/**
 * The agent names addresses only when it starts, without their interfaces: with a single interface they can only be its.
 */
export const interfacesOf = ({ interfaces }: QuantixTelemetry, greeted: readonly string[]): GuestInterface[] =>
  interfaces.map(one => {
    const own = addressesOf([...one.ipv4_addresses, ...one.ipv6_addresses])
    const known = own.length === 0 && interfaces.length === 1 ? addressesOf(greeted.map(withPrefix)) : own
    return {
      name: plainText(one.name, NAME),
      mac: macOf(one.mac_address),
      addresses: known,
      up: one.state === UP ? true : one.state === DOWN ? false : null,
      mtu: whole(one.mtu),
      receivedBytes: count(one.rx_bytes),
      sentBytes: count(one.tx_bytes),
    }
  })

const withPrefix = (address: string): string =>
  address.includes('/') ? address : `${address}/${address.includes(':') ? 128 : 32}`

export const telemetryOf = (report: QuantixTelemetry, greeted: readonly string[], at: number): GuestTelemetry => {
  const load = [count(report.load_avg_1), count(report.load_avg_5), count(report.load_avg_15)] as const
  const [one, five, fifteen] = load
  const cpu = count(report.cpu_usage_percent)
  return {
    at,
    cpuPercent: cpu === null ? null : Math.min(100, cpu),
    memoryTotalBytes: count(report.memory_total_bytes),
    memoryAvailableBytes: count(report.memory_available_bytes),
    swapTotalBytes: count(report.swap_total_bytes),
    swapUsedBytes: count(report.swap_used_bytes),
    load: one === null || five === null || fifteen === null ? null : [one, five, fifteen],
    filesystems: filesystemsOf(report),
    interfaces: interfacesOf(report, greeted),
    processCount: whole(report.process_count),
    uptimeSeconds: count(report.uptime_seconds),
  }
}

export const entryOf = (entry: QuantixEntry): GuestEntry => ({
  name: entry.name,
  type: entry.is_symlink ? 'link' : entry.is_directory ? 'directory' : isFile(entry.mode) ? 'file' : 'other',
  sizeBytes: count(entry.size_bytes) ?? 0,
  mode: entry.mode & 0o7777,
  owner: optionalText(entry.owner),
  group: optionalText(entry.group),
  modifiedAt: entry.modified_at ? entry.modified_at.seconds * 1000 : null,
  linkTarget: entry.symlink_target === '' ? null : entry.symlink_target,
})

const FILE = 0o100000
/** Agents that send permission bits alone do not tell; then it is a file, as most are. */
const isFile = (mode: number): boolean => (mode & 0o170000) === 0 || (mode & 0o170000) === FILE
