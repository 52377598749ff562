/** Answers about the inside of a machine, for people. */
import type {
  GuestCpu,
  GuestDisk,
  GuestEntry,
  GuestFilesystem,
  GuestInterface,
  GuestProcess,
  GuestService,
  GuestStatus,
  GuestSystem,
  GuestUser,
} from '../../contract/index.ts'
import { pairs } from './pairs.ts'
import { duration, size, table } from './text.ts'

const bytes = (value: number | null): string => (value === null ? '-' : size(value))
const moment = (at: number): string => new Date(at).toISOString().slice(0, 16).replace('T', ' ')

const full = ({ usedBytes, totalBytes }: GuestFilesystem): string =>
  usedBytes === null || totalBytes === null || totalBytes <= 0 ? '-' : `${Math.round((100 * usedBytes) / totalBytes)} %`

const filesystems = (list: readonly GuestFilesystem[]): string =>
  table(
    ['MOUNTED', 'DEVICE', 'TYPE', 'SIZE', 'USED', 'FREE', 'FULL'],
    list.map(one => [
      ...[one.mountPoint, one.device ?? '-', one.type ?? '-'],
      ...[bytes(one.totalBytes), bytes(one.usedBytes), bytes(one.availableBytes), full(one)],
    ]),
  )

const processes = (list: readonly GuestProcess[]): string =>
  table(
    ['PID', 'PARENT', 'USER', 'S', 'CPU %', 'MEMORY', 'COMMAND'],
    list.map(one => [
      ...[String(one.pid), String(one.parentPid ?? '-'), one.user ?? '-', one.state ?? '-'],
      ...[one.cpuPercent === null ? '-' : one.cpuPercent.toFixed(1), bytes(one.memoryBytes)],
      one.command ?? `[${one.name}]`,
    ]),
  )

const services = (list: readonly GuestService[]): string =>
  table(
    ['SERVICE', 'STATE', 'AT BOOT', 'DESCRIPTION'],
    list.map(one => {
      const boot = one.enabled === null ? '-' : one.enabled ? 'yes' : 'no'
      return [one.name, one.state, boot, one.description ?? '']
    }),
  )

const disks = (list: readonly GuestDisk[]): string =>
  table(
    ['DISK', 'KIND', 'SERIAL', 'READ', 'WRITTEN', 'READS', 'WRITES'],
    list.map(one => [
      ...[one.name, one.partition ? 'partition' : 'disk', one.serial ?? '-'],
      ...[bytes(one.readBytes), bytes(one.writtenBytes), String(one.reads ?? '-'), String(one.writes ?? '-')],
    ]),
  )

const cpus = (list: readonly GuestCpu[]): string =>
  table(
    ['CPU', 'STATE', 'CAN GO OFFLINE'],
    list.map(({ id, online, canOffline }) => [
      ...[String(id), online ? 'online' : 'offline'],
      canOffline === null ? '-' : canOffline ? 'yes' : 'no',
    ]),
  )

const LETTERS = { file: '-', directory: 'd', link: 'l', other: '?' } as const
const permissions = ({ type, mode }: GuestEntry): string => {
  if (mode === null) return `${LETTERS[type]}?????????`
  const bits = Array.from('rwxrwxrwx').map((letter, index) => ((mode >> (8 - index)) & 1 ? letter : '-'))
  return LETTERS[type] + bits.join('')
}

const entries = (list: readonly GuestEntry[]): string =>
  list.length === 0
    ? ''
    : table(
        ['MODE', 'OWNER', 'GROUP', 'SIZE', 'CHANGED', 'NAME'],
        [...list]
          .sort((a, b) => a.name.localeCompare(b.name))
          .map(one => [
            ...[
              permissions(one),
              one.owner ?? '-',
              one.group ?? '-',
              bytes(one.type === 'file' ? one.sizeBytes : null),
            ],
            one.modifiedAt === null ? '-' : moment(one.modifiedAt),
            one.linkTarget === null ? one.name : `${one.name} -> ${one.linkTarget}`,
          ]),
      )

const clock = (offset: number | null): string | null =>
  offset === null ? null : Math.abs(offset) < 1 ? 'right' : `${offset.toFixed(1)} s ${offset > 0 ? 'fast' : 'slow'}`

interface Info {
  readonly dialect: string
  readonly system: GuestSystem
  readonly interfaces: readonly GuestInterface[]
  readonly filesystems: readonly GuestFilesystem[]
  readonly users: readonly GuestUser[]
}

const info = ({ dialect, system, interfaces, filesystems: mounted, users }: Info): string =>
  pairs([
    ['Host name', system.hostname],
    ['System', system.osName],
    ['Version', system.osVersion],
    ['Kernel', [system.kernel, system.architecture].filter(Boolean).join(' ')],
    ['CPUs', system.cpuCount === null ? null : String(system.cpuCount)],
    ['Memory', system.memoryBytes === null ? null : size(system.memoryBytes)],
    ['Up', system.uptimeSeconds === null ? null : duration(system.uptimeSeconds)],
    ['Time zone', system.timezone],
    ['Clock', clock(system.clockOffsetSeconds)],
    ...interfaces.map(one => [`Network ${one.name}`, [...one.addresses, one.mac ?? ''].join(' ')] as const),
    ...mounted.map(
      one =>
        [`Mounted ${one.mountPoint}`, `${bytes(one.usedBytes)} of ${bytes(one.totalBytes)}, ${full(one)}`] as const,
    ),
    ...users.map(({ name, terminal }) => ['Logged in', [name, terminal ?? ''].join(' ')] as const),
    ['Agent', dialect],
  ])

const status = ({ agents, primary }: GuestStatus): string => {
  const sheet = agents.find(({ dialect }) => dialect === primary)?.features ?? {}
  const rows = agents.map(one => [one.dialect, one.state, one.version ?? '-', one.reason ?? ''])
  const missing = Object.entries(sheet).map(([feature, why]) => [`No ${feature}`, why] as const)
  const parts = [table(['AGENT', 'STATE', 'VERSION', 'WHY'], rows)]
  if (missing.length > 0) parts.push(pairs(missing))
  return parts.join('\n\n')
}

export const GUEST_FORMATTERS = {
  'guest.status': status,
  'guest.info': info,
  'guest.processes': processes,
  'guest.filesystems': filesystems,
  'guest.services': services,
  'guest.disks': disks,
  'guest.cpus': cpus,
  'guest.list': entries,
  'guest.thaw': ({ count }: { count: number }) => `Thawed ${count} filesystem${count === 1 ? '' : 's'}.`,
  'guest.freeze': ({ count, token, autoThawAt }: { count: number; token: string | null; autoThawAt: number | null }) =>
    pairs([
      ['Frozen', `${count} filesystem${count === 1 ? '' : 's'}`],
      ['Thaws by itself', autoThawAt === null ? 'no' : moment(autoThawAt)],
      ['Token to thaw with', token],
    ]),
} as const
