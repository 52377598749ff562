/** The network room's answers for people. */
import type {
  ConnectionNetworks,
  DhcpLease,
  Network,
  NetworkDetail,
  NetworkHost,
  NetworkSubnet,
} from '../../contract/index.ts'
import { pairs } from './pairs.ts'
import { printableLines, table } from './text.ts'

const subnetOf = ({ address, prefix }: NetworkSubnet): string => `${address}/${prefix}`

const state = ({ active, autostart, persistent }: Network): string =>
  [active ? 'active' : 'inactive', ...(autostart ? ['autostart'] : []), ...(persistent ? [] : ['transient'])].join(', ')

const list = (all: readonly ConnectionNetworks[]): string => {
  const rows = all.flatMap(({ networks }) =>
    networks.map(one => [
      ...[one.name, one.kind, state(one), one.subnets.map(subnetOf).join(' ') || '-'],
      ...[one.bridge ?? one.device ?? '-', String(one.users.length), one.connection],
    ]),
  )
  // Those that have no networks to show have nothing to complain of.
  const failed = all.flatMap(({ connection, error }) =>
    error === null || error.kind === 'unsupported' ? [] : [`${connection}: ${error.message}`],
  )
  const shown =
    rows.length === 0
      ? 'No networks.'
      : table(['NAME', 'KIND', 'STATE', 'SUBNETS', 'LINK', 'MACHINES', 'CONNECTION'], rows)
  return [shown, ...failed].join('\n')
}

const one = (network: Network): string =>
  pairs([
    ['Name', network.name],
    ['UUID', network.uuid],
    ['Kind', network.kind],
    ['State', state(network)],
    ['Bridge', network.bridge],
    ['Device', network.device],
    ...network.subnets.map(subnet => ['Subnet', subnetOf(subnet)] as const),
    ...network.subnets.flatMap(({ dhcp }) => dhcp.map(({ start, end }) => ['DHCP', `${start} to ${end}`] as const)),
    ...network.fixed.map(({ mac, ip, name }) => ['Fixed', `${ip} ${mac ?? name ?? ''}`] as const),
    ...network.users.map(
      ({ name, macs, running }) => ['Machine', `${name} ${macs.join(' ')}${running ? ' (running)' : ''}`] as const,
    ),
  ])

const info = (network: NetworkDetail): string => `${one(network)}\n\n${printableLines(network.xml)}`

const host = ({ interfaces, freeSubnet }: NetworkHost): string => {
  const rows = (interfaces ?? []).map(({ name, up, bridge, wireless, physical, master, network }) => [
    ...[name, bridge ? 'bridge' : wireless ? 'Wi-Fi' : physical ? 'physical' : 'virtual', up ? 'up' : 'down'],
    ...[master ?? '-', network ?? '-'],
  ])
  const shown =
    interfaces === null
      ? 'The interfaces of another computer are not known.'
      : table(['NAME', 'KIND', 'STATE', 'BRIDGE', 'NETWORK'], rows)
  return `${shown}\n\nFree subnet: ${freeSubnet ?? 'none found'}`
}

const leases = (all: readonly DhcpLease[]): string =>
  all.length === 0
    ? 'No leases.'
    : table(
        ['ADDRESS', 'MAC', 'MACHINE', 'CALLS ITSELF', 'UNTIL'],
        all.map(({ ip, mac, machine, hostname, expiresAt }) => [
          ...[ip, mac ?? '-', machine?.name ?? '-', hostname ?? '-'],
          expiresAt === null ? 'for ever' : new Date(expiresAt).toISOString(),
        ]),
      )

export const NETWORK_FORMATTERS = {
  'network.list': list,
  'network.info': info,
  'network.host': host,
  'network.leases': leases,
} as const
