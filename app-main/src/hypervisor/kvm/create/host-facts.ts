/** What machines can have on a host, from what the daemon tells. */
import { parseXml, type XmlElement } from '../../../libvirt/xml/document.ts'
import { attribute, find, findAll, textOf } from '../../../libvirt/xml/query.ts'
import type { CreationHost } from '../../creation.ts'

/** From here on QEMU's clipboard channel can be migrated, and so saved. */
const VDAGENT_MIGRATES = [10, 1]
/** The first libvirt whose passt works for daemons of the system, too. */
export const PASST = [9, 2] as const

/** @param version dotted */
export const atLeast = (version: string | null, wanted: readonly number[]): boolean => {
  const parts = (version ?? '0').split('.').map(Number)
  for (const [index, number] of wanted.entries()) {
    const part = parts[index] ?? 0
    if (part !== number) return part > number
  }
  return true
}

const values = (root: XmlElement, path: string, name: string): string[] =>
  findAll(root, `${path}/enum`)
    .filter(one => attribute(one, 'name') === name)
    .flatMap(one => one.children.map(child => child.text))

const supported = (element: XmlElement | undefined): boolean => attribute(element, 'supported') === 'yes'

const cpuMode = (root: XmlElement, name: string): boolean =>
  findAll(root, 'cpu/mode').some(mode => attribute(mode, 'name') === name && supported(mode))

/** Whether libvirt offers this kind of machine for the host's own architecture, from its capabilities. */
export const offers = (capabilities: string, type: 'kvm' | 'qemu'): boolean => {
  const { root } = parseXml(capabilities)
  const arch = textOf(find(root, 'host/cpu/arch'))
  return findAll(root, 'guest')
    .flatMap(guest => findAll(guest, 'arch'))
    .filter(one => attribute(one, 'name') === arch)
    .some(one => findAll(one, 'domain').some(domain => attribute(domain, 'type') === type))
}

export const hostArch = (capabilities: string): string =>
  textOf(find(parseXml(capabilities).root, 'host/cpu/arch')) ?? 'x86_64'

/** Whom the daemon runs machines as, from its capabilities; null where it does not tell. */
export const machineUserOf = (capabilities: string): { uid: number; gid: number } | null => {
  const models = findAll(parseXml(capabilities).root, 'host/secmodel')
  const dac = models.find(model => textOf(find(model, 'model')) === 'dac')
  const labels = dac ? findAll(dac, 'baselabel') : []
  const label = labels.find(one => attribute(one, 'type') === 'qemu') ?? labels[0]
  const [, uid, gid] = /^\+?(\d{1,10}):\+?(\d{1,10})$/.exec(textOf(label) ?? '') ?? []
  return uid === undefined || gid === undefined ? null : { uid: Number(uid), gid: Number(gid) }
}

type Told = Pick<
  CreationHost,
  'arch' | 'machine' | 'emulator' | 'maximumCpu' | 'hostPassthrough' | 'maxCpus' | 'uefi' | 'secureBoot' | 'tpm'
> &
  Pick<CreationHost, 'virtioVideo' | 'vdagent' | 'passt' | 'backingStoreInput'>

export interface Versions {
  readonly daemon: string | null
  readonly hypervisor: string | null
}

/** Reads one document of domain capabilities. Throws `invalid-input` for what is no XML. */
export const toldByCapabilities = (document: string, versions: Versions): Told => {
  const { root } = parseXml(document)
  const vcpu = attribute(find(root, 'vcpu'), 'max')
  return {
    arch: textOf(find(root, 'arch')) ?? 'x86_64',
    machine: textOf(find(root, 'machine')) ?? 'q35',
    emulator: textOf(find(root, 'path')),
    maximumCpu: cpuMode(root, 'maximum'),
    hostPassthrough: cpuMode(root, 'host-passthrough'),
    maxCpus: vcpu === null ? 1 : Number(vcpu),
    uefi: values(root, 'os', 'firmware').includes('efi'),
    secureBoot: values(root, 'os/loader', 'secure').includes('yes'),
    tpm: supported(find(root, 'devices/tpm')) && values(root, 'devices/tpm', 'backendModel').includes('emulator'),
    virtioVideo: values(root, 'devices/video', 'modelType').includes('virtio'),
    vdagent:
      values(root, 'devices/channel', 'type').includes('qemu-vdagent') &&
      atLeast(versions.hypervisor, VDAGENT_MIGRATES),
    passt: atLeast(versions.daemon, PASST),
    backingStoreInput: supported(find(root, 'features/backingStoreInput')),
  }
}
