/** What a guest without an agent tells of itself, by one script each. */
import type { GuestFilesystem, GuestSystem } from '@vireo/app-main/contract'
import type { Asking } from '../guest-agent.ts'
import { plainText } from '../plain-text.ts'
import { output, type GuestShell } from '../shell/guest-shell.ts'

const MARK = '--vireo--'
const SYSTEM = [
  'cat /etc/os-release',
  'uname -n',
  'uname -r',
  'uname -m',
  'nproc',
  'cat /proc/meminfo',
  'cat /proc/uptime',
  'cat /etc/timezone',
]
  .map(command => `{ ${command}; } 2>/dev/null | head -c 16384; echo; echo ${MARK}`)
  .join('; ')

const text = (found: string | undefined): string | null => plainText((found ?? '').trim(), 200) || null
const count = (found: string | undefined): number | null =>
  /^\d{1,12}(?:\.\d+)?$/.test(found ?? '') ? Number(found) : null

export const readSystem = (told: string): GuestSystem => {
  const [os = '', host, kernel, machine, cpus, memory = '', uptime = '', zone] = told.split(`${MARK}\n`)
  const osWord = (name: string) => text(new RegExp(`^${name}=(["']?)(.*)\\1$`, 'm').exec(os)?.[2])
  const kib = count(/^MemTotal: +(\d+) kB$/m.exec(memory)?.[1])
  return {
    ...{ hostname: text(host), kernel: text(kernel), architecture: text(machine), timezone: text(zone) },
    ...{ osId: osWord('ID'), osName: osWord('PRETTY_NAME') ?? osWord('NAME'), osVersion: osWord('VERSION_ID') },
    cpuCount: count(cpus?.trim()),
    memoryBytes: kib === null ? null : kib * 1024,
    uptimeSeconds: count(uptime.trim().split(' ')[0]),
    // It is this computer's own.
    clockOffsetSeconds: null,
  }
}

export const system = async (shell: GuestShell, asking: Asking): Promise<GuestSystem> =>
  readSystem(await output(shell, SYSTEM, [], asking))

/** Not where anything is kept. */
const UNREAL = /^(?:tmpfs|devtmpfs|proc|sysfs|cgroup2?|fuse\.lxcfs|squashfs|devpts|mqueue|overlay-none)$/
const MOST = 256

export const readFilesystems = (told: string): GuestFilesystem[] =>
  told
    .split('\n')
    .slice(1)
    .flatMap((line): GuestFilesystem[] => {
      const match = /^(.+?) +(\S+) +(\d{1,15}) +(\d{1,15}) +(\d{1,15}) +\S+ (.+)$/.exec(line)
      if (match === null || UNREAL.test(match[2] ?? '')) return []
      const [, device = '', type = '', total, used, free, mountPoint = ''] = match
      const bytes = (kib: string | undefined) => Number(kib) * 1024
      const counts = { totalBytes: bytes(total), usedBytes: bytes(used), availableBytes: bytes(free) }
      return [{ mountPoint: plainText(mountPoint), device: plainText(device), type: plainText(type, 64), ...counts }]
    })
    .slice(0, MOST)

export const filesystems = async (shell: GuestShell, asking: Asking): Promise<GuestFilesystem[]> =>
  readFilesystems(await output(shell, 'df -P -k -T 2>/dev/null; :', [], asking))
