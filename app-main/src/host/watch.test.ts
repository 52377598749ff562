import { chmod, mkdtemp, rm, symlink, unlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { watchedFolders, watchHost } from './watch.ts'

describe('what is watched', () => {
  const folders = watchedFolders({ XDG_RUNTIME_DIR: '/run/user/1000', LXD_DIR: '/srv/lxd' })
  it.each([
    ['a module with its device is loaded or unloaded, its permissions change', '/dev/kvm'],
    ['VirtualBox loads its module', '/dev/vboxdrv'],
    ['VMware loads its module', '/dev/vmmon'],
    ['libvirt’s monolithic daemon listens', '/run/libvirt/libvirt-sock'],
    ['libvirt’s modular daemon listens', '/run/libvirt/virtqemud-sock'],
    ['a daemon without systemd ends', '/run/libvirtd.pid'],
    [
      'a service of systemd starts or ends, with or without its socket',
      '/run/systemd/units/invocation:libvirtd.service',
    ],
    ['the snap of LXD starts or ends', '/run/systemd/units/invocation:snap.lxd.daemon.service'],
    ['a service of OpenRC starts or ends', '/run/openrc/started/libvirtd'],
    ['a service is enabled', '/etc/systemd/system/multi-user.target.wants/libvirtd.service'],
    ['a socket is enabled', '/etc/systemd/system/sockets.target.wants/virtqemud.socket'],
    ['a service is enabled with OpenRC', '/etc/runlevels/default/libvirtd'],
    ['a service is masked', '/etc/systemd/system/libvirtd.service'],
    ['the default network starts or stops', '/run/libvirt/network/default.xml'],
    ['the default network is defined', '/etc/libvirt/qemu/networks/default.xml'],
    ['a pool starts', '/run/libvirt/storage/default.xml'],
    ['LXD listens', '/var/lib/lxd/unix.socket'],
    ['the snap of LXD listens', '/var/snap/lxd/common/lxd/unix.socket'],
    ['LXD gets storage', '/var/lib/lxd/storage-pools/default'],
    ['an LXD that is elsewhere listens', '/srv/lxd/unix.socket'],
    ['an LXD that is elsewhere gets a network', '/srv/lxd/networks/lxdbr0'],
    ['Podman listens for the system', '/run/podman/podman.sock'],
    ['Podman listens for this user', '/run/user/1000/podman/podman.sock'],
    ['Docker listens for the system', '/run/docker.sock'],
    ['Docker listens for this user', '/run/user/1000/docker.sock'],
    ['an emulator is installed', '/usr/bin/qemu-system-x86_64'],
    ['a package of Debian is installed, firmware and tools included', '/var/lib/dpkg/status'],
    ['a package of Fedora is installed', '/usr/lib/sysimage/rpm/rpmdb.sqlite'],
    ['a package of Arch is installed', '/var/lib/pacman/local/edk2-ovmf-202508-1'],
    ['a package of Alpine is installed', '/lib/apk/db/installed'],
    ['a user is added to a group', '/etc/group'],
    ['a module is blacklisted or gets an option', '/etc/modprobe.d/kvm.conf'],
    ['SELinux is switched on or off', '/sys/fs/selinux/enforce'],
  ])('%s', (_, path) => expect(folders[dirname(path)]?.test(basename(path))).toBe(true))

  it.each(['/dev/null', '/run/utmp', '/etc/hosts', '/etc/systemd/system/ssh.service', '/usr/bin/true'])(
    'nothing of %s',
    path => expect(folders[dirname(path)]?.test(basename(path)) ?? false).toBe(false),
  )
})

describe('the watch', () => {
  let folder = ''
  let told = 0
  const end: { dispose(): void }[] = []
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'watch-'))
    told = 0
  })
  afterEach(async () => {
    for (const one of end.splice(0)) one.dispose()
    await rm(folder, { recursive: true })
  })
  const watch = (names: RegExp) => end.push(watchHost(() => told++, { folders: { [folder]: names }, quietMs: 1 }))
  /** The kernel tells in order: when it told of this, everything before was told too. */
  const soFar = async (): Promise<number> => {
    const before = told
    await writeFile(join(folder, 'mark'), `${Math.random()}`)
    await vi.waitFor(() => expect(told).toBeGreaterThan(before))
    return before
  }
  const unit = (name: string) => join(folder, `invocation:${name}`)

  it('tells when a service ends of its own, as a crash leaves its socket', async () => {
    watch(/^(mark|invocation:lxd)/)
    await symlink('0123', unit('lxd.service'))
    await vi.waitFor(() => expect(told).toBe(1))
    await unlink(unit('lxd.service'))
    await vi.waitFor(() => expect(told).toBe(2))
  })

  it('does not follow a service that starts on demand: looking starts it, and it ends when nobody asks', async () => {
    watch(/^(mark|invocation:(libvirtd|snap))/)
    await symlink('0123', unit('libvirtd-ro.socket'))
    await vi.waitFor(() => expect(told).toBe(1))
    await symlink('4567', unit('libvirtd.service'))
    await unlink(unit('libvirtd.service'))
    expect(await soFar()).toBe(1)
    // Its socket is closed: now nobody would start it.
    await unlink(unit('libvirtd-ro.socket'))
    await vi.waitFor(() => expect(told).toBe(3))
  })

  it('tells when permissions change', async () => {
    await writeFile(join(folder, 'kvm'), '')
    watch(/^kvm$/)
    await chmod(join(folder, 'kvm'), 0o666)
    await vi.waitFor(() => expect(told).toBe(1))
  })
})
