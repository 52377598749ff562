/** The guest's name, system and clock. Each part that it does not tell is null. */
import { RemoteError, type GuestSystem } from '@vireo/app-main/contract'
import type * as v from 'valibot'
import type { Asking } from '../guest-agent.ts'
import { output, type GuestShell } from '../shell/guest-shell.ts'
import { optional } from './facts.ts'
import * as schema from './schema.ts'
import type { Talk } from './talk.ts'

const SIZES = 'cat /proc/meminfo /proc/uptime | head -c 65536'

export const system = async (talk: Talk, shell: GuestShell | null, asking: Asking): Promise<GuestSystem> => {
  const ask = <S extends v.GenericSchema>(command: string, answer: S) =>
    talk.ask(command, answer, asking).catch(nullWhereUntold)
  const os = await ask('guest-get-osinfo', schema.osInfo)
  const host = await ask('guest-get-host-name', schema.hostName)
  const zone = await ask('guest-get-timezone', schema.timezone)
  const vcpus = await ask('guest-get-vcpus', schema.vcpus)
  const askedAt = Date.now()
  const time = await ask('guest-get-time', schema.time)
  const between = (askedAt + Date.now()) / 2
  const sizes = shell === null ? null : await output(shell, SIZES, [], asking).catch(nullWhereUntold)
  const memoryKib = /^MemTotal: +(\d{1,12}) kB$/m.exec(sizes ?? '')?.[1]
  const uptime = /^(\d{1,12}\.\d{2}) \d+\.\d{2}$/m.exec(sizes ?? '')?.[1]
  return {
    hostname: optional(host?.['host-name']),
    osId: optional(os?.id),
    osName: optional(os?.['pretty-name'] ?? os?.name),
    osVersion: optional(os?.['version-id'] ?? os?.version),
    kernel: optional(os?.['kernel-release']),
    architecture: optional(os?.machine),
    cpuCount: vcpus === null ? null : vcpus.filter(({ online }) => online).length,
    memoryBytes: memoryKib === undefined ? null : Number(memoryKib) * 1024,
    uptimeSeconds: uptime === undefined ? null : Number(uptime),
    timezone: optional(zone?.zone),
    clockOffsetSeconds: time === null ? null : (time / 1e6 - between) / 1000,
  }
}

/** One answer that is missing or no answer takes nothing from the others; nobody there, and no time left, do. */
const nullWhereUntold = (error: unknown): null => {
  const untold = ['unsupported', 'refused', 'not-found', 'permission']
  if (error instanceof RemoteError && untold.includes(error.detail.kind)) return null
  throw error
}
