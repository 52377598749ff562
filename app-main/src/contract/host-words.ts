/** The English of the host room; `{{name}}` stands for a value. Surfaces with translations know it by its keys. */
import type { CardState, Words } from './host.ts'

export const HOST_STATE_WORDS: Readonly<Record<CardState, string>> = {
  unknown: 'Unknown',
  bios_required: 'Firmware setting needed',
  not_available: 'Not available',
  no_kernel_support: 'No kernel module',
  conflict: 'Conflict',
  no_permission: 'No permission',
  not_responding: 'Not responding',
  not_working: 'Present but not working',
  emulation_only: 'Emulation only',
  ready: 'Ready',
  needs_init: 'Needs set-up',
  not_enabled: 'Not enabled',
  not_running: 'Not running',
  not_installed: 'Not installed',
  available: 'Available',
}

export const HOST_WORDS = {
  // Indicators
  'is.available': 'Hardware support ({{name}})',
  'is.available.no': 'No hardware support found',
  'is.device.denied': '/dev/kvm may not be opened by you',
  'is.device.qemu': '/dev/kvm may not be opened by QEMU’s user {{user}}',
  'is.modules': 'Kernel modules loaded ({{modules}})',
  'is.modules.built': 'KVM is part of the kernel ({{modules}})',
  'is.modules.loadable': 'Kernel modules not loaded',
  'is.modules.blacklisted': 'Kernel module {{module}} is blocked by {{file}}',
  'is.modules.none': 'No kernel modules for {{kernel}}',
  'is.nested': 'Nested virtualisation on',
  'is.probe.pending': 'Boot probe under way',
  'is.probe.works': 'Boot probe passed in {{kvm}} ms ({{emulation}} ms in emulation)',
  'is.probe.fails': 'Boot probe failed under KVM: {{message}}',
  'is.probe.crawls': 'KVM took {{kvm}} ms for the boot probe, emulation {{emulation}} ms',
  'is.installed': 'Installed ({{what}})',
  'is.installed.no': 'Not installed',
  'is.enabled': 'Starts with the computer',
  'is.enabled.no': 'Does not start with the computer',
  'is.enabled.none': 'No service manager to start it with the computer',
  'is.masked': 'The service {{unit}} is masked',
  'is.running': '{{daemon}} running',
  'is.running.socket': '{{daemon}} starts on demand (socket activated)',
  'is.running.no': '{{daemon}} is not running',
  'is.running.refuses': '{{daemon}} refuses connections',
  'is.running.silent': '{{daemon}} does not answer',
  'is.access.no': 'You may not use {{daemon}}',
  'is.network': 'Default network active',
  'is.network.off': 'Default network not active',
  'is.network.none': 'No default network',
  'is.pool': 'Storage pool {{pool}}: {{free}} free',
  'is.pool.none': 'No storage pool',
  'is.storage': 'Storage pools: {{count}}',
  'is.bridge': 'Managed network {{name}}',
  'is.bridge.none': 'No network',
  'is.cluster': 'Member of a cluster',
  'is.stale': 'Group {{group}} counts after you log in again',
  'is.rootless': 'Rootless socket answers',
  'is.rootful': 'System socket answers',
  'is.rootless.no': 'No socket of your own',
  'is.module.vbox': 'Kernel module loaded',
  'is.module.vbox.no': 'Kernel module vboxdrv not loaded',
  'is.module.vbox.none': 'Kernel module vboxdrv is not built for {{kernel}}',
  'is.extpack': 'Extension pack {{version}}',
  'is.conflict.kvm': 'KVM holds the processor: VirtualBox machines cannot start',
  'is.conflict.running': 'VirtualBox machines cannot start while KVM machines run',
  'is.conflict.vbox': '{{who}} is using the processor: KVM machines may not start',
  'is.firewall': 'Docker’s firewall rules may cut off the networks of LXD',

  // Why a card is in its state
  'why.unknown': 'Vireo has not finished looking yet.',
  'why.bios_required':
    'The processor of this computer does not report {{feature}}. On most computers it is switched off in the firmware set-up (BIOS, UEFI): restart, enter the set-up, and look for “Virtualization Technology”, “VT-x” or “SVM”.',
  'why.not_available': 'This computer cannot run it: the processor or the kernel lacks what it needs.',
  'why.not_available.guest':
    'This computer is itself a virtual machine, and its host does not pass on the processor’s virtualisation. Switch on nested virtualisation there.',
  'why.no_kernel_support':
    'VirtualBox needs its kernel module, and there is none for the kernel {{kernel}} that runs now. Install the headers of this kernel, then run “sudo /sbin/vboxconfig”.',
  'why.conflict.kvm':
    'From Linux 6.12 on, KVM takes the processor’s virtualisation when its module is loaded, not only while a machine runs. VirtualBox {{version}} cannot start machines until the KVM modules are unloaded, or KVM is told to wait with the module option kvm.enable_virt_at_load=0.',
  'why.conflict.option':
    'VirtualBox 7.2.10 and newer share the processor with KVM on Linux 6.16 and newer, but the module option kvm.enable_virt_at_load=0 stands in the way. Remove it and load the modules again.',
  'why.no_permission': 'The service runs, but your login may not use it. It must belong to the group {{group}}.',
  'why.stale':
    'You belong to the group {{group}}, but this login began before that. Log out and in again, or start Vireo with “{{command}}”.',
  'why.not_responding':
    '{{daemon}} takes connections and then says nothing sensible. Restarting it does not stop machines.',
  'why.not_working.fails':
    '/dev/kvm is there and opens, but a tiny guest could not boot under it: {{message}}. Machines that Vireo makes here use software emulation, which is slower but works.',
  'why.not_working.crawls':
    '/dev/kvm is there, but a tiny guest ran no faster under it ({{kvm}} ms) than in software ({{emulation}} ms). Machines that Vireo makes here use software emulation.',
  'why.emulation_only':
    'There is no hardware virtualisation here. Machines run in software emulation, which is slower but works.',
  'why.ready': 'Everything it needs is there.',
  'why.needs_init.kvm': 'libvirt runs, but its network “default”, which gives machines an address, is not active.',
  'why.needs_init.lxd': 'The service runs, but it has no storage pool yet.',
  'why.not_enabled': 'It is installed, but nothing starts it with the computer.',
  'why.not_running': 'It is installed, but its service does not run.',
  'why.not_running.masked':
    'The service {{unit}} is masked: an administrator forbade it to start. “sudo systemctl unmask {{unit}}” allows it again.',
  'why.not_running.refuses': 'Its socket is there, but nobody answers on it.',
  'why.not_installed': 'Its programs are not installed.',
  'why.available': 'The hardware is there.',

  // Labels of details
  'label.version': 'Version',
  'label.qemu': 'QEMU',
  'label.cpu': 'Processor',
  'label.device': '/dev/kvm',
  'label.modules': 'Kernel modules',
  'label.nested': 'Nested',
  'label.layout': 'Daemons',
  'label.socket': 'Socket',
  'label.groups': 'Your groups',
  'label.emulators': 'Emulators',
  'label.firmware': 'UEFI firmware',
  'label.tpm': 'TPM (swtpm)',
  'label.virtiofs': 'Shared folders (virtiofsd)',
  'label.seed': 'cloud-init seed tool',
  'label.confinement': 'Confinement',
  'label.pools': 'Storage pools',
  'label.origin': 'Comes from',
  'label.cluster': 'Cluster',
  'label.rootful': 'System socket',
  'label.rootless': 'Your socket',
  'label.extpack': 'Extension pack',
  'label.package': 'Package manager',

  // The doctor
  'check.cpu': 'Processor',
  'check.modules': 'Kernel modules',
  'check.device': 'Access to /dev/kvm',
  'check.probe': 'Boot probe',
  'check.libvirt': 'libvirt',
  'check.access': 'Access to libvirt',
  'check.enabled': 'Start with the computer',
  'check.network': 'Default network',
  'check.pool': 'Storage',
  'check.emulator': 'QEMU',
  'check.firmware': 'UEFI firmware',
  'check.tpm': 'TPM for machines',
  'check.virtiofs': 'Shared folders',
  'check.seed': 'cloud-init seed tool',
  'check.confinement': 'Confinement of machines',
  'check.conflict': 'Other hypervisors',
  'check.lxd': 'LXD or Incus',
  'say.text': '{{text}}',
  'say.cpu': '{{model}} with {{feature}}',
  'say.cpu.none': '{{model}} reports no hardware virtualisation',
  'say.cpu.guest': '{{model}}, and this computer is itself a virtual machine',
  'say.device': 'You and QEMU may open it',
  'say.device.none': 'There is no /dev/kvm',
  'say.libvirt': 'libvirt {{version}} answers',
  'say.access': 'Full access through the group {{group}}',
  'say.access.root': 'Full access: you are root',
  'say.access.no': 'You are not in the group {{group}}; Vireo can look, and asks for a password to change anything',
  'say.emulators': '{{list}}',
  'say.none': 'Not found',
  'say.found': '{{text}}',
  'say.firmware.none': 'Not found: machines start with a legacy BIOS only',
  'say.tpm.none': 'Not found: machines cannot have a TPM, which Windows 11 asks for',
  'say.virtiofs.none': 'Not found: folders cannot be shared with virtiofs',
  'say.seed.none': 'Neither genisoimage nor xorriso found',
  'say.confinement.none':
    'Neither AppArmor nor SELinux is active: machines are kept apart by ordinary permissions only',
  'say.conflict.none': 'Nobody else uses the processor’s virtualisation',
  'say.lxd.none': 'Not installed, which is fine when you do not use it',
  'fix.command': '{{command}}',
  'fix.text': '{{text}}',
  'fix.cpu': 'Switch on virtualisation in the firmware set-up of this computer.',
  'fix.cpu.guest': 'Switch on nested virtualisation on the computer that runs this one.',
  'fix.probe':
    'Nothing to do in Vireo: machines use emulation. If this computer is a virtual machine, its host must offer real nested virtualisation.',
  'fix.login': 'Log out and in again, so that the new group counts.',
  'fix.restart': 'Restart the service: {{command}}',

  // Notes of plans
  'note.login': 'Logins that are open keep their old groups: log in again afterwards.',
  'note.nested': 'Nested virtualisation is switched on and stays on after a restart of the computer.',
  'note.udev': 'A rule keeps these permissions after a restart of the computer.',
  'note.session': 'This lasts until the computer is switched off: there is no service manager to start it again.',
  'note.lxd.storage':
    'Disks are kept in folders of this computer, which works everywhere. Pools of Btrfs, ZFS or LVM can be added later.',
  'note.lxd.network':
    'Instances get addresses of {{subnet}}, which nothing here uses now, and reach the network through this computer.',
  'note.docker': 'The group docker is as powerful as the administrator’s account.',
} as const satisfies Readonly<Record<string, string>>

export type HostWordKey = keyof typeof HOST_WORDS

/** Values for a key. */
export const words = (key: HostWordKey, values: Words['values'] = {}): Words => ({ key, values })

const isKey = (key: string): key is HostWordKey => Object.hasOwn(HOST_WORDS, key)

/** The English sentence. */
export const hostEnglish = ({ key, values }: Words): string =>
  isKey(key)
    ? HOST_WORDS[key].replace(/\{\{(\w+)\}\}/g, (_, name: string) =>
        Object.hasOwn(values, name) ? `${values[name]}` : '',
      )
    : key
