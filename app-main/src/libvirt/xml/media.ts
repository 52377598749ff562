/** Drives with removable media, and the order in which a machine tries what it can start from. */
import { invalidXml, parseXml, type XmlElement } from './document.ts'
import { escapeXml, XmlEdit } from './edit.ts'
import { attribute, childrenOf, find, findAll } from './query.ts'
import { diskOf } from './disk-xml.ts'
import { element } from './write.ts'

export interface DriveXml {
  readonly target: string
  readonly bus: string
  /** What lies in it; null: empty. */
  readonly source: string | null
  /** The guest, or a person, has opened it. Told of machines that run. */
  readonly open: boolean
}

export type BootKind = 'disk' | 'cdrom' | 'floppy' | 'network' | 'other'

/** Something that a machine can start from. */
export interface BootDeviceXml {
  /** A disk's target, or a network card's MAC address. */
  readonly device: string
  readonly kind: BootKind
  /** From 1 on; null: it is never tried. */
  readonly order: number | null
}

const isDrive = (disk: XmlElement): boolean => attribute(disk, 'device') === 'cdrom'
const targetOf = (disk: XmlElement): string => attribute(find(disk, 'target'), 'dev') ?? ''

/** Its CD drives. */
export const drivesOf = (domain: string): DriveXml[] =>
  findAll(parseXml(domain).root, 'devices/disk')
    .filter(isDrive)
    .map(disk => {
      const { target, bus, source } = diskOf(disk)
      return { target, bus, source, open: attribute(find(disk, 'target'), 'tray') === 'open' }
    })

/** A drive's own words in the definition; null when there is none of that name. */
export const findDrive = (domain: string, target: string): string | null => {
  const { root, text } = parseXml(domain)
  const disk = findAll(root, 'devices/disk').find(one => isDrive(one) && targetOf(one) === target)
  return disk === undefined ? null : text.slice(disk.start, disk.end)
}

/** A medium that is gone shall not keep the machine from starting. */
const sourceXml = (path: string): string => element('source', { file: path, startupPolicy: 'optional' })

/**
 * The drive with a file of the host in it, or empty with null. What it holds is never taken for anything but plain bytes:
 * an image's own header could name other files of the host.
 */
export const withMedium = (drive: string, path: string | null): string => {
  const document = parseXml(drive)
  const { root } = document
  const edit = new XmlEdit(document).setAttribute(root, 'type', 'file')
  const target = find(root, 'target')
  if (target?.attributes.has('tray') === true) edit.setAttribute(target, 'tray', 'closed')
  const driver = find(root, 'driver')
  if (driver !== undefined) edit.setAttribute(driver, 'type', 'raw')
  for (const name of ['backingStore', 'mirror']) for (const one of childrenOf(root, name)) edit.remove(one)
  const source = find(root, 'source')
  if (source === undefined && path !== null) edit.insert(root, sourceXml(path), driver ?? root.children.at(0))
  if (source !== undefined && path !== null) edit.replace(source, sourceXml(path))
  if (source !== undefined && path === null) edit.remove(source)
  return edit.toString()
}

const LETTERS = Array.from({ length: 26 }, (_, index) => String.fromCodePoint(97 + index))

/** What a machine of this type has its CD drives on; those of the others cannot be added while it runs. */
const usualBus = (root: XmlElement): 'sata' | 'ide' | 'scsi' => {
  const type = find(root, 'os/type')
  if (!['x86_64', 'i686'].includes(attribute(type, 'arch') ?? '')) return 'scsi'
  return (attribute(type, 'machine') ?? '').includes('q35') ? 'sata' : 'ide'
}

export interface NewDrive {
  readonly target: string
  readonly xml: string
}

/**
 * A drive for a machine, with a file of the host in it. `taken` are targets that are used elsewhere. `plugged`: it comes
 * to a running machine, where only USB takes one.
 */
