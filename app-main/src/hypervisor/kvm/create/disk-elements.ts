/** The disks of a new machine, its seed and its installation medium. */
import { element } from '../../../libvirt/xml/write.ts'
import type { CreationHost, DiskSpec, MachineSpec } from '../../creation.ts'

/** Marks the seed among a machine's disks: it belongs to it, and goes with it. */
export const SEED_SERIAL = 'vireo-seed'

/** `vda`… `vdz`, `sda`… by the order on each kind of bus. */
class Targets {
  readonly #used = { vd: 0, sd: 0 }

  next(bus: string): { dev: string; bus: string } {
    const prefix = bus === 'virtio' ? 'vd' : 'sd'
    return { dev: `${prefix}${String.fromCodePoint(97 + this.#used[prefix]++)}`, bus }
  }
}

/** What is below is only read: the daemon must not hand it to the machine's user. */
const baseOf = ({ base }: DiskSpec, host: CreationHost): string =>
  base === null || !host.backingStoreInput
    ? ''
    : element(
        'backingStore',
        { type: 'file' },
        element('format', { type: base.format }),
        element('source', { file: base.path }, element('seclabel', { model: 'dac', relabel: 'no' })),
        '<backingStore/>',
      )

const diskElement = (disk: DiskSpec, host: CreationHost, targets: Targets, queues: number, order: number | null) =>
  element(
    'disk',
    { type: 'file', device: 'disk' },
    element('driver', {
      ...{ name: 'qemu', type: disk.format },
      ...(disk.direct ? { cache: 'none', io: 'native' } : {}),
      ...(disk.discard ? { discard: 'unmap', detect_zeroes: 'unmap' } : { detect_zeroes: 'on' }),
      ...(disk.bus === 'virtio' && queues > 1 ? { queues } : {}),
    }),
    element('source', { file: disk.path }),
    baseOf(disk, host),
    element('target', targets.next(disk.bus)),
    order === null ? '' : element('boot', { order }),
  )

/**
 * The seed is a virtio disk and no CD-ROM: the kernels of some cloud images have no driver for CD-ROM drives. Reading it
 * goes through the page cache, because what was just written into it lies there.
 */
const seedElement = (path: string, targets: Targets): string =>
  element(
    'disk',
    { type: 'file', device: 'disk' },
    element('driver', { name: 'qemu', type: 'raw' }),
    element('source', { file: path }),
    element('target', targets.next('virtio')),
    '<readonly/>',
    element('serial', {}, SEED_SERIAL),
  )

const isoElement = (path: string, host: CreationHost, targets: Targets): string =>
  element(
    'disk',
    { type: 'file', device: 'cdrom' },
    element('driver', { name: 'qemu', type: 'raw' }),
    // A medium that is gone shall not keep the machine from starting.
    element('source', { file: path, startupPolicy: 'optional' }),
    element('target', targets.next(host.arch === 'x86_64' || host.arch === 'i686' ? 'sata' : 'scsi')),
    '<readonly/>',
    element('boot', { order: 2 }),
  )

export const diskElements = ({ disks, seed, iso }: MachineSpec, host: CreationHost, queues: number): string[] => {
  const targets = new Targets()
  return [
    ...disks.map((disk, index) => diskElement(disk, host, targets, queues, index === 0 ? 1 : null)),
    seed === null ? '' : seedElement(seed, targets),
    iso === null ? '' : isoElement(iso, host, targets),
  ]
}
