/** What is wrong with a network that somebody wants. Pure: it is told what there is already. */
import type {
  AddressRange,
  Network,
  NetworkField,
  NetworkIssue,
  NetworkPlan,
  NetworkSubnet,
  NetworkWord,
  NewNetwork,
} from '../../contract/index.ts'
import type { HostLinks } from '../../hypervisor/networks.ts'
import { checkLinks } from './link-names.ts'
import {
  addressOf,
  compare,
  freeSubnet,
  holds,
  isEdge,
  isReserved,
  nth,
  overlaps,
  parseSubnet,
  subnetOf,
  subnetText,
  type Subnet,
} from './subnet.ts'

/** What a new network has to fit in with. */
export interface Surroundings {
  readonly networks: readonly Network[]
  /** Null where nobody knows: then only what needs no knowledge of the computer is checked. */
  readonly host: HostLinks | null
}

export interface CheckedNetwork {
  readonly issues: NetworkIssue[]
  /** Complete when there are no issues. */
  readonly plan: NetworkPlan
}

/** Notes one thing that is wrong. */
export type Report = (field: NetworkField, code: NetworkWord, values?: NetworkIssue['values']) => void

const NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,49}$/

export const checkNewNetwork = (wanted: NewNetwork, around: Surroundings): CheckedNetwork => {
  const issues: NetworkIssue[] = []
  const report: Report = (field, code, values = {}) => void issues.push({ field, code, values })
  const { name, kind } = wanted
  if (!NAME.test(name)) report('name', 'name.invalid')
  else if (around.networks.some(one => one.name === name)) report('name', 'name.taken', { name })
  const links = checkLinks(wanted, around, report)
  const subnets = ownSubnets(kind) ? checkSubnets(wanted, around, report) : refuseSubnets(wanted, report)
  return { issues, plan: { name, kind, subnets, ...links } }
}

/** The others get their addresses from outside. */
const ownSubnets = (kind: NewNetwork['kind']): boolean => kind !== 'bridge' && kind !== 'macvtap'

const refuseSubnets = ({ subnet, subnet6, dhcpStart, dhcpEnd }: NewNetwork, report: Report): [] => {
  const given = { subnet, subnet6, dhcpStart, dhcpEnd }
  for (const field of ['subnet', 'subnet6', 'dhcpStart', 'dhcpEnd'] as const)
    if (given[field] !== null) report(field, 'subnet.unused')
  return []
}

const checkSubnets = (wanted: NewNetwork, around: Surroundings, report: Report): NetworkSubnet[] => {
  const four = wanted.subnet === null ? anySubnet(around, report) : subnet4(wanted.subnet, around, report)
  const six = wanted.subnet6 === null ? null : subnet6(wanted.subnet6, around, report)
  const dhcp = checkRange(wanted, four, report)
  return [
    ...(four === null ? [] : [{ family: four.family, address: nth(four, 1), prefix: four.prefix, dhcp }]),
    ...(six === null ? [] : [{ family: six.family, address: nth(six, 1), prefix: six.prefix, dhcp: [] }]),
  ]
}

/** All that has addresses already. */
const taken = ({ networks, host }: Surroundings): Subnet[] => [
  ...networks.flatMap(({ subnets }) => subnets.map(({ address, prefix }) => subnetOf(address, prefix))),
  ...(host?.routes ?? []).flatMap(({ subnet }) => parseSubnet(subnet) ?? []),
]

/** A subnet that nothing uses, for whoever does not care. */
export const proposedSubnet = (around: Surroundings): Subnet | null => freeSubnet(taken(around))

const anySubnet = (around: Surroundings, report: Report): Subnet | null => {
  const free = proposedSubnet(around)
  if (free === null) report('subnet', 'subnet.none-free')
  return free
}

const subnet4 = (text: string, around: Surroundings, report: Report): Subnet | null => {
  const found = parseSubnet(text)
  if (found?.family !== 'ipv4') return refused(report('subnet', 'subnet.invalid', { subnet: text }))
  const { prefix } = found
  if (prefix < 8 || prefix > 29) return refused(report('subnet', 'subnet.size', { prefix }))
  if (!found.exact) return refused(report('subnet', 'subnet.host-bits', { subnet: text, network: subnetText(found) }))
  return fits('subnet', found, around, report) ? found : null
}

const subnet6 = (text: string, around: Surroundings, report: Report): Subnet | null => {
  const found = parseSubnet(text)
  if (found?.family !== 'ipv6') return refused(report('subnet6', 'subnet6.invalid', { subnet: text }))
  // Machines make their own addresses in it, which they can in a /64 only.
  if (found.prefix !== 64) return refused(report('subnet6', 'subnet6.size', { prefix: found.prefix }))
  if (!found.exact) return refused(report('subnet6', 'subnet.host-bits', { subnet: text, network: subnetText(found) }))
  return fits('subnet6', found, around, report) ? found : null
}

const refused = (_reported: void): null => null

const fits = (field: 'subnet' | 'subnet6', wanted: Subnet, around: Surroundings, report: Report): boolean => {
  const subnet = subnetText(wanted)
  for (const { name, subnets } of around.networks)
    for (const { address, prefix } of subnets) {
      const other = subnetOf(address, prefix)
      if (!overlaps(wanted, other)) continue
      report(field, 'subnet.network', { subnet, other: subnetText(other), network: name })
      return false
    }
  for (const route of around.host?.routes ?? []) {
    const other = parseSubnet(route.subnet)
    if (other === null || !overlaps(wanted, other)) continue
    report(field, 'subnet.route', { subnet, other: subnetText(other), device: route.device })
    return false
  }
  if (isReserved(wanted)) report(field, 'subnet.reserved', { subnet })
  return !isReserved(wanted)
}

const checkRange = (wanted: NewNetwork, subnet: Subnet | null, report: Report): AddressRange[] => {
  const { dhcp, dhcpStart, dhcpEnd } = wanted
  if (!dhcp) {
    if (dhcpStart !== null) report('dhcpStart', 'dhcp.unused')
    if (dhcpEnd !== null) report('dhcpEnd', 'dhcp.unused')
    return []
  }
  if (dhcpStart === null && dhcpEnd === null)
    return subnet === null ? [] : [{ start: nth(subnet, 2), end: nth(subnet, -2) }]
  if (dhcpStart === null || dhcpEnd === null) {
    report(dhcpStart === null ? 'dhcpStart' : 'dhcpEnd', 'dhcp.both')
    return []
  }
  const start = addressIn('dhcpStart', dhcpStart, subnet, report)
  const end = addressIn('dhcpEnd', dhcpEnd, subnet, report)
  if (start === null || end === null) return []
  if (compare(start, end) > 0) report('dhcpEnd', 'dhcp.order', { start, end })
  const own = subnet === null ? null : nth(subnet, 1)
  if (own !== null && compare(start, own) <= 0 && compare(own, end) <= 0)
    report('dhcpStart', 'dhcp.own', { address: own })
  return [{ start, end }]
}

const addressIn = (
  field: 'dhcpStart' | 'dhcpEnd',
  text: string,
  subnet: Subnet | null,
  report: Report,
): string | null => {
  const address = addressOf(text.trim(), 'ipv4')
  if (address === null) return refused(report(field, 'dhcp.invalid', { address: text }))
  // What is wrong with the subnet itself is told there.
  if (subnet === null) return null
  if (!holds(subnet, address)) return refused(report(field, 'dhcp.outside', { address, subnet: subnetText(subnet) }))
  if (isEdge(subnet, address)) return refused(report(field, 'dhcp.edge', { address, subnet: subnetText(subnet) }))
  return address
}
