import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * What Vireo and its tests need from the distribution. `commands`: any one of them will do; `files`: likewise, `*` stands
 * for one folder. `packages`: what to install for it, by package manager; a manager without an entry does not have it.
 * `before`: commands that must have worked before that.
 */
const x86 = process.arch !== 'arm64'

const emulator = x86 ? 'qemu-system-x86_64' : 'qemu-system-aarch64'

const app = [
  {
    name: 'libvirt',
    why: 'runs and watches virtual machines',
    commands: ['libvirtd', 'virtqemud'],
    packages: {
      apt: ['libvirt-daemon-system'],
      dnf: ['libvirt-daemon-kvm'],
      zypper: ['libvirt-daemon-qemu', 'libvirt-daemon'],
      pacman: ['libvirt'],
      apk: ['libvirt-daemon'],
    },
  },
  {
    name: "libvirt's QEMU driver",
    why: 'lets libvirt drive QEMU',
    files: ['', '*/'].flatMap(folder =>
      ['/usr/lib/', '/usr/lib64/'].map(lib => `${lib}${folder}libvirt/connection-driver/libvirt_driver_qemu.so`),
    ),
    packages: {
      apt: ['libvirt-daemon-driver-qemu'],
      dnf: ['libvirt-daemon-driver-qemu'],
      zypper: ['libvirt-daemon-driver-qemu'],
      pacman: ['libvirt'],
      apk: ['libvirt-qemu'],
    },
  },
  {
    name: "libvirt's default network",
    why: 'gives virtual machines a network with addresses',
    files: ['/etc/libvirt/qemu/networks/default.xml', '/usr/share/libvirt/networks/default.xml'],
    packages: {
      apt: ['libvirt-daemon-config-network'],
      dnf: ['libvirt-daemon-config-network'],
      zypper: ['libvirt-daemon-config-network'],
      pacman: ['libvirt'],
      apk: ['libvirt-daemon'],
    },
  },
  {
    name: 'dnsmasq',
    why: 'hands out the addresses of that network',
    commands: ['dnsmasq'],
    packages: { apt: ['dnsmasq-base'], dnf: ['dnsmasq'], zypper: ['dnsmasq'], pacman: ['dnsmasq'], apk: ['dnsmasq'] },
  },
  {
    name: 'iptables',
    why: 'connects that network to the outside',
    commands: ['iptables', 'nft'],
    packages: { apt: ['iptables'], dnf: ['nftables'], zypper: ['iptables'], pacman: ['iptables'], apk: ['iptables'] },
  },
  {
    name: 'virsh',
    why: 'the command line of libvirt, for your own use and for tests',
    commands: ['virsh'],
    packages: {
      apt: ['libvirt-clients'],
      dnf: ['libvirt-client'],
      zypper: ['libvirt-client'],
      pacman: ['libvirt'],
      apk: ['libvirt-client'],
    },
  },
  {
    name: 'QEMU',
    why: 'is the machine that virtual machines run on',
    commands: [emulator],
    files: ['/usr/libexec/qemu-kvm'],
    packages: {
      apt: [x86 ? 'qemu-system-x86' : 'qemu-system-arm'],
      dnf: ['qemu-kvm'],
      zypper: [x86 ? 'qemu-x86' : 'qemu-arm'],
      pacman: [x86 ? 'qemu-base' : 'qemu-system-aarch64'],
      apk: [emulator],
    },
  },
  {
    name: 'qemu-img',
    why: 'makes and inspects disk images',
    commands: ['qemu-img'],
    packages: {
      apt: ['qemu-utils'],
      dnf: ['qemu-img'],
      zypper: ['qemu-tools'],
      pacman: ['qemu-img'],
      apk: ['qemu-img'],
    },
  },
  {
    name: 'xorriso',
    why: 'writes what a new machine is told at its first start',
    commands: ['xorriso'],
    packages: {
      apt: ['xorriso'],
      dnf: ['xorriso'],
      zypper: ['xorriso'],
      pacman: ['libisoburn'],
      apk: ['xorriso'],
    },
  },
]

