/** The definition of a new machine: one pure function of what is wanted and what the host can give. */
import { RemoteError } from '../../../contract/index.ts'
import { channelXml } from '../../../libvirt/xml/channel.ts'
import { element, text } from '../../../libvirt/xml/write.ts'
import type { CreationHost, MachineSpec } from '../../creation.ts'
import { diskElements } from './disk-elements.ts'
import { nicElement } from './nic-element.ts'

const LIBOSINFO = 'http://libosinfo.org/xmlns/libvirt/domain/1.0'
/** Of what Vireo keeps in a machine's metadata. */
export const VIREO_NAMESPACE = 'urn:vireo:domain:1'

/** As many as libvirt's own tools leave free, so that disks and cards can be added to a running machine. */
const ROOT_PORTS = 14
/** More only make a guest with many processors slower to start. */
const MOST_QUEUES = 8
const MEBIBYTE = 1024 * 1024

const AGENTS = ['org.qemu.guest_agent.0', 'org.vireo.agent.0']

export const isX86 = ({ arch }: CreationHost): boolean => arch === 'x86_64' || arch === 'i686'
const isWindows = ({ osId }: MachineSpec): boolean => osId?.startsWith('http://microsoft.com/') ?? false

const unsupported = (message: string, hint: string): RemoteError =>
  new RemoteError({ kind: 'unsupported', message, hint })

const mustBePossible = (spec: MachineSpec, host: CreationHost): void => {
  if (spec.accelerated && !host.kvm)
    throw unsupported('This host has no KVM.', 'Use emulation, or see what vireo host check says.')
  if (spec.firmware !== 'bios' && !host.uefi)
    throw unsupported('This host has no UEFI firmware for machines.', 'Install OVMF (AAVMF on ARM), or use BIOS.')
  if (spec.firmware === 'bios' && !isX86(host)) throw unsupported(`${host.arch} has no BIOS.`, 'Use UEFI.')
  if (spec.firmware === 'secure-boot' && !host.secureBoot)
    throw unsupported('This host’s firmware has no Secure Boot.', 'Use UEFI without it.')
  if (spec.tpm && !host.tpm)
    throw unsupported('This host cannot emulate a TPM.', 'Install swtpm, or leave the TPM out.')
  if (spec.cpus > host.maxCpus)
    throw new RemoteError({ kind: 'invalid-input', message: `A machine here has at most ${host.maxCpus} processors.` })
}

const metadata = ({ osId, tags }: MachineSpec): string =>
  element(
    'metadata',
    {},
    osId === null
      ? ''
      : element('libosinfo:libosinfo', { 'xmlns:libosinfo': LIBOSINFO }, element('libosinfo:os', { id: osId })),
    element('vireo:vireo', { 'xmlns:vireo': VIREO_NAMESPACE }, ...tags.map(tag => element('vireo:tag', {}, text(tag)))),
  )

/** Its kernel starts at once, whatever the firmware would choose. */
const installer = ({ install }: MachineSpec): string[] =>
  install === undefined
    ? []
    : [
        element('kernel', {}, text(install.kernel)),
        element('initrd', {}, text(install.ramdisk)),
        element('cmdline', {}, text(install.commandLine)),
      ]

const firmware = (spec: MachineSpec, host: CreationHost): string => {
  const type = element('type', { arch: host.arch, machine: host.machine }, 'hvm')
  const direct = installer(spec)
  if (spec.firmware === 'bios') return element('os', {}, type, ...direct)
  const secure = spec.firmware === 'secure-boot' ? 'yes' : 'no'
  const features = isX86(host)
    ? [
        element(
          'firmware',
          {},
          element('feature', { enabled: secure, name: 'enrolled-keys' }),
          element('feature', { enabled: secure, name: 'secure-boot' }),
        ),
      ]
    : []
  return element('os', { firmware: 'efi' }, type, ...features, ...direct)
}

const features = (spec: MachineSpec, host: CreationHost): string => {
  const windows = isWindows(spec) && spec.accelerated
  return element(
    'features',
    {},
    '<acpi/>',
    isX86(host) ? '<apic/>' : element('gic', { version: spec.accelerated ? 'host' : '2' }),
    isX86(host) ? element('vmport', { state: 'off' }) : '',
    spec.firmware === 'secure-boot' && isX86(host) ? element('smm', { state: 'on' }) : '',
    windows
      ? element(
          'hyperv',
          {},
          element('relaxed', { state: 'on' }),
          element('vapic', { state: 'on' }),
          element('spinlocks', { state: 'on', retries: 8191 }),
        )
      : '',
  )
}

/** Emulation has no processor to pass on; `max` is all that it can do. */
const processor = ({ accelerated }: MachineSpec, host: CreationHost): string => {
  if (accelerated && host.hostPassthrough) return element('cpu', { mode: 'host-passthrough', check: 'none' })
  if (host.maximumCpu) return element('cpu', { mode: 'maximum', check: 'none' })
  return accelerated ? element('cpu', { mode: 'host-model' }) : ''
}

