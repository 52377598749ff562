/** The English of what is wrong with a network; `{{name}}` stands for a value. Other languages know it by its keys. */
import type { NetworkIssue } from './network.ts'

export const NETWORK_WORDS = {
  'name.invalid':
    'A name has at most 50 letters, digits, dots, dashes and underscores and begins with a letter or digit',
  'name.taken': 'There is a network “{{name}}” already',
  'subnet.invalid': '“{{subnet}}” is no subnet such as 10.20.30.0/24',
  'subnet.host-bits': '“{{subnet}}” is an address in {{network}}: give that',
  'subnet.size': 'A subnet is from /8 to /29, this one is /{{prefix}}',
  'subnet.reserved': '{{subnet}} is kept for other things than machines',
  'subnet.route': '{{subnet}} overlaps {{other}}, which this computer reaches through {{device}}',
  'subnet.network': '{{subnet}} overlaps {{other}} of the network “{{network}}”',
  'subnet.none-free': 'No free subnet was found: give one',
  'subnet.unused': 'Machines on a network of this kind get their addresses from outside: it has no subnet',
  'subnet6.invalid': '“{{subnet}}” is no IPv6 subnet such as fd12:3456:789a:1::/64',
  'subnet6.size': 'An IPv6 subnet is a /64, this one is /{{prefix}}',
  'dhcp.both': 'Give the first and the last address, or neither',
  'dhcp.unused': 'Without DHCP no addresses are given out',
  'dhcp.invalid': '“{{address}}” is no IPv4 address',
  'dhcp.outside': '{{address}} is not in {{subnet}}',
  'dhcp.edge': '{{address}} is the first or last address of {{subnet}}, which no machine can have',
  'dhcp.order': '{{start}} comes after {{end}}',
  'dhcp.own': '{{address}} is this computer’s own address in the network',
  'bridge.missing': 'Choose a bridge of this computer',
  'bridge.invalid': 'A bridge’s name has at most 15 letters, digits, dots, dashes and underscores',
  'bridge.unknown': 'There is no bridge “{{bridge}}” on this computer',
  'bridge.not-bridge': '“{{bridge}}” is no bridge',
  'bridge.network': '“{{bridge}}” belongs to the network “{{network}}”: use that',
  'bridge.taken': '“{{bridge}}” is in use already',
  'bridge.unused': 'A network of this kind needs no bridge',
  'device.missing': 'Choose an interface of this computer',
  'device.invalid': 'An interface’s name has at most 15 letters, digits, dots, dashes and underscores',
  'device.unknown': 'There is no interface “{{device}}” on this computer',
  'device.bridge': '“{{device}}” is a bridge: make a network of that kind',
  'device.wireless': '“{{device}}” is Wi-Fi, which carries no addresses of machines',
  'device.unused': 'A network of this kind leads to no interface',
  'mac.none': '“{{machine}}” has no network card on a network that gives out addresses',
  'mac.unknown': '“{{machine}}” has no network card {{mac}} on a network that gives out addresses',
  'mac.which': '“{{machine}}” has several network cards: say which of {{macs}}',
  'ip.invalid': '“{{ip}}” is no IPv4 address',
  'ip.outside': '{{ip}} is not in {{subnet}}, the subnet of “{{network}}”',
  'ip.edge': '{{ip}} is the first or last address of {{subnet}}, which no machine can have',
  'ip.own': '{{ip}} is this computer’s own address in the network',
  'ip.taken': '{{ip}} is kept for {{owner}}',
  'ip.leased': '{{ip}} is in use by {{owner}}',
} as const

export type NetworkWord = keyof typeof NETWORK_WORDS

/** The sentence in English, without a full stop. */
export const networkEnglish = ({ code, values }: Pick<NetworkIssue, 'code' | 'values'>): string => {
  const words: Readonly<Record<string, string>> = NETWORK_WORDS
  return (words[code] ?? code).replace(/\{\{(\w+)\}\}/g, (_, key: string) => String(values[key] ?? ''))
}
