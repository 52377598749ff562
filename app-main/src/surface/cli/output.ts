/** Answers for people; `--json` prints them as they are. */
import { styleText } from 'node:util'
import type { Connection, DomainDetail, DomainSummary } from '../../contract/index.ts'
import { FORWARD_FORMATTERS } from './forward-output.ts'
import { GUEST_FORMATTERS } from './guest-output.ts'
import { HOST_FORMATTERS } from './host-output.ts'
import { LXD_FORMATTERS } from './lxd-output.ts'
import { MEDIA_FORMATTERS } from './media-output.ts'
import { NETWORK_FORMATTERS } from './network-output.ts'
import { IMAGE_FORMATTERS } from './image-output.ts'
import { pairs } from './pairs.ts'
import { SSH_FORMATTERS } from './ssh-output.ts'
import { printable, printableLines, size, table } from './text.ts'

type Formatter = (value: never) => string
const COLOURS: Readonly<Record<string, 'green' | 'yellow' | 'red' | 'gray'>> = {
  ...{ running: 'green', ready: 'green', done: 'green', paused: 'yellow', suspended: 'yellow', connecting: 'yellow' },
  ...{ crashed: 'red', failed: 'red', unavailable: 'red', lost: 'red', 'not-responding': 'red', shutoff: 'gray' },
}

/** Only on a terminal, and not where NO_COLOR forbids it. */
const paintState = (cell: string): string => {
  const colour = COLOURS[cell.split(/[ :,]/)[0] ?? '']
  return colour ? styleText(colour, cell, { stream: process.stdout }) : cell
}
const stateColumn = (at: number) => (cell: string, column: number) => (column === at ? paintState(cell) : cell)

/** A reason starts with the state in words (`Crashed: guest panicked`), which stands here already. */
const stateOf = ({ state, reason, stale }: DomainSummary): string => {
  const why = reason?.replace(/^(Running|Paused|Off|Crashed)(: |$)/, '')
  return `${state}${why ? `: ${why}` : ''}${stale ? ', last known' : ''}`
}
const SOURCES = { lease: 'DHCP lease', agent: 'guest agent', arp: 'ARP table' } as const
const addressesOf = ({ addresses }: DomainSummary): string => addresses.map(({ ip }) => ip).join(' ')

const domains = (list: readonly DomainSummary[]): string => {
  if (list.length === 0) return 'No machines.'
  const sorted = [...list].sort((a, b) => a.name.localeCompare(b.name))
  return table(
    ['NAME', 'STATE', 'VCPUS', 'MEMORY', 'ADDRESSES', 'CONNECTION'],
    sorted.map(one => [
      ...[one.name, stateOf(one), String(one.vcpus ?? '-'), one.memoryBytes === null ? '-' : size(one.memoryBytes)],
      ...[addressesOf(one) || '-', one.connection],
    ]),
    stateColumn(1),
  )
}

const connections = (list: readonly Connection[]): string =>
  list.length === 0
    ? 'No connections.'
    : table(
        ['URI', 'STATE', 'ACCESS', 'MACHINES', 'HOST'],
        list.map(one => [
          ...[one.uri, one.state, one.readOnly ? 'read-only' : 'full', String(one.domainCount)],
          one.host?.hostname ?? one.error?.message ?? '-',
        ]),
        stateColumn(1),
      )

const detail = (one: DomainDetail): string =>
  pairs([
    ['Name', one.name],
    ['Title', one.title],
    ['UUID', one.uuid],
    ['Id', one.id],
    ['State', stateOf(one)],
    ['Description', one.description],
    ['vCPUs', String(one.vcpus)],
    ['Memory', `${size(one.memoryBytes)} of ${size(one.maxMemoryBytes)}`],
    ['Machine', [one.virtType, one.arch, one.machine ?? '', one.firmware].filter(Boolean).join(' ')],
    ['Guest OS', one.guestOs ?? one.osId ?? 'unknown'],
    ...(one.member === null ? [] : [['Cluster member', one.member] as const]),
    ['Autostart', one.autostart ? 'yes' : 'no'],
    ['Addresses', one.addresses.map(({ ip, source }) => `${ip} (${SOURCES[source]})`).join('\n') || 'none known'],
    ...one.disks.map(disk => {
      const capacity = disk.capacityBytes === null ? '' : ` ${size(disk.capacityBytes)}`
      return [`Disk ${disk.target}`, `${disk.source ?? '(empty)'}${capacity} ${disk.bus} ${disk.device}`] as const
    }),
    ...one.interfaces.map(nic => ['Network', `${nic.type} ${nic.source ?? ''} ${nic.mac ?? ''}`] as const),
    ...one.graphics.map(({ type, listen }) => ['Screen', `${type} ${listen ?? ''}`] as const),
    ...one.consoles.map(({ alias, type }) => ['Console', `${alias} (${type})`] as const),
    ...Object.entries(one.features).map(([feature, why]) => [`No ${feature}`, why] as const),
  ])

const FORMATTERS: Readonly<Record<string, Formatter>> = {
  'domain.list': domains,
  'domain.get': detail,
  'domain.xml': ({ xml }: { xml: string }) => printableLines(xml),
  'connection.list': connections,
  'connection.add': (one: Connection) => connections([one]),
  ...FORWARD_FORMATTERS,
  ...GUEST_FORMATTERS,
  ...HOST_FORMATTERS,
  ...IMAGE_FORMATTERS,
  ...LXD_FORMATTERS,
  ...MEDIA_FORMATTERS,
  ...NETWORK_FORMATTERS,
  ...SSH_FORMATTERS,
}

const plain = (value: unknown): string => {
  if (typeof value !== 'object' || value === null) return printable(String(value))
  return pairs(
    Object.entries(value).map(([key, item]) => [key, typeof item === 'string' ? item : JSON.stringify(item)] as const),
  )
}

/** Empty where the answer says nothing but that it worked. */
export const humanOutput = (room: string, name: string, value: unknown): string => {
  const formatter = FORMATTERS[`${room}.${name}`]
  // The dispatcher has checked that the value is what the contract says.
  if (formatter) return formatter(value as never)
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0 ? '' : plain(value)
}