const everywhere = (...names) => Object.fromEntries(['apt', 'dnf', 'zypper', 'pacman', 'apk'].map(key => [key, names]))

export const chromiumCommands = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']

const onDebian = existsSync('/etc/os-release') && /^ID=debian$/m.test(readFileSync('/etc/os-release', 'utf8'))
const share = file => join('/usr/share', file)

const test = [
  {
    name: 'Chromium',
    why: 'is the browser that tests drive',
    commands: chromiumCommands,
    packages: everywhere('chromium'),
  },
  {
    name: "Chromium's headless shell",
    why: 'shows pages to tests for half of the processor time; without it Chromium does',
    commands: ['chromium-headless-shell'],
    // Others, and what is made from Debian, have none of that name.
    packages: onDebian ? { apt: ['chromium-headless-shell'] } : {},
  },
  {
    name: 'D-Bus',
    why: 'lets libvirt ask polkit',
    commands: ['dbus-daemon'],
    packages: { ...everywhere('dbus'), dnf: ['dbus-daemon'], zypper: ['dbus-1-daemon'] },
  },
  {
    name: 'dbus-send',
    why: 'asks the system bus who is there',
    commands: ['dbus-send'],
    packages: { ...everywhere('dbus'), apt: ['dbus-bin'], dnf: ['dbus-tools'], zypper: ['dbus-1-tools'] },
  },
  {
    name: 'polkit',
    why: 'makes tests of permissions real',
    files: ['/usr/lib/polkit-1/polkitd', '/usr/libexec/polkitd', '/usr/libexec/polkit-1/polkitd'],
    packages: { ...everywhere('polkit'), apt: ['polkitd'] },
  },
  {
    name: 'UEFI firmware',
    why: 'is what virtual machines with UEFI start from',
    files: x86
      ? ['OVMF/OVMF_CODE_4M.fd', 'OVMF/OVMF_CODE.fd', 'edk2/x64/OVMF_CODE.4m.fd', 'qemu/ovmf-x86_64-code.bin'].map(
          share,
        )
      : ['AAVMF/AAVMF_CODE.fd', 'edk2/aarch64/QEMU_EFI.fd', 'qemu/aavmf-aarch64-code.bin'].map(share),
    packages: {
      apt: [x86 ? 'ovmf' : 'qemu-efi-aarch64'],
      dnf: [x86 ? 'edk2-ovmf' : 'edk2-aarch64'],
      zypper: [x86 ? 'qemu-ovmf-x86_64' : 'qemu-uefi-aarch64'],
      pacman: [x86 ? 'edk2-ovmf' : 'edk2-aarch64'],
      apk: [x86 ? 'ovmf' : 'aavmf'],
    },
  },
  {
    name: 'LXD',
    why: 'runs the containers that tests look at',
    commands: ['lxd'],
    packages: { apt: ['lxd'], zypper: ['lxd'], pacman: ['lxd'], apk: ['lxd'] },
  },
  {
    name: 'mmdebstrap',
    why: 'makes the Debian guest',
    commands: ['mmdebstrap'],
    packages: { apt: ['mmdebstrap'] },
  },
  {
    name: 'sfdisk',
    why: 'divides the disks of images that are made from packages',
    commands: ['sfdisk'],
    packages: {
      apt: ['fdisk'],
      dnf: ['util-linux-core'],
      zypper: ['util-linux'],
      pacman: ['util-linux'],
      apk: ['sfdisk'],
    },
  },
  {
    name: 'tini',
    why: 'collects ended machines at once, where the first process of a container takes its time',
    commands: ['tini'],
    packages: everywhere('tini'),
  },
  {
    name: 'mtools',
    why: 'writes what UEFI starts those disks from',
    commands: ['mformat'],
    packages: everywhere('mtools'),
  },
  {
    name: "Debian's keys",
    why: 'lets a Debian guest be made on what is not Debian',
    files: ['/usr/share/keyrings/debian-archive-keyring.gpg'],
    packages: { apt: ['debian-archive-keyring'] },
  },
  {
    name: 'setfacl',
    why: 'lets machines read a file in a home folder',
    commands: ['setfacl'],
    packages: everywhere('acl'),
  },
  {
    name: 'GnuPG',
    why: 'makes the signatures that tests check',
    commands: ['gpg'],
    packages: { ...everywhere('gnupg'), dnf: ['gnupg2'], zypper: ['gpg2'] },
  },
  {
    name: 'gpgv',
    why: "checks vendors' signatures of images",
    commands: ['gpgv'],
    packages: { ...everywhere('gnupg'), apt: ['gpgv'], dnf: ['gnupg2'], zypper: ['gpg2'] },
  },
  {
    name: 'gcc',
    why: "compiles the guest agent's engine",
    commands: ['gcc'],
    packages: everywhere('gcc'),
  },
  {
    name: 'a static C library',
    why: 'makes the guest agent run in every guest',
    files: ['/usr/lib/*/libc.a', '/usr/lib/libc.a', '/usr/lib64/libc.a'],
    packages: {
      apt: ['libc6-dev'],
      dnf: ['glibc-static'],
      zypper: ['glibc-devel-static'],
      pacman: ['glibc'],
      apk: ['musl-dev'],
    },
  },
  { name: 'xz', why: 'unpacks that engine', commands: ['xz'], packages: { ...everywhere('xz'), apt: ['xz-utils'] } },
  {
    name: 'python3',
    why: 'gives the guest agent a terminal to talk on in tests',
    commands: ['python3'],
    packages: { ...everywhere('python3'), pacman: ['python'] },
  },
  {
    name: 'OpenSSH client',
    why: 'is how Vireo reaches machines over SSH',
    commands: ['ssh'],
    packages: {
      ...everywhere('openssh'),
      apt: ['openssh-client'],
      dnf: ['openssh-clients'],
      zypper: ['openssh-clients'],
    },
  },
  {
    name: 'OpenSSH server',
    why: 'is the other side of it in tests, which run it on ports of their own',
    commands: ['sshd'],
    packages: {
      ...everywhere('openssh'),
      ...{ apt: ['openssh-server'], dnf: ['openssh-server'], zypper: ['openssh-server'], apk: ['openssh-server'] },
    },
    // Debian starts it on port 22 when it is installed, unless this file is there.
    before: { apt: [['install', '-D', '-m', '644', '/dev/null', '/etc/ssh/sshd_not_to_be_run']] },
  },
  {
    name: 'openssl',
    why: "hashes the passwords of new machines' users",
    commands: ['openssl'],
    packages: everywhere('openssl'),
  },
  { name: 'cpio', why: 'packs the micro guest', commands: ['cpio'], packages: everywhere('cpio') },
  { name: 'zstd', why: 'unpacks kernel modules', commands: ['zstd'], packages: everywhere('zstd') },
  {
    name: 'PyYAML',
    why: 'reads what guests are told, as they do',
    files: ['/usr/lib/python3/dist-packages/yaml/__init__.py', '/usr/lib*/python3*/site-packages/yaml/__init__.py'],
    packages: {
      ...{ apt: ['python3-yaml'], dnf: ['python3-pyyaml'], zypper: ['python3-PyYAML'] },
      ...{ pacman: ['python-yaml'], apk: ['py3-yaml'] },
    },
  },
  {
    name: 'python3-jsonschema',
    why: "judges answer files by their installer's own schema",
    files: [
      '/usr/lib/python3/dist-packages/jsonschema/__init__.py',
      '/usr/lib*/python3*/site-packages/jsonschema/__init__.py',
    ],
    packages: { ...everywhere('python3-jsonschema'), pacman: ['python-jsonschema'], apk: ['py3-jsonschema'] },
  },
  {
    name: 'python3-libvirt',
    why: 'is what our libvirt client is measured against',
    files: ['/usr/lib/python3/dist-packages/libvirt.py', '/usr/lib*/python3*/site-packages/libvirt.py'],
    packages: {
      ...everywhere('python3-libvirt'),
      zypper: ['python3-libvirt-python'],
      pacman: ['libvirt-python'],
      apk: ['py3-libvirt'],
    },
  },
]

