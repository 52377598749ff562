import {
  words,
  type BootProbe,
  type HostAction,
  type Hypervisor,
  type Indicator,
  type Words,
} from '../../contract/index.ts'
import { BLANK, detailsOf, mark, withActions } from '../card.ts'
import type { HostFacts } from '../facts/read-all.ts'
import { stateOf } from '../state.ts'
import { sizeText } from '../size-text.ts'
import { featureName } from './processor.ts'
import type { KvmFacts } from './facts.ts'

const failed = ({ verdict }: BootProbe) => verdict === 'fails' || verdict === 'crawls'
const has = (membership: string) => membership === 'login' || membership === 'root'

/** Off in the firmware, as far as anybody but root can tell: every such processor of the last fifteen years has it. */
const offInFirmware = ({ processor, device, modules }: KvmFacts): boolean =>
  processor.architecture === 'x86_64' &&
  processor.vendor !== null &&
  processor.flag === null &&
  !processor.inMachine &&
  !device.exists &&
  !modules.loaded

const flags = (facts: HostFacts) => {
  const { kvm } = facts
  const { processor, modules, device, daemon, libvirt, emulators } = kvm
  // An ARM processor has no flag to show: there the device alone tells.
  const cpu_supported = processor.flag !== null || (processor.architecture !== 'x86_64' && device.exists)
  const available = device.exists || (modules.available && cpu_supported)
  const installed = daemon.installed && emulators.length > 0
  const running = installed && daemon.running
  const initialized = running && libvirt.defaultNetwork === 'active'
  return {
    ...{ available, installed, running, initialized, cpu_supported },
    management: daemon.installed ? 'libvirt' : emulators.length > 0 ? 'qemu' : null,
    version: libvirt.version,
    enabled: daemon.enabled,
    kernel_supported: device.exists || modules.available,
    cpu_vendor: processor.vendor,
    nested: modules.nested,
    modules_loaded: modules.loaded,
    modules_available: modules.available,
    user_in_group: has(kvm.groups.kvm) || has(kvm.groups.libvirt),
    needs_install: !installed,
    needs_enable: installed && !daemon.enabled,
    needs_init: running && !initialized,
    needs_modprobe: !device.exists && modules.available && cpu_supported,
    needs_bios_virtualization: offInFirmware(kvm),
    can_auto_install: facts.distribution.manager !== null,
  }
}

const hardware = (
  { processor, modules, device, groups }: KvmFacts,
  available: boolean,
  kernel: string,
): Indicator[] => {
  const names = { modules: modules.names.join(', ') }
  const software = modules.names.includes('kvm_pvm')
  return [
    available
      ? mark('available', 'yes', 'is.available', { name: software ? 'PVM' : featureName(processor) })
      : mark('available', 'no', 'is.available.no'),
    ...(modules.blacklisted && !modules.loaded
      ? [
          mark('modules', 'warn', 'is.modules.blacklisted', {
            module: modules.blacklisted.module,
            file: modules.blacklisted.where,
          }),
        ]
      : modules.loaded
        ? [mark('modules', 'yes', modules.builtIn ? 'is.modules.built' : 'is.modules', names)]
        : modules.available
          ? [mark('modules', 'no', 'is.modules.loadable')]
          : available
            ? []
            : [mark('modules', 'no', 'is.modules.none', { kernel })]),
    ...(modules.nested ? [mark('nested', 'yes', 'is.nested')] : []),
    ...(device.exists && !device.usable ? [mark('device', 'no', 'is.device.denied')] : []),
    ...(device.exists && !device.qemuUsable
      ? [mark('device-qemu', 'no', 'is.device.qemu', { user: device.qemuUser ?? 'qemu' })]
      : []),
    ...(groups.kvm === 'stale' ? [mark('stale-kvm', 'warn', 'is.stale', { group: 'kvm' })] : []),
  ]
}

const probeMark = (probe: BootProbe | null, probing: boolean, available: boolean): Indicator[] => {
  if (probe === null) return probing && available ? [mark('probe', 'unknown', 'is.probe.pending')] : []
  const times = {
    kvm: Math.round(probe.kvm.milliseconds ?? 0),
    emulation: Math.round(probe.emulation.milliseconds ?? 0),
  }
  switch (probe.verdict) {
    case 'works':
      return [mark('probe', 'yes', 'is.probe.works', times)]
    case 'crawls':
      return [mark('probe', 'warn', 'is.probe.crawls', times)]
    case 'fails':
      return [mark('probe', 'warn', 'is.probe.fails', { message: probe.kvm.message ?? '' })]
    case 'not-possible':
      return []
  }
}

