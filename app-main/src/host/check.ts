/** The doctor: each thing a machine may need, judged, with what would mend it. */
import {
  hostEnglish,
  words,
  type BootProbe,
  type HostAction,
  type HostCheck,
  type HostReport,
  type HypervisorName,
  type Words,
} from '../contract/index.ts'
import type { HostWordKey, HostStatus } from '../contract/index.ts'
import type { HostFacts } from './facts/read-all.ts'
import { featureName } from './kvm/processor.ts'
import { sizeText } from './size-text.ts'

interface Finding {
  readonly status: HostCheck['status']
  readonly details: Words
  readonly fix?: Words | null
  readonly action?: HostAction | null
  /** Whose action; KVM's unless told. */
  readonly hypervisor?: HypervisorName
}

const ok = (details: Words): Finding => ({ status: 'OK', details })
const warn = (details: Words, fix: Words | null = null, action: HostAction | null = null): Finding => ({
  status: 'WARN',
  details,
  fix,
  action,
})
const fail = (details: Words, fix: Words | null = null, action: HostAction | null = null): Finding => ({
  status: 'FAIL',
  details,
  fix,
  action,
})
/** Spelt out where Vireo does it itself; the command line shows which command does. */
const byVireo = (hypervisor: HypervisorName, action: HostAction): Words =>
  words('fix.command', { command: `vireo host fix --hypervisor ${hypervisor} --action ${action}` })

const processor = ({ kvm }: HostFacts): Finding => {
  const { model, flag, inMachine } = kvm.processor
  if (flag !== null) return ok(words('say.cpu', { model, feature: featureName(kvm.processor) }))
  if (kvm.device.exists)
    return ok(words('is.available', { name: kvm.modules.names.includes('kvm_pvm') ? 'PVM' : model }))
  return inMachine
    ? warn(words('say.cpu.guest', { model }), words('fix.cpu.guest'))
    : warn(words('say.cpu.none', { model }), words('fix.cpu'))
}

const modules = ({ kvm, kernel }: HostFacts): Finding => {
  const { loaded, available, blacklisted, names } = kvm.modules
  if (loaded || kvm.device.exists) return ok(words('is.modules', { modules: names.join(', ') || 'kvm' }))
  if (blacklisted) {
    const details = words('is.modules.blacklisted', { module: blacklisted.module, file: blacklisted.where })
    return warn(details, words('fix.command', { command: `sudo modprobe ${blacklisted.module}` }), 'load-modules')
  }
  return available
    ? warn(words('is.modules.loadable'), byVireo('kvm', 'load-modules'), 'load-modules')
    : warn(words('is.modules.none', { kernel }))
}

const device = ({ kvm }: HostFacts): Finding => {
  const { exists, usable, qemuUsable, qemuUser } = kvm.device
  if (!exists) return warn(words('say.device.none'))
  if (!qemuUsable)
    return fail(words('is.device.qemu', { user: qemuUser ?? 'qemu' }), byVireo('kvm', 'fix-device'), 'fix-device')
  if (usable) return ok(words('say.device'))
  if (kvm.groups.kvm === 'stale') return warn(words('is.stale', { group: 'kvm' }), words('fix.login'))
  return kvm.groups.kvm === 'no'
    ? warn(words('is.device.denied'), byVireo('kvm', 'add-to-groups'), 'add-to-groups')
    : warn(words('is.device.denied'), byVireo('kvm', 'fix-device'), 'fix-device')
}

const probe = (found: BootProbe | null): Finding | null => {
  if (found === null || found.verdict === 'not-possible') return null
  const times = {
    kvm: Math.round(found.kvm.milliseconds ?? 0),
    emulation: Math.round(found.emulation.milliseconds ?? 0),
  }
  if (found.verdict === 'works') return ok(words('is.probe.works', times))
  return found.verdict === 'crawls'
    ? warn(words('is.probe.crawls', times), words('fix.probe'))
    : warn(words('is.probe.fails', { message: found.kvm.message ?? '' }), words('fix.probe'))
}

const libvirt = (facts: HostFacts): Finding => {
  const { daemon, libvirt: said } = facts.kvm
  const name = { daemon: daemon.name }
  const restart = words('fix.restart', { command: `sudo systemctl restart ${daemon.name}` })
  if (!daemon.installed) return fail(words('is.installed.no'), byVireo('kvm', 'install'), 'install')
  switch (said.state) {
    case 'open':
      return ok(words('say.libvirt', { version: said.version ?? '' }))
    case 'denied':
      return fail(words('is.access.no', name), byVireo('kvm', 'add-to-groups'), 'add-to-groups')
    case 'silent':
      return fail(words('is.running.silent', name), restart)
    case 'refused':
      return fail(words('is.running.refuses', name), byVireo('kvm', 'start'), 'start')
    case 'absent': {
      if (!daemon.masked) return fail(words('is.running.no', name), byVireo('kvm', 'start'), 'start')
      const command = `sudo systemctl unmask ${daemon.name}.service`
      return fail(words('is.masked', { unit: `${daemon.name}.service` }), words('fix.command', { command }))
    }
  }
}

