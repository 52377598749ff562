import type { HypervisorKind } from '@vireo/app-main/contract'

/** Product names are the same in every language. */
const WORDS: Readonly<Record<HypervisorKind, string>> = {
  kvm: 'KVM',
  lxd: 'LXD',
  virtualbox: 'VirtualBox',
  podman: 'Podman',
  test: 'Test',
  other: 'libvirt',
}

export const kindWord = (kind: HypervisorKind): string => WORDS[kind]
