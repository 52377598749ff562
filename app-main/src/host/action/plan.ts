/** What an action runs, from the facts. */
import { words, type HostAction, type HypervisorName } from '../../contract/index.ts'
import type { HostFacts } from '../facts/read-all.ts'
import { readServices } from '../facts/services.ts'
import type { Machine } from '../machine.ts'
import { step, writing, type Step } from './command.ts'
import { initialiseLxd } from './lxd.ts'
import { installCommands } from './packages.ts'
import { plan, refuse, unsupported, type Place, type Planned } from './planned.ts'
import { overlapOf } from './subnet.ts'

const install = ({ facts, hypervisor }: Place): Planned => {
  const commands = installCommands(hypervisor, facts.distribution, facts.kvm.processor.architecture)
  if (!commands) return unsupported(`Vireo does not know the packages of ${hypervisor} on ${facts.distribution.name}.`)
  const notes = hypervisor === 'docker' ? [words('note.docker')] : []
  return plan(
    commands.map(argv => ({ argv })),
    { notes },
  )
}

const MODULAR = ['virtqemud.socket', 'virtnetworkd.socket', 'virtstoraged.socket', 'virtlogd.socket']
const unitsOf = ({ facts, hypervisor }: Place): readonly string[] => {
  if (hypervisor === 'lxd') return [`${facts.lxd.unit}.service`]
  if (hypervisor === 'podman') return ['podman.socket']
  if (hypervisor === 'docker') return ['docker.service']
  return facts.kvm.daemon.layout === 'modular' ? MODULAR : ['libvirtd.service']
}
const plainName = (unit: string) => unit.replace(/\.(service|socket)$/, '')

/** What taking “enable” back may disable: what is known not to start with the computer now. */
const disabledOf = async (machine: Machine, units: readonly string[]): Promise<readonly string[]> => {
  const services = await readServices(machine, [...units, ...units.map(unit => `${plainName(unit)}.service`)])
  return units.filter(unit => {
    const { found, enabled } = services.unit(services.manager === 'openrc' ? `${plainName(unit)}.service` : unit)
    return found && !enabled
  })
}

const enable = async (place: Place): Promise<Planned> => {
  const units = unitsOf(place)
  const disabled = await disabledOf(place.machine, units)
  if (place.facts.serviceManager === 'systemd')
    return plan([step('systemctl', 'enable', '--now', ...units)], {
      undo: disabled.length > 0 ? [step('systemctl', 'disable', ...disabled)] : [],
    })
  if (place.facts.serviceManager === 'openrc')
    return plan(
      units.flatMap(unit => [
        step('rc-update', 'add', plainName(unit), 'default'),
        step('rc-service', plainName(unit), 'start'),
      ]),
      { undo: disabled.map(unit => step('rc-update', 'del', plainName(unit), 'default')) },
    )
  return unsupported('This computer has no service manager that could start it with the computer.')
}

/** Without a service manager libvirt's daemons put themselves into the background. */
const startAlone = async ({ machine }: Place): Promise<Planned> => {
  const steps: Step[] = []
  for (const [daemon, socket] of [
    ['virtlogd', '/run/libvirt/virtlogd-sock'],
    ['virtlockd', '/run/libvirt/virtlockd-sock'],
  ] as const)
    if ((await machine.commands.find(daemon)) && !(await machine.files.stat(socket))) steps.push(step(daemon, '-d'))
  return plan([...steps, step('libvirtd', '-d')], { notes: [words('note.session')] })
}

/** Their daemons take what they run with them when they are stopped. */
const STOP_ENDS_MACHINES: readonly HypervisorName[] = ['docker', 'lxd']

const start = async (place: Place): Promise<Planned> => {
  const { facts, hypervisor } = place
  const units = unitsOf(place)
  const back = STOP_ENDS_MACHINES.includes(hypervisor) ? [] : units
  if (hypervisor === 'kvm' && facts.kvm.daemon.masked)
    return refuse(
      `The service ${facts.kvm.daemon.name} is masked: an administrator forbade it to start.`,
      `“systemctl unmask ${facts.kvm.daemon.name}” allows it again.`,
    )
  if (facts.serviceManager === 'systemd')
    return plan([step('systemctl', 'start', ...units)], {
      undo: back.length > 0 ? [step('systemctl', 'stop', ...back)] : [],
    })
  if (facts.serviceManager === 'openrc')
    return plan(
      units.map(unit => step('rc-service', plainName(unit), 'start')),
      { undo: back.map(unit => step('rc-service', plainName(unit), 'stop')) },
    )
  if (hypervisor === 'kvm' && facts.kvm.daemon.layout === 'monolithic') return startAlone(place)
  return unsupported('This computer has no service manager that could start it.')
}

