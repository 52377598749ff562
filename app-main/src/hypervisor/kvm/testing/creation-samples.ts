/** Machines to be made, in every variant: for table tests here, and for a real libvirtd elsewhere. */
import type { CreationHost, MachineSpec } from '../../creation.ts'

export const sampleHost = (change: Partial<CreationHost> = {}): CreationHost => ({
  ...{ local: true, foreignUser: true, arch: 'x86_64', machine: 'q35', emulator: '/usr/bin/qemu-system-x86_64' },
  ...{ kvm: false, maximumCpu: true, hostPassthrough: false, cpus: 4, memoryBytes: 2 ** 33, maxCpus: 255 },
  ...{ uefi: true, secureBoot: true, tpm: true, virtioVideo: true, vdagent: false, passt: false },
  ...{ backingStoreInput: true, networks: [{ name: 'default', active: true }] },
  ...change,
})

export const sampleSpec = (change: Partial<MachineSpec> = {}): MachineSpec => ({
  ...{ name: 'web', uuid: '5c2b7b6e-3f3d-4a57-9a0f-6a2a2f1f8a11', notes: '', tags: [], osId: null, cpus: 1 },
  ...{ memoryBytes: 2 ** 28, accelerated: false, firmware: 'bios', tpm: false, desktop: false },
  disks: [{ path: '/pool/web.qcow2', format: 'qcow2', bus: 'virtio', discard: true, direct: false, base: null }],
  ...{ seed: null, iso: null, screenPassword: 'secret12' },
  nics: [{ type: 'network', source: 'default', mac: '52:54:00:00:00:01', forwards: [] }],
  ...change,
})

export interface CreationSample {
  readonly title: string
  readonly spec: MachineSpec
  readonly host: CreationHost
}

const disk = (name: string, bus: 'virtio' | 'scsi' | 'sata') =>
  ({ path: `/pool/${name}`, format: 'qcow2', bus, discard: true, direct: true, base: null }) as const
const nic = (type: 'network' | 'bridge' | 'macvtap' | 'user', source: string | null) =>
  ({ type, source, mac: '52:54:00:00:00:02', forwards: [] }) as const

/** Every variant, with what the host gives laid over the sample's. */
export const samples = (host: Partial<CreationHost> = {}): CreationSample[] => {
  const variants: readonly (readonly [string, Partial<MachineSpec>, Partial<CreationHost>?])[] = [
    ['a plain machine', {}],
    ['UEFI', { firmware: 'uefi' }],
    ['Secure Boot', { firmware: 'secure-boot' }],
    ['many processors', { cpus: 8 }],
    ['KVM', { accelerated: true }, { kvm: true, hostPassthrough: true }],
    [
      'Windows under KVM',
      { accelerated: true, osId: 'http://microsoft.com/win/11' },
      { kvm: true, hostPassthrough: true },
    ],
    ['a TPM', { tpm: true, firmware: 'uefi' }, { tpm: true }],
    ['disks on every bus', { disks: [disk('a', 'virtio'), disk('b', 'scsi'), disk('c', 'sata')] }],
    ['a base', { disks: [{ ...disk('a', 'virtio'), base: { path: '/cache/base.raw', format: 'raw' } }] }],
    ['a seed and an installation medium', { seed: '/pool/web-seed.iso', iso: '/iso/debian.iso' }],
    [
      'a bridge, macvtap and user networking',
      { nics: [nic('bridge', 'br0'), nic('macvtap', 'eth0'), nic('user', null)] },
    ],
    ['no network', { nics: [] }],
    ['no accelerated screen', {}, { virtioVideo: false }],
    [
      'tags, notes and an operating system',
      { tags: ['web', '<b>'], notes: 'one\ntwo', osId: 'http://debian.org/debian/12' },
    ],
  ]
  return variants.map(([title, spec, own]) => ({
    title,
    spec: sampleSpec(spec),
    host: sampleHost({ ...host, ...own }),
  }))
}