const daemonMarks = (facts: HostFacts, running: boolean): Indicator[] => {
  const { daemon, libvirt, groups } = facts.kvm
  const name = { daemon: daemon.name }
  if (!daemon.installed) return []
  const live = running
    ? mark('running', 'yes', daemon.socketActivated ? 'is.running.socket' : 'is.running', name)
    : libvirt.state === 'refused'
      ? mark('running', 'no', 'is.running.refuses', name)
      : mark('running', 'no', 'is.running.no', name)
  return [
    libvirt.state === 'silent' ? mark('running', 'warn', 'is.running.silent', name) : live,
    ...(daemon.masked ? [mark('masked', 'warn', 'is.masked', { unit: `${daemon.name}.service` })] : []),
    daemon.enabled
      ? mark('enabled', 'yes', 'is.enabled')
      : mark('enabled', 'no', facts.serviceManager === 'none' ? 'is.enabled.none' : 'is.enabled.no'),
    ...(libvirt.state === 'denied' ? [mark('access', 'no', 'is.access.no', name)] : []),
    ...(groups.libvirt === 'stale' ? [mark('stale-libvirt', 'warn', 'is.stale', { group: 'libvirt' })] : []),
  ]
}

const partMarks = ({ libvirt }: KvmFacts): Indicator[] => {
  if (libvirt.state !== 'open') return []
  const NETWORK = {
    active: 'is.network',
    inactive: 'is.network.off',
    missing: 'is.network.none',
    unknown: 'is.network.none',
  } as const
  const pool = libvirt.pools.find(({ active }) => active)
  return [
    mark('network', libvirt.defaultNetwork === 'active' ? 'yes' : 'no', NETWORK[libvirt.defaultNetwork]),
    pool
      ? mark('pool', 'yes', 'is.pool', { pool: pool.name, free: sizeText(pool.freeBytes ?? 0) })
      : mark('pool', 'warn', 'is.pool.none'),
  ]
}

const whyOf = (facts: HostFacts, state: Hypervisor['state'], probe: BootProbe | null): Words => {
  const { processor, daemon, libvirt, groups, device } = facts.kvm
  switch (state) {
    case 'bios_required':
      return words('why.bios_required', { feature: featureName(processor) })
    case 'not_available':
      return words(processor.inMachine ? 'why.not_available.guest' : 'why.not_available')
    case 'no_permission':
      return groups.libvirt === 'stale'
        ? words('why.stale', { group: 'libvirt', command: 'sg libvirt -c vireo' })
        : words('why.no_permission', { group: 'libvirt' })
    case 'not_responding':
      return words('why.not_responding', { daemon: daemon.name })
    case 'not_working':
      return probe?.verdict === 'crawls'
        ? words('why.not_working.crawls', {
            kvm: Math.round(probe.kvm.milliseconds ?? 0),
            emulation: Math.round(probe.emulation.milliseconds ?? 0),
          })
        : words('why.not_working.fails', { message: probe?.kvm.message ?? (device.usable ? '' : 'permission denied') })
    case 'needs_init':
      return words('why.needs_init.kvm')
    case 'not_running':
      if (daemon.masked) return words('why.not_running.masked', { unit: `${daemon.name}.service` })
      return words(libvirt.state === 'refused' ? 'why.not_running.refuses' : 'why.not_running')
    case 'emulation_only':
    case 'ready':
    case 'not_enabled':
    case 'not_installed':
    case 'available':
      return words(`why.${state}`)
    case 'unknown':
    case 'conflict':
    case 'no_kernel_support':
      return words('why.unknown')
  }
}

const detailRows = ({ kvm, distribution }: HostFacts): Hypervisor['details'] => {
  const { processor, modules, device, daemon, libvirt, emulators, tools, confinement } = kvm
  return detailsOf([
    ['label.version', libvirt.version && `libvirt ${libvirt.version}`],
    ['label.qemu', libvirt.qemuVersion],
    ['label.cpu', [processor.model, processor.flag].filter(Boolean).join(', ')],
    ['label.device', device.exists ? device.permissions : null],
    ['label.modules', modules.names.join(', ')],
    ['label.layout', daemon.layout && `${daemon.name} (${daemon.layout})`],
    ['label.socket', daemon.installed ? daemon.socket : null],
    [
      'label.pools',
      libvirt.pools
        .map(({ name, freeBytes }) => `${name} ${freeBytes === null ? '' : sizeText(freeBytes)}`.trim())
        .join(', '),
    ],
    [
      'label.emulators',
      emulators
        .map(({ architecture }) => architecture)
        .slice(0, 12)
        .join(', '),
    ],
    ['label.firmware', tools.firmware.join(', ')],
    ['label.tpm', tools.swtpm],
    ['label.virtiofs', tools.virtiofsd],
    ['label.seed', tools.seedTool],
    ['label.confinement', confinement],
    ['label.package', distribution.manager],
  ])
}

