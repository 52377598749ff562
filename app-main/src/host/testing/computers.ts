/** Parts of recorded computers, to be put together. */
import type { Recording } from './recorded-machine.ts'

export const DEBIAN: Recording = {
  files: {
    '/etc/os-release': 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian\nVERSION_ID="12"\n',
    '/etc/group':
      'root:x:0:\nkvm:x:107:\nlibvirt:x:106:ada\nada:x:1000:\nlxd:x:108:\ndocker:x:109:\nlibvirt-qemu:x:64055:\n',
    '/etc/passwd':
      'root:x:0:0:root:/root:/bin/bash\nlibvirt-qemu:x:64055:107:Libvirt Qemu,,,:/var/lib/libvirt:/usr/sbin/nologin\nada:x:1000:1000::/home/ada:/bin/bash\n',
  },
  nodes: { '/run/systemd/system': { kind: 'folder', mode: 0o755 } },
  programs: ['/usr/bin/apt-get', '/usr/bin/systemctl', '/usr/sbin/usermod'],
  user: { groups: [1000, 106] },
}

const cpu = (vendor: string, model: string, flags: string) =>
  `processor\t: 0\nvendor_id\t: ${vendor}\nmodel name\t: ${model}\nflags\t\t: fpu sse2 cx16 ${flags}\n\nprocessor\t: 1\n`

export const INTEL: Recording = { files: { '/proc/cpuinfo': cpu('GenuineIntel', 'Intel Core i7', 'vmx ept') } }
export const INTEL_OFF: Recording = { files: { '/proc/cpuinfo': cpu('GenuineIntel', 'Intel Core i7', '') } }
export const AMD: Recording = { files: { '/proc/cpuinfo': cpu('AuthenticAMD', 'AMD Ryzen 7', 'svm npt') } }
export const CLOUD: Recording = { files: { '/proc/cpuinfo': cpu('AuthenticAMD', 'AMD EPYC', 'hypervisor') } }

const KERNEL = '6.1.0-28-amd64'
export const MODULES_ON_DISK: Recording = {
  files: {
    [`/lib/modules/${KERNEL}/kernel/arch/x86/kvm/kvm-intel.ko`]: '',
    [`/lib/modules/${KERNEL}/kernel/arch/x86/kvm/kvm-amd.ko.xz`]: '',
  },
}

export const KVM_LOADED: Recording = {
  files: { '/sys/module/kvm/version': '', '/sys/module/kvm_intel/parameters/nested': 'Y\n' },
  nodes: { '/dev/kvm': { kind: 'device', mode: 0o660, uid: 0, gid: 107 } },
  usable: ['/dev/kvm'],
}

const units = (...rows: readonly (readonly [string, string, string, string])[]) =>
  rows
    .map(
      ([id, load, active, file]) =>
        `Id=${id}\nNames=${id}\nLoadState=${load}\nActiveState=${active}\nUnitFileState=${file}`,
    )
    .join('\n\n')
const SYSTEMCTL = '/usr/bin/systemctl'

export const LIBVIRT_PROGRAMS: Recording = {
  programs: ['/usr/sbin/libvirtd', '/usr/bin/virsh', '/usr/bin/qemu-system-x86_64', '/usr/bin/qemu-system-i386'],
}
export const LIBVIRT_OPEN: Recording = {
  libvirt: {
    ...{ state: 'open', version: '9.0.0', qemuVersion: '7.2.15', defaultNetwork: 'active', fullAccess: true },
    pools: [{ name: 'default', active: true, freeBytes: 442_381_631_488 }],
  },
}
export const LIBVIRTD_RUNS: Recording = {
  commands: {
    [SYSTEMCTL]: {
      out: units(
        ['libvirtd.service', 'loaded', 'active', 'enabled'],
        ['libvirtd.socket', 'loaded', 'active', 'enabled'],
      ),
    },
  },
}
export const SOCKET_ACTIVATED: Recording = {
  programs: ['/usr/sbin/virtqemud'],
  commands: {
    [SYSTEMCTL]: {
      out: units(
        ['virtqemud.service', 'loaded', 'inactive', 'disabled'],
        ['virtqemud.socket', 'loaded', 'active', 'enabled'],
      ),
    },
  },
}
export const LIBVIRTD_OFF: Recording = {
  commands: { [SYSTEMCTL]: { out: units(['libvirtd.service', 'loaded', 'inactive', 'disabled']) } },
}
export const LIBVIRTD_ENABLED_DEAD: Recording = {
  commands: { [SYSTEMCTL]: { out: units(['libvirtd.service', 'loaded', 'failed', 'enabled']) } },
}
export const LIBVIRTD_MASKED: Recording = {
  commands: { [SYSTEMCTL]: { out: units(['libvirtd.service', 'masked', 'inactive', 'masked']) } },
}

/** What LXD says at `GET /1.0`, shortened to what is read. */
export const lxdSays = (auth: string, pools: readonly string[] = [], bridges: readonly string[] = []): Recording => {
  const answer = (metadata: unknown) => ({ state: 'answered', status: 200, body: { type: 'sync', metadata } }) as const
  return {
    programs: ['/usr/sbin/lxd', '/usr/bin/lxc'],
    nodes: { '/var/lib/lxd/unix.socket': { kind: 'socket' } },
    sockets: {
      '/var/lib/lxd/unix.socket /1.0': answer({
        auth,
        environment: { server_version: '5.0.2', server_clustered: false },
      }),
      '/var/lib/lxd/unix.socket /1.0/storage-pools': answer(pools.map(name => `/1.0/storage-pools/${name}`)),
      '/var/lib/lxd/unix.socket /1.0/networks?recursion=1': answer([
        { name: 'eth0', managed: false },
        ...bridges.map(name => ({ name, managed: true })),
      ]),
    },
  }
}