const virsh = (...args: readonly string[]) => step('virsh', '--connect', 'qemu:///system', ...args)
const NETWORK_FILES = ['/usr/share/libvirt/networks/default.xml', '/etc/libvirt/qemu/networks/default.xml'] as const

const defaultNetwork = async ({ facts, machine }: Place): Promise<Planned> => {
  const { libvirt } = facts.kvm
  if (libvirt.state !== 'open') return refuse('libvirt does not run.', 'Start it first.')
  if (libvirt.defaultNetwork === 'active') return refuse('The default network is active already.')
  if (!(await machine.commands.find('virsh')))
    return unsupported('virsh, the command line of libvirt, is not installed.')
  const file = (
    await Promise.all(NETWORK_FILES.map(async path => ((await machine.files.stat(path)) ? path : undefined)))
  ).find(Boolean)
  const defined = libvirt.defaultNetwork === 'inactive'
  if (!defined && !file)
    return unsupported(
      'The description of the default network is not installed (package libvirt-daemon-config-network).',
    )
  const text = file ? await machine.files.read(file) : undefined
  const overlap = await overlapOf(machine, text ?? '')
  if (overlap)
    return refuse(
      `The addresses of the default network (${overlap.subnet}) are in use already, behind ${overlap.device}.`,
      'Create a network with other addresses instead.',
    )
  return plan(
    [
      ...(defined || !file ? [] : [virsh('net-define', file)]),
      virsh('net-autostart', 'default'),
      virsh('net-start', 'default'),
    ],
    {
      undo: [virsh('net-destroy', 'default'), ...(defined ? [] : [virsh('net-undefine', 'default')])],
      root: libvirt.fullAccess !== true,
    },
  )
}

const POOL_FOLDER = '/var/lib/libvirt/images'

const defaultPool = async ({ facts, machine }: Place): Promise<Planned> => {
  const { libvirt } = facts.kvm
  if (libvirt.state !== 'open') return refuse('libvirt does not run.', 'Start it first.')
  if (libvirt.pools.some(({ name }) => name === 'default')) return refuse('There is a storage pool “default” already.')
  if (!(await machine.commands.find('virsh')))
    return unsupported('virsh, the command line of libvirt, is not installed.')
  return plan(
    [
      virsh('pool-define-as', 'default', 'dir', '--target', POOL_FOLDER),
      ...[virsh('pool-build', 'default'), virsh('pool-autostart', 'default'), virsh('pool-start', 'default')],
    ],
    { undo: [virsh('pool-destroy', 'default'), virsh('pool-undefine', 'default')], root: libvirt.fullAccess !== true },
  )
}

/** Names that every tool for accounts takes; a name with a blank or a dash in front could be taken for something else. */
const ACCOUNT = /^[A-Za-z_][A-Za-z0-9_.@-]{0,63}\$?$/

const addToGroups = async ({ facts, machine, hypervisor }: Place): Promise<Planned> => {
  const { name, uid } = facts.user
  if (uid === 0) return refuse('root may use everything already.')
  if (!ACCOUNT.test(name)) return refuse('Your login name cannot be given to the tools for accounts.')
  const { kvm, lxd, podman, docker } = facts
  const CANDIDATES = {
    kvm: [
      ['kvm', kvm.groups.kvm],
      ['libvirt', kvm.groups.libvirt],
    ],
    lxd: [[lxd.group, lxd.membership]],
    podman: [['podman', podman.membership]],
    docker: [['docker', docker.membership]],
    virtualbox: [],
  } as const
  const groups = CANDIDATES[hypervisor].filter(([, membership]) => membership === 'no').map(([group]) => group)
  if (groups.length === 0)
    return refuse('You belong to its groups already.', 'If that is not so yet in this login, log in again.')
  const notes = [words('note.login'), ...(hypervisor === 'docker' ? [words('note.docker')] : [])]
  // busybox has no usermod.
  if (await machine.commands.find('usermod'))
    return plan([step('usermod', '--append', '--groups', groups.join(','), name)], {
      ...{ notes, undo: groups.map(group => step('gpasswd', '--delete', name, group)) },
    })
  return plan(
    groups.map(group => step('addgroup', name, group)),
    {
      ...{ notes, undo: groups.map(group => step('delgroup', name, group)) },
    },
  )
}

