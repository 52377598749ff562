/** Telemetry from the texts of Linux's /proc. Every number is checked; what cannot be read is null. */
import type { GuestInterface, GuestTelemetry } from '@vireo/app-main/contract'
import { addressesOf, macOf } from '../network-text.ts'
import { plainText } from '../plain-text.ts'

/** The texts, null where the guest did not give one. */
export interface ProcTexts {
  readonly stat: string | null
  readonly meminfo: string | null
  readonly loadavg: string | null
  readonly uptime: string | null
  /** /proc/net/dev */
  readonly netDev: string | null
  /** `ip -o addr` */
  readonly addresses: string | null
  readonly processCount: string | null
}

/** Ticks of all CPUs since boot. */
export interface CpuTicks {
  readonly busy: number
  readonly total: number
}

const MARK = '--vireo--'
const PARTS = ['stat', 'meminfo', 'loadavg', 'uptime', 'netDev', 'addresses', 'processCount'] as const

/** Prints the texts in the order of `PARTS`, each ended by a mark. */
export const MEASURE_SCRIPT = [
  'head -n 1 /proc/stat',
  'cat /proc/meminfo',
  'cat /proc/loadavg',
  'cat /proc/uptime',
  'cat /proc/net/dev',
  'ip -o addr 2>/dev/null; ip -o link 2>/dev/null',
  'ls -d /proc/[0-9]* | wc -l',
]
  .map(command => `{ ${command}; } 2>/dev/null; echo ${MARK}`)
  .join('; ')

export const readMeasure = (text: string): ProcTexts => {
  const parts = text.split(`${MARK}\n`)
  const part = (name: (typeof PARTS)[number]): string | null => {
    const found = parts[PARTS.indexOf(name)]
    return found === undefined || found.trim() === '' ? null : found
  }
  return {
    stat: part('stat'),
    meminfo: part('meminfo'),
    loadavg: part('loadavg'),
    uptime: part('uptime'),
    netDev: part('netDev'),
    addresses: part('addresses'),
    processCount: part('processCount'),
  }
}

const finite = (text: string | undefined): number | null => {
  if (text === undefined || !/^\d{1,15}(?:\.\d{1,9})?$/.test(text)) return null
  return Number(text)
}

export const cpuTicks = (stat: string | null): CpuTicks | null => {
  const line = stat === null ? undefined : /^cpu +([\d ]+)$/m.exec(stat)?.[1]
  // user nice system idle iowait irq softirq steal; what follows is counted in user already.
  const ticks = line?.split(' ').slice(0, 8).map(finite)
  if (!ticks || ticks.length < 4) return null
  const total = ticks.reduce<number>((sum, one) => sum + (one ?? 0), 0)
  const idle = (ticks[3] ?? 0) + (ticks[4] ?? 0)
  return { busy: total - idle, total }
}

/** Null when no time has passed, or the counters went backwards. */
export const cpuPercent = (before: CpuTicks | null, now: CpuTicks | null): number | null => {
  if (!before || !now || now.total <= before.total || now.busy < before.busy) return null
  return Math.min(100, (100 * (now.busy - before.busy)) / (now.total - before.total))
}

const memoryBytes = (meminfo: string | null, name: string): number | null => {
  const kib = finite(meminfo === null ? undefined : new RegExp(`^${name}: +(\\d+) kB$`, 'm').exec(meminfo)?.[1])
  return kib === null ? null : kib * 1024
}

const loadOf = (text: string | null): [number, number, number] | null => {
  const [one, five, fifteen] = (text ?? '').split(' ').slice(0, 3).map(finite)
  return one === undefined ||
    five === undefined ||
    fifteen === undefined ||
    one === null ||
    five === null ||
    fifteen === null
    ? null
    : [one, five, fifteen]
}

const MAX_INTERFACES = 256

/** All but the loopback. */
export const measuredInterfaces = (netDev: string | null, addresses: string | null): GuestInterface[] => {
  const found: GuestInterface[] = []
  for (const [, name = '', numbers = ''] of (netDev ?? '').matchAll(/^ *([^\s:]{1,64}): *([\d ]+)$/gm)) {
    if (name === 'lo' || found.length >= MAX_INTERFACES) continue
    const counters = numbers.trim().split(/ +/)
    found.push({
      name: plainText(name),
      ...addressFacts(name, addresses),
      receivedBytes: finite(counters[0]),
      sentBytes: finite(counters[8]),
    })
  }
  return found
}

const addressFacts = (name: string, text: string | null): Pick<GuestInterface, 'mac' | 'addresses' | 'up' | 'mtu'> => {
  const lines = (text ?? '').split('\n').filter(line => line.split(/\s+/)[1]?.replace(/[@:].*$/, '') === name)
  const link = lines.find(line => line.includes('mtu'))
  const flags = /<([A-Z0-9_,-]*)>/.exec(link ?? '')?.[1]
  return {
    mac: macOf(/link\/\S+ ([0-9a-f:]+)/.exec(link ?? '')?.[1] ?? null),
    addresses: addressesOf(lines.map(line => / inet6? (\S+)/.exec(line)?.[1] ?? '')),
    up: flags === undefined ? null : flags.split(',').includes('UP'),
    mtu: finite(/ mtu (\d+)/.exec(link ?? '')?.[1]),
  }
}

/** Without filesystems; `before` are the ticks of the former measurement. */
export const telemetryOfProc = (texts: ProcTexts, before: CpuTicks | null, at: number): GuestTelemetry => {
  const swapTotal = memoryBytes(texts.meminfo, 'SwapTotal')
  const swapFree = memoryBytes(texts.meminfo, 'SwapFree')
  return {
    at,
    cpuPercent: cpuPercent(before, cpuTicks(texts.stat)),
    memoryTotalBytes: memoryBytes(texts.meminfo, 'MemTotal'),
    memoryAvailableBytes: memoryBytes(texts.meminfo, 'MemAvailable'),
    swapTotalBytes: swapTotal,
    swapUsedBytes: swapTotal === null || swapFree === null ? null : Math.max(0, swapTotal - swapFree),
    load: loadOf(texts.loadavg),
    filesystems: [],
    interfaces: measuredInterfaces(texts.netDev, texts.addresses),
    processCount: finite(texts.processCount?.trim()),
    uptimeSeconds: finite(texts.uptime?.split(' ')[0]),
  }
}