const clock = (spec: MachineSpec, host: CreationHost): string =>
  element(
    'clock',
    { offset: isWindows(spec) ? 'localtime' : 'utc' },
    element('timer', { name: 'rtc', tickpolicy: 'catchup' }),
    ...(isX86(host)
      ? [element('timer', { name: 'pit', tickpolicy: 'delay' }), element('timer', { name: 'hpet', present: 'no' })]
      : []),
    isWindows(spec) && spec.accelerated ? element('timer', { name: 'hypervclock', present: 'yes' }) : '',
  )

const consoles = (): string[] => [
  element('serial', { type: 'pty' }, element('target', { port: 0 })),
  element('console', { type: 'pty' }, element('target', { type: 'serial', port: 0 })),
  element('console', { type: 'pty' }, element('target', { type: 'virtio', port: 1 })),
]

const screen = ({ screenPassword, desktop }: MachineSpec, host: CreationHost): string[] => [
  element('graphics', { type: 'vnc', port: -1, autoport: 'yes', listen: '127.0.0.1', passwd: screenPassword }),
  element('video', {}, element('model', { type: host.virtioVideo ? 'virtio' : 'vga', heads: 1, primary: 'yes' })),
  element('input', { type: 'tablet', bus: 'usb' }),
  element('input', { type: 'keyboard', bus: isX86(host) ? 'ps2' : 'usb' }),
  desktop && host.vdagent
    ? element(
        'channel',
        { type: 'qemu-vdagent' },
        element('source', {}, element('clipboard', { copypaste: 'yes' })),
        element('target', { type: 'virtio', name: 'com.redhat.spice.0' }),
      )
    : '',
]

const controllers = (spec: MachineSpec, host: CreationHost): string[] => [
  element('controller', { type: 'usb', index: 0, model: 'qemu-xhci', ports: 15 }),
  element('controller', { type: 'virtio-serial', index: 0 }),
  element('controller', { type: 'pci', index: 0, model: 'pcie-root' }),
  ...Array.from({ length: ROOT_PORTS }, (_, index) =>
    element('controller', { type: 'pci', index: index + 1, model: 'pcie-root-port' }),
  ),
  spec.disks.some(({ bus }) => bus === 'scsi') || (spec.iso !== null && !isX86(host))
    ? element('controller', { type: 'scsi', index: 0, model: 'virtio-scsi' })
    : '',
]

const devices = (spec: MachineSpec, host: CreationHost): string => {
  const queues = Math.min(spec.cpus, MOST_QUEUES)
  return element(
    'devices',
    {},
    host.emulator === null ? '' : element('emulator', {}, text(host.emulator)),
    ...diskElements(spec, host, queues),
    ...controllers(spec, host),
    ...spec.nics.map(nic => nicElement(nic, host, queues)),
    ...consoles(),
    ...AGENTS.map(channelXml),
    ...screen(spec, host),
    spec.tpm
      ? element(
          'tpm',
          { model: isX86(host) ? 'tpm-crb' : 'tpm-tis' },
          element('backend', { type: 'emulator', version: '2.0' }),
        )
      : '',
    element(
      'memballoon',
      { model: 'virtio', autodeflate: 'on', freePageReporting: 'on' },
      element('stats', { period: 5 }),
    ),
    element('rng', { model: 'virtio' }, element('backend', { model: 'random' }, '/dev/urandom')),
  )
}

/** Throws `unsupported` for what this host cannot give, `invalid-input` for more than it may. */
export const newDomainXml = (spec: MachineSpec, host: CreationHost): string => {
  mustBePossible(spec, host)
  const xml = element(
    'domain',
    { type: spec.accelerated ? 'kvm' : 'qemu' },
    element('name', {}, text(spec.name)),
    element('uuid', {}, text(spec.uuid)),
    spec.notes === '' ? '' : element('description', {}, text(spec.notes)),
    metadata(spec),
    element('memory', { unit: 'MiB' }, text(Math.floor(spec.memoryBytes / MEBIBYTE))),
    element('vcpu', { placement: 'static' }, text(spec.cpus)),
    firmware(spec, host),
    features(spec, host),
    processor(spec, host),
    clock(spec, host),
    element('on_poweroff', {}, 'destroy'),
    // It would start the installer again.
    element('on_reboot', {}, spec.install === undefined ? 'restart' : 'destroy'),
    element('on_crash', {}, 'destroy'),
    isX86(host)
      ? element('pm', {}, element('suspend-to-mem', { enabled: 'no' }), element('suspend-to-disk', { enabled: 'no' }))
      : '',
    devices(spec, host),
  )
  return `${xml}\n`
}