const UDEV_RULE = '/etc/udev/rules.d/65-vireo-kvm.rules'

const fixDevice = async ({ facts, machine }: Place): Promise<Planned> => {
  if (!facts.kvm.device.exists) return refuse('There is no /dev/kvm.')
  const udev = await machine.files.stat('/run/udev')
  const group = facts.kvm.groups.kvm === 'missing' ? [step('groupadd', '--system', 'kvm')] : []
  return plan(
    [
      ...group,
      ...[step('chown', 'root:kvm', '/dev/kvm'), step('chmod', '0660', '/dev/kvm')],
      ...(udev ? [writing(UDEV_RULE, 'KERNEL=="kvm", GROUP="kvm", MODE="0660"')] : []),
    ],
    { undo: udev ? [step('rm', '--', UDEV_RULE)] : [], notes: udev ? [words('note.udev')] : [] },
  )
}

const OPTIONS_FILE = '/etc/modprobe.d/vireo-kvm.conf'
const vendorModule = ({ facts }: Place) => {
  const { vendor } = facts.kvm.processor
  return vendor === null ? undefined : `kvm_${vendor}`
}

const loadModules = (place: Place): Planned => {
  const { modules } = place.facts.kvm
  const name = vendorModule(place)
  if (!name || !modules.available) return unsupported('There is no KVM module for this kernel and processor.')
  if (modules.loaded) return refuse('The KVM modules are loaded already.')
  return plan([step('modprobe', name, 'nested=1'), writing(OPTIONS_FILE, `options ${name} nested=1`)], {
    undo: [step('modprobe', '-r', name, 'kvm'), step('rm', '--', OPTIONS_FILE)],
    notes: [words('note.nested')],
  })
}

const unloadModules = (place: Place): Planned => {
  const { modules, libvirt } = place.facts.kvm
  const name = ['kvm_intel', 'kvm_amd'].find(one => modules.names.includes(one))
  if (!name) return refuse('No KVM module that could be unloaded is loaded.')
  if (modules.builtIn) return unsupported('KVM is part of this kernel and cannot be unloaded.')
  // Machines may run although libvirt does not answer; where it is not even installed, nobody runs any through it.
  if (libvirt.state !== 'open' && libvirt.state !== 'absent')
    return refuse('libvirt does not answer, so Vireo cannot tell whether virtual machines run.', 'Mend libvirt first.')
  if (libvirt.running.length > 0) {
    const names = libvirt.running.slice(0, 10).join(', ')
    return refuse(`KVM cannot be unloaded while virtual machines run: ${names}.`, 'Shut them down first.')
  }
  return plan([step('modprobe', '-r', name, 'kvm')], { undo: [step('modprobe', name)] })
}

const PLANS: Readonly<Record<HostAction, (place: Place) => Planned | Promise<Planned>>> = {
  ...{ install, enable, start, 'create-default-network': defaultNetwork, 'create-default-pool': defaultPool },
  initialise: initialiseLxd,
  ...{
    'add-to-groups': addToGroups,
    'fix-device': fixDevice,
    'load-modules': loadModules,
    'unload-modules': unloadModules,
  },
}

const KVM_ONLY: readonly HostAction[] = [
  'create-default-network',
  'create-default-pool',
  'fix-device',
  'load-modules',
  'unload-modules',
]

/** Runs nothing and changes nothing. */
export const planAction = async (
  machine: Machine,
  facts: HostFacts,
  hypervisor: HypervisorName,
  action: HostAction,
): Promise<Planned> => {
  if (KVM_ONLY.includes(action) && hypervisor !== 'kvm') return unsupported(`“${action}” is about KVM only.`)
  if (action === 'initialise' && hypervisor !== 'lxd') return unsupported(`“${action}” is about LXD and Incus only.`)
  if (hypervisor === 'virtualbox') return unsupported('VirtualBox is installed and set up by hand, from its own site.')
  return PLANS[action]({ facts, machine, hypervisor })
}
