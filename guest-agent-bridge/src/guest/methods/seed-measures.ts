/** What telemetry says of addresses and disks, asked for one by one under KVM Manager's names. */
import { vireo } from '../../protocol/index.ts'
import { handle, type Method } from '../method.ts'
import { filesystems } from '../measure/filesystems.ts'
import { networkInterfaces } from '../measure/interfaces.ts'

type Interface = vireo.ResultOf<typeof vireo.getNetworkInfo>['interfaces'][number]

/** An address of IPv6 has a colon, with or without its prefix length. */
const isIpv6 = (address: string): boolean => address.includes(':')

const seedInterface = (one: vireo.NetworkInterface): Interface => ({
  name: one.name,
  mac_address: one.mac ?? '',
  ipv4_addresses: one.addresses.filter(address => !isIpv6(address)),
  ipv6_addresses: one.addresses.filter(isIpv6),
  state: one.up ? 'up' : 'down',
  mtu: one.mtu,
  received_bytes: one.received_bytes,
  sent_bytes: one.sent_bytes,
})

export const seedMeasureMethods: readonly Method[] = [
  handle(vireo.getNetworkInfo, {
    run: (_, { sys }) => ({ interfaces: networkInterfaces(sys, true).map(seedInterface) }),
  }),
  handle(vireo.getDiskUsage, { run: (_, { sys }) => ({ filesystems: filesystems(sys) }) }),
]
