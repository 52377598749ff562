/** A libvirt network in the contract's words. */
import type { Network, NetworkKind } from '../../contract/index.ts'
import type { NetworkRef } from '../../libvirt/index.ts'
import type { NetworkXml } from '../../libvirt/xml/network-xml.ts'

export interface NetworkFlags {
  readonly active: boolean
  readonly autostart: boolean
  readonly persistent: boolean
}

/** Ways out through a device's own switch. */
const TAPPED = ['private', 'vepa', 'passthrough']

const kindOf = ({ forward, bridge, device }: NetworkXml): NetworkKind => {
  if (forward === null) return 'isolated'
  if (forward === 'nat') return 'nat'
  if (forward === 'route' || forward === 'open') return 'routed'
  if (forward === 'bridge') return bridge === null && device !== null ? 'macvtap' : 'bridge'
  return TAPPED.includes(forward) ? 'macvtap' : 'other'
}

export const networkOf = (
  { name, uuid }: NetworkRef,
  flags: NetworkFlags,
  xml: NetworkXml,
): Omit<Network, 'connection' | 'users'> => ({
  name,
  uuid,
  kind: kindOf(xml),
  active: flags.active,
  autostart: flags.autostart,
  persistent: flags.persistent,
  bridge: xml.bridge,
  device: xml.device,
  subnets: xml.subnets.map(({ dhcp, ...subnet }) => ({ ...subnet, dhcp: dhcp.map(range => ({ ...range })) })),
  fixed: xml.fixed.map(entry => ({ ...entry })),
})
