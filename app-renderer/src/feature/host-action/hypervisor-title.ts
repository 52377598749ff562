import type { HypervisorName } from '@vireo/app-main/contract'

/** Product names are the same in every language. */
const TITLES: Readonly<Record<HypervisorName, string>> = {
  kvm: 'KVM / QEMU',
  lxd: 'LXD',
  virtualbox: 'VirtualBox',
  podman: 'Podman',
  docker: 'Docker',
}

/** The same card stands for LXD and Incus. */
export const hypervisorTitle = (type: HypervisorName, management: string | null = null): string =>
  management === 'incus' ? 'Incus' : TITLES[type]
