/** What to install, by package manager. Set-up tools have lists of their own; a test keeps both of one mind. */
import type { HypervisorName } from '../../contract/index.ts'
import type { Distribution, PackageManager } from '../facts/distribution.ts'

type Lists = Readonly<Partial<Record<PackageManager, readonly string[]>>>

const RED_HAT = [
  ...['qemu-kvm', 'qemu-img', 'libvirt-daemon-kvm', 'libvirt-daemon-driver-qemu', 'libvirt-daemon-config-network'],
  ...['libvirt-client', 'dnsmasq', 'nftables', 'edk2-ovmf', 'swtpm', 'swtpm-tools', 'xorriso'],
]

const LISTS: Readonly<Record<Exclude<HypervisorName, 'virtualbox'>, Lists>> = {
  kvm: {
    apt: [
      ...['qemu-system-x86', 'qemu-utils', 'libvirt-daemon-system', 'libvirt-daemon-driver-qemu', 'libvirt-clients'],
      ...['libvirt-daemon-config-network', 'dnsmasq-base', 'iptables', 'ovmf', 'swtpm', 'swtpm-tools', 'xorriso'],
    ],
    dnf: RED_HAT,
    yum: RED_HAT,
    zypper: [
      ...['qemu-x86', 'qemu-tools', 'libvirt-daemon-qemu', 'libvirt-daemon', 'libvirt-daemon-driver-qemu'],
      ...[
        'libvirt-daemon-config-network',
        'libvirt-client',
        'dnsmasq',
        'iptables',
        'qemu-ovmf-x86_64',
        'swtpm',
        'xorriso',
      ],
    ],
    apk: [
      ...['qemu-system-x86_64', 'qemu-img', 'libvirt-daemon', 'libvirt-qemu', 'libvirt-client', 'dnsmasq', 'iptables'],
      ...['ovmf', 'swtpm', 'xorriso'],
    ],
    pacman: ['qemu-base', 'qemu-img', 'libvirt', 'dnsmasq', 'iptables', 'edk2-ovmf', 'swtpm', 'libisoburn'],
  },
  lxd: { apt: ['lxd'], dnf: ['incus'], zypper: ['incus'], apk: ['incus', 'incus-client'], pacman: ['incus'] },
  podman: {
    ...{ apt: ['podman'], dnf: ['podman'], yum: ['podman'], zypper: ['podman'], apk: ['podman'], pacman: ['podman'] },
  },
  docker: { apt: ['docker.io'], dnf: ['moby-engine'], zypper: ['docker'], apk: ['docker'], pacman: ['docker'] },
}

/** On ARM the emulator and its firmware have other names. */
const ARM: Readonly<Record<string, string>> = {
  ...{
    'qemu-system-x86': 'qemu-system-arm',
    ovmf: 'qemu-efi-aarch64',
    'edk2-ovmf': 'edk2-aarch64',
    'qemu-x86': 'qemu-arm',
  },
  ...{
    'qemu-ovmf-x86_64': 'qemu-uefi-aarch64',
    'qemu-base': 'qemu-system-aarch64',
    'qemu-system-x86_64': 'qemu-system-aarch64',
  },
}
/** Alpine's has another name than Debian's, for the same firmware. */
const forArm = (manager: PackageManager, name: string) =>
  manager === 'apk' && name === 'ovmf' ? 'aavmf' : (ARM[name] ?? name)

/** Undefined where this distribution has none, or Vireo does not know it. */
export const packagesOf = (
  hypervisor: HypervisorName,
  manager: PackageManager,
  architecture: string,
): readonly string[] | undefined => {
  const list = hypervisor === 'virtualbox' ? undefined : LISTS[hypervisor][manager]
  return architecture === 'aarch64' ? list?.map(name => forArm(manager, name)) : list
}

/** Every manager answers its own questions, and gives up on a lock instead of waiting for ever. */
const INSTALL: Readonly<Record<PackageManager, { refresh?: readonly string[]; install: readonly string[] }>> = {
  apt: {
    refresh: ['apt-get', 'update', '-q'],
    install: [
      ...['env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', 'install', '-y', '-q', '--no-install-recommends'],
      ...['-o', 'DPkg::Lock::Timeout=60'],
    ],
  },
  dnf: { install: ['dnf', 'install', '-y'] },
  yum: { install: ['yum', 'install', '-y'] },
  zypper: { install: ['zypper', '--non-interactive', 'install', '--no-recommends'] },
  apk: { refresh: ['apk', 'update'], install: ['apk', 'add'] },
  pacman: { install: ['pacman', '-S', '--needed', '--noconfirm'] },
}

/** The commands; undefined where there is nothing to install. Ubuntu has LXD as a snap only. */
export const installCommands = (
  hypervisor: HypervisorName,
  { id, manager }: Distribution,
  architecture: string,
): readonly (readonly string[])[] | undefined => {
  if (hypervisor === 'lxd' && id === 'ubuntu') return [['snap', 'install', 'lxd']]
  const packages = manager === null ? undefined : packagesOf(hypervisor, manager, architecture)
  if (manager === null || !packages) return undefined
  const { refresh, install } = INSTALL[manager]
  return [...(refresh ? [refresh] : []), [...install, ...packages]]
}
