/** The facts of a domain's XML that Vireo shows or decides on. What is missing is null, never guessed. */
import { parseXml, type XmlElement } from './document.ts'
import { diskOf, type DiskXml } from './disk-xml.ts'
import { attribute, find, findAll, localName, namespaceOf, textOf } from './query.ts'

export interface InterfaceXml {
  readonly type: string
  readonly mac: string | null
  readonly model: string | null
  /** Network, bridge or device it is plugged into. */
  readonly source: string | null
  /** The host's device, for instance `vnet3`. */
  readonly target: string | null
  readonly linkUp: boolean
}

export interface GraphicsXml {
  readonly type: string
  readonly port: number | null
  /** Address it listens on, null when it has none of its own. */
  readonly address: string | null
  readonly socket: string | null
  readonly password: string | null
}

export interface ConsoleXml {
  readonly kind: 'serial' | 'console'
  readonly port: number
  /** Backend: only `pty` and `unix` lines can be opened through the daemon. */
  readonly type: string
  readonly targetType: string | null
  readonly alias: string | null
}

export interface ChannelXml {
  readonly type: string
  readonly name: string | null
  readonly connected: boolean
  readonly alias: string | null
}

export interface DomainXml {
  readonly virtType: string
  readonly name: string
  readonly uuid: string | null
  readonly title: string | null
  readonly description: string | null
  /** libosinfo id from the metadata. */
  readonly osId: string | null
  readonly osType: string
  readonly arch: string
  readonly machine: string | null
  readonly firmware: 'bios' | 'uefi'
  /** File with the firmware's variables. */
  readonly nvram: string | null
  readonly vcpus: number
  readonly memoryBytes: number
  readonly maxMemoryBytes: number
  readonly disks: readonly DiskXml[]
  readonly interfaces: readonly InterfaceXml[]
  readonly graphics: readonly GraphicsXml[]
  readonly consoles: readonly ConsoleXml[]
  readonly channels: readonly ChannelXml[]
}

const LIBOSINFO = 'http://libosinfo.org/xmlns/libvirt/domain/1.0'

/** Reads a domain definition. Throws `RemoteError` of kind `invalid-input` for text that is no XML. */
export const parseDomainXml = (text: string): DomainXml => {
  const { root } = parseXml(text)
  const type = find(root, 'os/type')
  const memory = sizeOf(find(root, 'memory')) ?? 0
  return {
    virtType: attribute(root, 'type') ?? '',
    name: find(root, 'name')?.text ?? '',
    uuid: textOf(find(root, 'uuid')),
    title: textOf(find(root, 'title')),
    description: textOf(find(root, 'description')),
    osId: osIdOf(root),
    osType: textOf(type) ?? '',
    arch: attribute(type, 'arch') ?? '',
    machine: attribute(type, 'machine'),
    firmware: firmwareOf(root),
    nvram: nvramOf(root),
    vcpus: integer(attribute(find(root, 'vcpu'), 'current')) ?? integer(textOf(find(root, 'vcpu'))) ?? 1,
    memoryBytes: sizeOf(find(root, 'currentMemory')) ?? memory,
    maxMemoryBytes: memory,
    disks: findAll(root, 'devices/disk').map(diskOf),
    interfaces: findAll(root, 'devices/interface').map(interfaceOf),
    graphics: findAll(root, 'devices/graphics').map(graphicsOf),
    consoles: consolesOf(root),
    channels: findAll(root, 'devices/channel').map(channelOf),
  }
}

const osIdOf = (root: XmlElement): string | null => {
  const library = find(root, 'metadata')?.children.find(child => namespaceOf(child) === LIBOSINFO)
  return attribute(
    library?.children.find(child => localName(child) === 'os'),
    'id',
  )
}

const firmwareOf = (root: XmlElement): 'bios' | 'uefi' => {
  const os = find(root, 'os')
  const loader = find(os, 'loader')
  const efi = attribute(os, 'firmware') === 'efi' || attribute(loader, 'type') === 'pflash'
  return efi || find(os, 'nvram') !== undefined ? 'uefi' : 'bios'
}

const nvramOf = (root: XmlElement): string | null => {
  const nvram = find(root, 'os/nvram')
  return textOf(nvram) ?? attribute(find(nvram, 'source'), 'file')
}

const interfaceOf = (element: XmlElement): InterfaceXml => {
  const source = find(element, 'source')
  return {
    type: attribute(element, 'type') ?? '',
    mac: attribute(find(element, 'mac'), 'address')?.toLowerCase() ?? null,
    model: attribute(find(element, 'model'), 'type'),
    source: attribute(source, 'network') ?? attribute(source, 'bridge') ?? attribute(source, 'dev'),
    target: attribute(find(element, 'target'), 'dev'),
    linkUp: attribute(find(element, 'link'), 'state') !== 'down',
  }
}

const graphicsOf = (element: XmlElement): GraphicsXml => {
  const listen = find(element, 'listen')
  const port = integer(attribute(element, 'port'))
  return {
    type: attribute(element, 'type') ?? '',
    port: port !== null && port > 0 ? port : null,
    address: attribute(listen, 'address') ?? attribute(element, 'listen'),
    socket: attribute(listen, 'socket') ?? attribute(element, 'socket'),
    password: attribute(element, 'passwd'),
  }
}

/** libvirt repeats the first serial line as a console of target type `serial`: one line, listed once. */
const consolesOf = (root: XmlElement): ConsoleXml[] => {
  const serials = findAll(root, 'devices/serial').map(element => consoleOf(element, 'serial'))
  const consoles = findAll(root, 'devices/console').map(element => consoleOf(element, 'console'))
  return [...serials, ...consoles.filter(console => serials.length === 0 || console.targetType !== 'serial')]
}

const consoleOf = (element: XmlElement, kind: 'serial' | 'console'): ConsoleXml => ({
  kind,
  port: integer(attribute(find(element, 'target'), 'port')) ?? 0,
  type: attribute(element, 'type') ?? '',
  targetType: attribute(find(element, 'target'), 'type'),
  alias: attribute(find(element, 'alias'), 'name'),
})

const channelOf = (element: XmlElement): ChannelXml => ({
  type: attribute(element, 'type') ?? '',
  name: attribute(find(element, 'target'), 'name'),
  connected: attribute(find(element, 'target'), 'state') === 'connected',
  alias: attribute(find(element, 'alias'), 'name'),
})

const integer = (text: string | null): number | null =>
  text !== null && /^-?\d{1,15}$/.test(text.trim()) ? Number(text) : null

const UNITS: Readonly<Record<string, number>> = {
  b: 1,
  bytes: 1,
  kb: 1000,
  k: 1024,
  kib: 1024,
  mb: 1000 ** 2,
  m: 1024 ** 2,
  mib: 1024 ** 2,
  gb: 1000 ** 3,
  g: 1024 ** 3,
  gib: 1024 ** 3,
  tb: 1000 ** 4,
  t: 1024 ** 4,
  tib: 1024 ** 4,
}

/** Bytes of a scaled integer; libvirt's own unit is KiB. */
const sizeOf = (element: XmlElement | undefined): number | null => {
  const amount = integer(textOf(element))
  const unit = UNITS[(attribute(element, 'unit') ?? 'KiB').toLowerCase()]
  return amount === null || unit === undefined ? null : amount * unit
}
