/** The guest as a whole. */
import { vireo } from '../../protocol/index.ts'
import { readText } from '../files.ts'
import { handle, type Method } from '../method.ts'
import type { Sys } from '../sys.ts'
import { timezoneOf } from './clock.ts'
import { parseOsRelease } from './os-release.ts'
import { initSystem } from './service.ts'

const osRelease = (sys: Sys): ReadonlyMap<string, string> =>
  parseOsRelease(readText(sys, '/etc/os-release') ?? readText(sys, '/usr/lib/os-release') ?? '')

const memoryBytes = (sys: Sys): number =>
  1024 * Number(/^MemTotal:\s*(\d+) kB/m.exec(readText(sys, '/proc/meminfo') ?? '')?.[1] ?? 0)

const cpuCount = (sys: Sys): number => (readText(sys, '/proc/stat') ?? '').match(/^cpu\d+ /gm)?.length ?? 1

const initName = (sys: Sys): string => initSystem(sys) ?? (readText(sys, '/proc/1/comm') ?? 'unknown').trim()

const info = handle(vireo.getSystemInfo, {
  run: (_, { sys }) => {
    const [system, os, now] = [sys.system(), osRelease(sys), Math.trunc(sys.now())]
    const [memory, uptime] = [memoryBytes(sys), Number((readText(sys, '/proc/uptime') ?? '0').split(' ')[0])]
    return {
      os_type: 'linux',
      os_name: os.get('NAME') ?? 'Linux',
      os_version: os.get('VERSION') ?? os.get('VERSION_ID') ?? 'Unknown',
      kernel_version: system.release,
      hostname: system.hostname,
      architecture: system.machine,
      cpu_count: cpuCount(sys),
      total_memory_kb: memory,
      uptime_seconds: Math.trunc(uptime),
      total_memory_bytes: memory,
      os_id: os.get('ID') ?? null,
      os_pretty_name: os.get('PRETTY_NAME') ?? null,
      timezone: timezoneOf(sys),
      boot_at_ms: Math.trunc(now - 1000 * uptime),
      time_ms: now,
      init: initName(sys),
    }
  },
})

export const systemMethods: readonly Method[] = [info]