const access = ({ kvm }: HostFacts): Finding | null => {
  if (kvm.libvirt.state !== 'open') return null
  switch (kvm.groups.libvirt) {
    case 'root':
      return ok(words('say.access.root'))
    case 'login':
      return ok(words('say.access', { group: 'libvirt' }))
    case 'stale':
      return warn(words('is.stale', { group: 'libvirt' }), words('fix.login'))
    case 'no':
    case 'missing':
      // Polkit may let somebody in who is in no group.
      if (kvm.libvirt.fullAccess === true) return ok(words('say.access', { group: 'polkit' }))
      return warn(words('say.access.no', { group: 'libvirt' }), byVireo('kvm', 'add-to-groups'), 'add-to-groups')
  }
}

const enabled = ({ kvm, serviceManager }: HostFacts): Finding | null => {
  if (!kvm.daemon.installed) return null
  if (kvm.daemon.enabled) return ok(words('is.enabled'))
  if (serviceManager === 'none') return warn(words('is.enabled.none'))
  return warn(words('is.enabled.no'), byVireo('kvm', 'enable'), 'enable')
}

const network = ({ kvm }: HostFacts): Finding | null => {
  if (kvm.libvirt.state !== 'open') return null
  const SAY: Readonly<Record<typeof kvm.libvirt.defaultNetwork, HostWordKey>> = {
    ...{ active: 'is.network', inactive: 'is.network.off', missing: 'is.network.none', unknown: 'is.network.none' },
  }
  const details = words(SAY[kvm.libvirt.defaultNetwork])
  if (kvm.libvirt.defaultNetwork === 'active') return ok(details)
  return warn(details, byVireo('kvm', 'create-default-network'), 'create-default-network')
}

const pool = ({ kvm }: HostFacts): Finding | null => {
  if (kvm.libvirt.state !== 'open') return null
  const active = kvm.libvirt.pools.find(one => one.active)
  return active
    ? ok(words('is.pool', { pool: active.name, free: sizeText(active.freeBytes ?? 0) }))
    : warn(words('is.pool.none'), byVireo('kvm', 'create-default-pool'), 'create-default-pool')
}

const emulator = ({ kvm }: HostFacts): Finding => {
  const native = kvm.emulators.some(({ architecture }) => architecture === kvm.processor.architecture)
  const list = kvm.emulators
    .map(({ architecture }) => architecture)
    .slice(0, 12)
    .join(', ')
  return native ? ok(words('say.emulators', { list })) : fail(words('say.none'), byVireo('kvm', 'install'), 'install')
}

const optional = (found: string | null, missing: HostWordKey): Finding =>
  found === null ? warn(words(missing), byVireo('kvm', 'install'), 'install') : ok(words('say.found', { text: found }))

const conflict = ({ conflict: held, virtualbox, holder }: HostFacts): Finding => {
  if (holder) return warn(words('is.conflict.vbox', { who: holder }))
  if (held === 'held') return warn(words('why.conflict.kvm', { version: virtualbox.version ?? '' }))
  if (held === 'option') return warn(words('why.conflict.option'))
  return ok(words('say.conflict.none'))
}

const lxd = ({ hypervisors }: HostStatus): Finding => {
  const { state, why, version, primary } = hypervisors.lxd
  if (state === 'not_installed') return ok(words('say.lxd.none'))
  if (state === 'ready') return ok(words('say.found', { text: version ?? 'LXD' }))
  return { ...warn(why, primary && byVireo('lxd', primary), primary), hypervisor: 'lxd' }
}

const CHECKED = [
  'cpu',
  'modules',
  'device',
  'probe',
  'libvirt',
  'access',
  'enabled',
  'network',
  'pool',
  'emulator',
  'firmware',
  'tpm',
  'virtiofs',
  'seed',
  'confinement',
  'conflict',
  'lxd',
] as const
type CheckId = (typeof CHECKED)[number]

const findings = (facts: HostFacts, status: HostStatus): Readonly<Record<CheckId, Finding | null>> => {
  const { tools, confinement } = facts.kvm
  return {
    cpu: processor(facts),
    modules: modules(facts),
    device: device(facts),
    probe: probe(status.hypervisors.kvm.boot_probe),
    libvirt: libvirt(facts),
    access: access(facts),
    enabled: enabled(facts),
    network: network(facts),
    pool: pool(facts),
    emulator: emulator(facts),
    firmware: optional(tools.firmware.length > 0 ? tools.firmware.join(', ') : null, 'say.firmware.none'),
    tpm: optional(tools.swtpm, 'say.tpm.none'),
    virtiofs: optional(tools.virtiofsd, 'say.virtiofs.none'),
    seed: optional(tools.seedTool, 'say.seed.none'),
    confinement:
      confinement === null ? warn(words('say.confinement.none')) : ok(words('say.found', { text: confinement })),
    conflict: conflict(facts),
    lxd: lxd(status),
  }
}

const checkOf = (
  id: CheckId,
  { status, details, fix = null, action = null, hypervisor = 'kvm' }: Finding,
): HostCheck => {
  const name = words(`check.${id}`)
  return {
    ...{ id, status, name: hostEnglish(name), details: hostEnglish(details) },
    fix: fix === null ? null : hostEnglish(fix),
    words: { name, details, fix },
    action: action === null ? null : { hypervisor, action },
  }
}

/** What cannot be judged, because something before it failed, is left out. */
export const reportOf = (facts: HostFacts, status: HostStatus): HostReport => {
  const found = findings(facts, status)
  const checks = CHECKED.flatMap(id => {
    const finding = found[id]
    return finding === null ? [] : [checkOf(id, finding)]
  })
  const worst = (['FAIL', 'WARN'] as const).find(one => checks.some(({ status: is }) => is === one))
  return { overall: worst ?? 'OK', checks }
}
