/** This computer's interfaces and routes, read from the kernel's files; nothing is run. */
import { readdir, readFile, readlink } from 'node:fs/promises'
import { endianness, networkInterfaces } from 'node:os'
import { basename, join } from 'node:path'
import type { HostLinks, HostRoute } from './networks.ts'

/** Where tests put the files of another computer. */
export interface LinkSources {
  readonly sys: string
  readonly proc: string
  /** Addresses with their prefixes, by interface: what routing tables of their own, such as a VPN's, would hide. */
  readonly addresses: () => Iterable<HostRoute>
}

const HERE: LinkSources = {
  sys: '/sys/class/net',
  proc: '/proc/net',
  *addresses() {
    for (const [device, all] of Object.entries(networkInterfaces()))
      for (const { cidr, internal } of all ?? []) if (cidr !== null && !internal) yield { subnet: cidr, device }
  },
}

export const readHostLinks = async (sources: LinkSources = HERE): Promise<HostLinks> => {
  const [interfaces, four, six] = await Promise.all([
    interfacesIn(sources.sys),
    text(join(sources.proc, 'route')),
    text(join(sources.proc, 'ipv6_route')),
  ])
  return { interfaces, routes: [...parseRoutes(four), ...parseRoutes6(six), ...sources.addresses()] }
}

const text = (path: string): Promise<string> => readFile(path, 'utf8').catch(() => '')
const names = (path: string): Promise<string[]> => readdir(path).catch(() => [])

const interfacesIn = async (folder: string): Promise<HostLinks['interfaces']> => {
  const found = (await names(folder)).filter(name => name !== 'lo').toSorted()
  return (await Promise.all(found.map(name => interfaceIn(folder, name)))).flat()
}

const interfaceIn = async (folder: string, name: string): Promise<HostLinks['interfaces']> => {
  const path = join(folder, name)
  const [entries, state, master, uevent] = await Promise.all([
    names(path),
    text(join(path, 'operstate')),
    readlink(join(path, 'master')).catch(() => null),
    text(join(path, 'uevent')),
  ])
  const has = (entry: string) => entries.includes(entry)
  // Taps are the machines' own; a folder without an index is no interface (`bonding_masters` is a file).
  if (has('tun_flags') || !has('ifindex')) return []
  const type = /^DEVTYPE=(\w+)$/m.exec(uevent)?.[1]
  return [
    {
      name,
      // Some drivers do not know and say so.
      up: ['up', 'unknown'].includes(state.trim()),
      bridge: has('bridge'),
      wireless: has('wireless') || has('phy80211'),
      physical: has('device') || type === 'bond' || type === 'vlan',
      master: master === null ? null : basename(master),
    },
  ]
}

/** `/proc/net/route`: hexadecimal numbers in this computer's byte order. Routes to everywhere are left out. */
export const parseRoutes = (table: string): HostRoute[] =>
  table
    .split('\n')
    .slice(1)
    .flatMap(line => {
      const [device, destination, , flags, , , , mask] = line.trim().split(/\s+/)
      if (device === undefined || !isHex(destination, 8) || !isHex(mask, 8)) return []
      const prefix = prefixOf(mask)
      const up = (Number.parseInt(flags ?? '0', 16) & 1) === 1
      const written = destination.match(/../g) ?? []
      const bytes = endianness() === 'LE' ? written.toReversed() : written
      const subnet = `${bytes.map(byte => Number.parseInt(byte, 16)).join('.')}/${prefix}`
      return up && prefix >= NARROW ? [{ subnet, device }] : []
    })

/** Wider ones lead everywhere: default routes, and the halves of them that a VPN makes. */
const NARROW = 4

const isHex = (word: string | undefined, digits: number): word is string =>
  word !== undefined && word.length === digits && /^[0-9a-f]+$/i.test(word)

const prefixOf = (mask: string): number => Number.parseInt(mask, 16).toString(2).replaceAll('0', '').length

/** `/proc/net/ipv6_route`. What every interface has (link-local, multicast) is left out. */
export const parseRoutes6 = (table: string): HostRoute[] =>
  table.split('\n').flatMap(line => {
    const words = line.trim().split(/\s+/)
    const [destination, prefix, , , , , , , flags] = words
    const device = words[9]
    if (device === undefined || device === 'lo' || !isHex(destination, 32) || !isHex(prefix, 2)) return []
    const bits = Number.parseInt(prefix, 16)
    const up = (Number.parseInt(flags ?? '0', 16) & 1) === 1
    if (!up || bits < NARROW || /^(?:fe[89ab]|ff)/i.test(destination)) return []
    return [{ subnet: `${destination.match(/.{4}/g)?.join(':') ?? ''}/${bits}`, device }]
  })