const bench = [
  {
    name: 'virt-install',
    why: 'is what making machines is measured against',
    commands: ['virt-install'],
    packages: { ...everywhere('virt-install'), apt: ['virtinst'] },
  },
]

export const profiles = { none: [], app, test: [...app, ...test], bench: [...app, ...test, ...bench] }

/** The package managers we know, in the order we look for them, with the commands that install. */
export const managers = {
  apt: {
    command: 'apt-get',
    refresh: ['apt-get', 'update', '-q'],
    install: ['apt-get', 'install', '-y', '-q', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=120'],
    env: ['DEBIAN_FRONTEND=noninteractive'],
  },
  dnf: { command: 'dnf', install: ['dnf', 'install', '-y'] },
  zypper: { command: 'zypper', install: ['zypper', '--non-interactive', 'install', '--no-recommends'] },
  pacman: { command: 'pacman', install: ['pacman', '-S', '--needed', '--noconfirm'] },
  apk: { command: 'apk', refresh: ['apk', 'update'], install: ['apk', 'add'] },
}

const sbin = ['/usr/local/sbin', '/usr/sbin', '/sbin']

/** Is this program there? Folders for administrators count, although an ordinary user's PATH leaves them out. */
export const hasCommand = name =>
  [...(process.env.PATH ?? '').split(':'), ...sbin].some(folder => folder !== '' && existsSync(join(folder, name)))

const matching = (folder, pattern) => {
  if (!existsSync(folder)) return []
  const like = new RegExp(`^${pattern.replaceAll('.', '\\.').replaceAll('*', '.*')}$`)
  return readdirSync(folder).filter(name => like.test(name))
}

/** Is there a file of this path? A `*` stands for any part of one name. */
export const hasFile = path => {
  const walk = (folder, parts) => {
    const [first, ...rest] = parts
    if (first === undefined) return existsSync(folder)
    const names = first.includes('*') ? matching(folder, first) : [first]
    return names.some(name => walk(join(folder, name), rest))
  }
  return walk('/', path.split('/').filter(Boolean))
}

const machine = { hasCommand, hasFile }

/** The needs of a profile that this machine does not meet. */
export const missingNeeds = (profile, on = machine) =>
  profiles[profile].filter(need => !(need.commands ?? []).some(on.hasCommand) && !(need.files ?? []).some(on.hasFile))

/** The first package manager that is there, by name; undefined when there is none. */
export const findManager = (on = machine) => Object.keys(managers).find(name => on.hasCommand(managers[name].command))

/** What to install for these needs, each package once, and the needs this manager has nothing for. */
export const packagesFor = (needs, manager) => ({
  packages: [...new Set(needs.flatMap(need => need.packages[manager] ?? []))],
  unmet: needs.filter(need => !need.packages[manager]),
})

/** What has to be done first for these needs, as argument lists. */
export const beforehand = (needs, manager) => needs.flatMap(need => need.before?.[manager] ?? [])

/** Bringing the index up to date may fail: there may be one that will do. */
export const mayFail = command =>
  Object.values(managers).some(({ refresh }) => refresh !== undefined && refresh.every(word => command.includes(word)))

/** The commands that install these packages, as argument lists, after those of `before`; `elevate` begins each of them. */
export const installCommands = (manager, packages, elevate = [], before = []) => {
  const { refresh, install, env = [] } = managers[manager]
  const prefix = [...elevate, ...(env.length > 0 ? ['env', ...env] : [])]
  const first = before.map(command => [...elevate, ...command])
  return [...(refresh ? [[...prefix, ...refresh]] : []), ...first, [...prefix, ...install, ...packages]]
}

/** May we install? `ask` needs a person's yes; `refuse` means nobody is there to ask and nobody allowed it. */
export const consent = ({ root, terminal, ci, yes }) => {
  if (yes || (root && (ci || !terminal))) return 'go'
  return terminal ? 'ask' : 'refuse'
}