export const newDrive = (domain: string, path: string, plugged: boolean, taken: readonly string[] = []): NewDrive => {
  const { root } = parseXml(domain)
  const bus = plugged ? 'usb' : usualBus(root)
  const prefix = bus === 'ide' ? 'hd' : 'sd'
  const used = new Set([...taken, ...findAll(root, 'devices/disk').map(targetOf)])
  const letter = LETTERS.slice(0, bus === 'ide' ? 4 : 26).find(one => !used.has(prefix + one))
  if (letter === undefined) throw invalidXml('it has no place for another drive')
  const target = `${prefix}${letter}`
  const xml = element(
    'disk',
    { type: 'file', device: 'cdrom' },
    element('driver', { name: 'qemu', type: 'raw' }),
    sourceXml(path),
    element('target', { dev: target, bus }),
    '<readonly/>',
  )
  return { target, xml }
}

interface Bootable {
  readonly device: string
  readonly kind: BootKind
  readonly element: XmlElement
  /** As it stands at the device. */
  readonly order: number | null
}

const BOOTABLE = ['disk', 'interface', 'hostdev', 'redirdev']

const kindOf = (one: XmlElement): BootKind => {
  if (one.name === 'interface') return 'network'
  if (one.name !== 'disk') return 'other'
  const device = attribute(one, 'device') ?? 'disk'
  return device === 'cdrom' || device === 'floppy' ? device : 'disk'
}

const nameOf = (one: XmlElement): string =>
  one.name === 'interface' ? (attribute(find(one, 'mac'), 'address') ?? '').toLowerCase() : targetOf(one)

const bootables = (root: XmlElement): Bootable[] =>
  (find(root, 'devices')?.children ?? [])
    .filter(({ name }) => BOOTABLE.includes(name))
    .map(one => {
      const order = Number(attribute(find(one, 'boot'), 'order') ?? Number.NaN)
      return { device: nameOf(one), kind: kindOf(one), element: one, order: Number.isSafeInteger(order) ? order : null }
    })

const KINDS: Readonly<Record<string, BootKind>> = { hd: 'disk', cdrom: 'cdrom', fd: 'floppy', network: 'network' }

/** What is tried, the first first. Said at the devices, or by kinds, of which the first device counts each time. */
const sequence = (root: XmlElement): Bootable[] => {
  const all = bootables(root)
  const ordered = all.filter(({ order }) => order !== null).toSorted((a, b) => (a.order ?? 0) - (b.order ?? 0))
  if (ordered.length > 0) return ordered
  const said = findAll(root, 'os/boot').flatMap(boot => KINDS[attribute(boot, 'dev') ?? ''] ?? [])
  const kinds = said.length > 0 ? said : (['disk'] as const)
  return [...new Set(kinds)].flatMap(kind => all.find(one => one.kind === kind) ?? [])
}

/** Everything that it can start from, with its place in the order. */
export const bootDevicesOf = (domain: string): BootDeviceXml[] => {
  const { root } = parseXml(domain)
  const tried = sequence(root).map(one => one.element)
  return bootables(root).flatMap(({ device, kind, element: one }) => {
    const at = tried.indexOf(one)
    return device === '' ? [] : [{ device, kind, order: at < 0 ? null : at + 1 }]
  })
}

/**
 * The definition that tries this device first and the others afterwards as before; null when it has no such device. Said
 * at the devices from then on: libvirt takes no mixture.
 */
export const withBootFirst = (domain: string, device: string): string | null => {
  const document = parseXml(domain)
  const { root } = document
  const first = bootables(root).find(one => one.device !== '' && one.device === device)
  if (first === undefined) return null
  const edit = new XmlEdit(document)
  for (const boot of findAll(root, 'os/boot')) edit.remove(boot)
  const before = sequence(root)
  if (before[0]?.element === first.element && before[0].order !== null) return domain
  const order = [first, ...before.filter(one => one.element !== first.element)]
  for (const [at, one] of order.entries()) {
    const said = find(one.element, 'boot')
    const place = String(at + 1)
    if (said === undefined) edit.insert(one.element, `<boot order='${escapeXml(place)}'/>`)
    else edit.setAttribute(said, 'order', place)
  }
  return edit.toString()
}
