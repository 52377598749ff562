/** Whether a machine can have an address for itself. Pure: it is told what there is already. */
import type { DhcpLease, DomainId, Network, NetworkIssue, NetworkWord } from '../../contract/index.ts'
import { addressOf, holds, isEdge, subnetOf, subnetText } from './subnet.ts'

/** A network card on a network that gives out addresses. */
export interface Card {
  readonly network: Network
  readonly mac: string
}

export interface Wish {
  readonly id: DomainId
  readonly machine: string
  /** Null: the only one there is. */
  readonly mac: string | null
}

const issue = (field: 'ip' | 'mac', code: NetworkWord, values: NetworkIssue['values'] = {}): NetworkIssue => ({
  field,
  code,
  values,
})

const dhcpSubnet = ({ subnets }: Network) => subnets.find(({ family, dhcp }) => family === 'ipv4' && dhcp.length > 0)

/** The card that is meant. */
export const cardOf = (networks: readonly Network[], { id, machine, mac }: Wish): Card | NetworkIssue => {
  const cards = networks
    .filter(network => dhcpSubnet(network) !== undefined)
    .flatMap(network =>
      network.users.filter(user => user.id === id).flatMap(({ macs }) => macs.map(card => ({ network, mac: card }))),
    )
  const wanted = mac?.trim().toLowerCase().replaceAll('-', ':')
  const [first, ...others] = wanted === undefined ? cards : cards.filter(card => card.mac === wanted)
  if (first === undefined)
    return mac === null ? issue('mac', 'mac.none', { machine }) : issue('mac', 'mac.unknown', { machine, mac })
  if (others.length === 0) return first
  return issue('mac', 'mac.which', { machine, macs: cards.map(card => card.mac).join(', ') })
}

/** What is wrong with an address for a card; else the address as it is written. */
export const addressFor = (
  { network, mac }: Card,
  text: string,
  leases: readonly DhcpLease[],
  now: number,
): string | NetworkIssue => {
  const ip = addressOf(text.trim(), 'ipv4')
  if (ip === null) return issue('ip', 'ip.invalid', { ip: text })
  const own = dhcpSubnet(network)
  if (own === undefined) return issue('ip', 'mac.none', { machine: mac })
  const subnet = subnetOf(own.address, own.prefix)
  const values = { ip, subnet: subnetText(subnet), network: network.name }
  if (!holds(subnet, ip)) return issue('ip', 'ip.outside', values)
  if (isEdge(subnet, ip)) return issue('ip', 'ip.edge', values)
  if (network.subnets.some(({ address }) => address === ip)) return issue('ip', 'ip.own', values)
  const fixed = network.fixed.find(entry => entry.ip === ip && entry.mac !== mac)
  if (fixed !== undefined) return issue('ip', 'ip.taken', { ip, owner: nameOf(network, fixed.mac) })
  const lease = leases.find(one => one.ip === ip && one.mac !== mac && (one.expiresAt ?? Infinity) > now)
  return lease === undefined ? ip : issue('ip', 'ip.leased', { ip, owner: nameOf(network, lease.mac) })
}

const nameOf = ({ users }: Network, mac: string | null): string =>
  users.find(({ macs }) => mac !== null && macs.includes(mac))?.name ?? mac ?? '?'