const primaryOf = (facts: HostFacts, card: ReturnType<typeof flags>, state: Hypervisor['state']): HostAction | null => {
  const { kvm, distribution } = facts
  switch (state) {
    case 'not_installed':
      return distribution.manager ? 'install' : null
    case 'no_permission':
      return kvm.groups.libvirt === 'no' ? 'add-to-groups' : null
    case 'needs_init':
      return 'create-default-network'
    case 'not_enabled':
      return 'enable'
    case 'not_running':
      return kvm.daemon.masked ? null : 'start'
    case 'not_working':
    case 'emulation_only':
    case 'ready':
    case 'available':
      if (card.needs_modprobe) return 'load-modules'
      if (kvm.device.exists && (!kvm.device.usable || !kvm.device.qemuUsable)) return 'fix-device'
      // A machine's disk must lie somewhere.
      return kvm.libvirt.state === 'open' && kvm.libvirt.pools.length === 0 ? 'create-default-pool' : null
    case 'unknown':
    case 'bios_required':
    case 'not_available':
    case 'no_kernel_support':
    case 'conflict':
    case 'not_responding':
      return null
  }
}

/** @param probing the boot probe is still under way */
export const kvmCard = (facts: HostFacts, probe: BootProbe | null, probing: boolean): Hypervisor => {
  const { kvm, serviceManager, user } = facts
  const card = flags(facts)
  const { libvirt } = kvm
  const state = stateOf({
    ...{ type: 'kvm', known: facts.final || libvirt.state !== 'silent', conflict: false, ...card },
    // Where nobody starts services, whoever can start it by hand has done all there is.
    enabled: card.enabled || serviceManager === 'none' || kvm.daemon.masked,
    emulation: kvm.emulators.length > 0,
    access: libvirt.state === 'denied' ? 'denied' : libvirt.state === 'silent' ? 'silent' : 'granted',
    acceleration: probe === null ? 'unknown' : failed(probe) ? 'failed' : 'works',
  })
  const outside = user.uid !== 0 && (kvm.groups.kvm === 'no' || kvm.groups.libvirt === 'no')
  return {
    ...BLANK,
    ...card,
    ...{ type: 'kvm', state, boot_probe: probe, probing },
    indicators: [
      ...hardware(kvm, card.available, facts.kernel),
      ...probeMark(probe, probing, card.available),
      card.installed
        ? mark('installed', 'yes', 'is.installed', {
            what:
              [libvirt.version && `libvirt ${libvirt.version}`, libvirt.qemuVersion && `QEMU ${libvirt.qemuVersion}`]
                .filter(Boolean)
                .join(', ') || 'libvirt, QEMU',
          })
        : mark('installed', 'no', 'is.installed.no'),
      ...daemonMarks(facts, card.running),
      ...partMarks(kvm),
      ...(facts.holder ? [mark('holder', 'warn', 'is.conflict.vbox', { who: facts.holder })] : []),
    ],
    why: whyOf(facts, state, probe),
    details: detailRows(facts),
    ...withActions(primaryOf(facts, card, state), [
      card.needs_install && card.can_auto_install && 'install',
      card.installed && !card.running && !kvm.daemon.masked && 'start',
      card.needs_enable && serviceManager !== 'none' && !kvm.daemon.masked && 'enable',
      libvirt.state === 'open' && libvirt.defaultNetwork !== 'active' && 'create-default-network',
      libvirt.state === 'open' && libvirt.pools.length === 0 && 'create-default-pool',
      card.installed && outside && 'add-to-groups',
      kvm.device.exists && (!kvm.device.usable || !kvm.device.qemuUsable) && 'fix-device',
      card.needs_modprobe && 'load-modules',
      kvm.modules.loaded &&
        !kvm.modules.builtIn &&
        kvm.modules.names.some(name => name !== 'kvm' && name !== 'kvm_pvm') &&
        'unload-modules',
    ]),
  }
}
