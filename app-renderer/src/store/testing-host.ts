/** Records of hypervisors for tests of this window. */
import type { HostStatus, Hypervisor, HypervisorName } from '@vireo/app-main/contract'

export const cardOf = (type: HypervisorName, part: Partial<Hypervisor> = {}): Hypervisor => ({
  ...{ type, state: 'not_installed', management: null, version: null, available: true, installed: false },
  ...{ enabled: false, running: false, initialized: false, kernel_supported: true, cpu_supported: true },
  ...{ cpu_vendor: null, nested: false, modules_loaded: false, modules_available: false, user_in_group: false },
  ...{ needs_install: true, needs_enable: false, needs_init: false, needs_modprobe: false },
  ...{
    needs_bios_virtualization: false,
    can_auto_install: true,
    snap_available: false,
    boot_probe: null,
    probing: false,
  },
  indicators: [{ id: 'installed', mark: 'no', words: { key: 'is.installed.no', values: {} } }],
  why: { key: 'why.not_installed', values: {} },
  ...{ details: [], primary: 'install', actions: ['install'] },
  ...part,
})

export const statusOf = (
  cards: Partial<Record<HypervisorName, Partial<Hypervisor>>> = {},
  part: Partial<HostStatus> = {},
): HostStatus => ({
  ...{ platform: 'Linux', distribution: 'Debian GNU/Linux 12', kernel: '6.1.0', detection_ms: 80 },
  default_hypervisor: null,
  hypervisors: {
    kvm: cardOf('kvm', cards.kvm),
    lxd: cardOf('lxd', cards.lxd),
    virtualbox: cardOf('virtualbox', { primary: null, actions: [], ...cards.virtualbox }),
    podman: cardOf('podman', cards.podman),
    docker: cardOf('docker', cards.docker),
  },
  ...part,
})
