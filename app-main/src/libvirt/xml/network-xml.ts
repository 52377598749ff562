/** Network definitions: what Vireo reads of them, and the ones it makes. */
import { parseXml, type XmlElement } from './document.ts'
import { escapeXml } from './edit.ts'
import { attribute, find, findAll, textOf } from './query.ts'

export interface NetworkSubnetXml {
  readonly family: 'ipv4' | 'ipv6'
  /** The host's own address. */
  readonly address: string
  readonly prefix: number
  readonly dhcp: readonly { readonly start: string; readonly end: string }[]
}

export interface FixedAddressXml {
  /** Lower case. */
  readonly mac: string | null
  readonly ip: string
  readonly name: string | null
}

export interface NetworkXml {
  readonly name: string
  readonly uuid: string | null
  /** `nat`, `route`, `open`, `bridge`, `passthrough`, `hostdev`…; null for an isolated one. */
  readonly forward: string | null
  readonly bridge: string | null
  /** Interface of the host that it leads out through. */
  readonly device: string | null
  readonly subnets: readonly NetworkSubnetXml[]
  readonly fixed: readonly FixedAddressXml[]
  /** Place of the subnet with DHCP for IPv4 among all, as `virNetworkUpdate` counts; -1 when there is none. */
  readonly dhcpIndex: number
}

/** Reads a network's definition. Throws `RemoteError` of kind `invalid-input` for text that is no XML. */
export const parseNetworkXml = (text: string): NetworkXml => {
  const { root } = parseXml(text)
  const forward = find(root, 'forward')
  const ips = findAll(root, 'ip')
  return {
    name: textOf(find(root, 'name')) ?? '',
    uuid: textOf(find(root, 'uuid')),
    // A `<forward>` without a mode means NAT.
    forward: forward === undefined ? null : (attribute(forward, 'mode') ?? 'nat'),
    bridge: attribute(find(root, 'bridge'), 'name'),
    device: attribute(forward, 'dev') ?? attribute(find(forward, 'interface'), 'dev'),
    subnets: ips.flatMap(subnetOf),
    fixed: ips.flatMap(ip => findAll(ip, 'dhcp/host').flatMap(fixedOf)),
    dhcpIndex: ips.findIndex(ip => familyOf(ip) === 'ipv4' && find(ip, 'dhcp') !== undefined),
  }
}

const familyOf = (ip: XmlElement): 'ipv4' | 'ipv6' => (attribute(ip, 'family') === 'ipv6' ? 'ipv6' : 'ipv4')

const subnetOf = (ip: XmlElement): NetworkSubnetXml[] => {
  const address = attribute(ip, 'address')
  const family = familyOf(ip)
  if (address === null) return []
  const dhcp = findAll(ip, 'dhcp/range').flatMap(range => {
    const [start, end] = [attribute(range, 'start'), attribute(range, 'end')]
    return start === null || end === null ? [] : [{ start, end }]
  })
  return [{ family, address, prefix: prefixOf(ip, family, address), dhcp }]
}

/** Without prefix and mask libvirt takes what the address had before there were prefixes. */
const prefixOf = (ip: XmlElement, family: 'ipv4' | 'ipv6', address: string): number => {
  const prefix = attribute(ip, 'prefix')
  if (prefix !== null && /^\d{1,3}$/.test(prefix)) return Number(prefix)
  const mask = attribute(ip, 'netmask')
  if (mask !== null) return mask.split('.').reduce((bits, part) => bits + bitsIn(Number(part)), 0)
  if (family === 'ipv6') return 128
  const first = Number(address.split('.')[0])
  return first < 128 ? 8 : first < 192 ? 16 : 24
}

const bitsIn = (byte: number): number =>
  Number.isInteger(byte) && byte >= 0 && byte < 256 ? byte.toString(2).replaceAll('0', '').length : 0

const fixedOf = (host: XmlElement): FixedAddressXml[] => {
  const ip = attribute(host, 'ip')
  if (ip === null) return []
  return [{ mac: attribute(host, 'mac')?.toLowerCase() ?? null, ip, name: attribute(host, 'name') }]
}

export interface NewNetworkXml {
  readonly name: string
  readonly kind: 'nat' | 'routed' | 'isolated' | 'bridge' | 'macvtap'
  readonly subnets: readonly NetworkSubnetXml[]
  /** The host's bridge for `bridge`, else the name of the new one, which libvirt chooses when it is null. */
  readonly bridge: string | null
  readonly device: string | null
}

/** A definition as libvirt wants it. */
export const networkXml = (plan: NewNetworkXml): string =>
  [
    '<network>',
    `  <name>${escapeXml(plan.name)}</name>`,
    ...forwardOf(plan),
    ...bridgeOf(plan),
    ...plan.subnets.flatMap(ipOf),
    '</network>',
    '',
  ].join('\n')

const forwardOf = ({ kind, device, subnets }: NewNetworkXml): string[] => {
  const dev = device === null ? '' : ` dev='${escapeXml(device)}'`
  if (kind === 'isolated') return []
  if (kind === 'bridge') return [`  <forward mode='bridge'/>`]
  if (kind === 'macvtap') return [`  <forward mode='bridge'>`, `    <interface${dev}/>`, '  </forward>']
  if (kind === 'routed') return [`  <forward mode='route'${dev}/>`]
  const six = subnets.some(({ family }) => family === 'ipv6')
  return six
    ? [`  <forward mode='nat'${dev}>`, `    <nat ipv6='yes'/>`, '  </forward>']
    : [`  <forward mode='nat'${dev}/>`]
}

const bridgeOf = ({ kind, bridge }: NewNetworkXml): string[] => {
  const name = bridge === null ? '' : ` name='${escapeXml(bridge)}'`
  if (kind === 'macvtap') return []
  return kind === 'bridge' ? [`  <bridge${name}/>`] : [`  <bridge${name} stp='on' delay='0'/>`]
}

const ipOf = ({ family, address, prefix, dhcp }: NetworkSubnetXml): string[] => {
  const open = `  <ip family='${family}' address='${escapeXml(address)}' prefix='${prefix}'`
  if (dhcp.length === 0) return [`${open}/>`]
  const ranges = dhcp.map(({ start, end }) => `      <range start='${escapeXml(start)}' end='${escapeXml(end)}'/>`)
  return [`${open}>`, '    <dhcp>', ...ranges, '    </dhcp>', '  </ip>']
}

export interface DhcpHost {
  readonly mac: string
  readonly ip: string
  /** What an administrator called it, null for nothing. */
  readonly name: string | null
}

/** One entry of DHCP, for `virNetworkUpdate`, which replaces the whole of one that is there. */
export const dhcpHostXml = ({ mac, ip, name }: DhcpHost): string => {
  const named = name === null ? '' : ` name='${escapeXml(name)}'`
  return `<host mac='${escapeXml(mac)}'${named} ip='${escapeXml(ip)}'/>`
}
