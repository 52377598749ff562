import { expect, test } from 'vitest'
import { groupRemedy, installRemedy, startRemedy, type Circumstances } from './remedy.ts'

const at = (paths: readonly string[], rest: Partial<Circumstances> = {}): Circumstances => ({
  username: 'ada',
  groups: [1000],
  exists: path => paths.includes(path),
  read: () => '',
  ...rest,
})

test.each([
  ['/usr/bin/apt-get', /^sudo apt install libvirt-daemon-system /],
  ['/usr/bin/dnf', /^sudo dnf install libvirt-daemon-kvm /],
  ['/usr/bin/zypper', /^sudo zypper install libvirt-daemon-qemu /],
  ['/usr/bin/pacman', /^sudo pacman -S libvirt /],
  ['/sbin/apk', /^sudo apk add libvirt-daemon /],
])('where %s is, libvirt is installed with it', (program, command) => {
  expect(installRemedy(at([program])).fix).toEqual([expect.stringMatching(command)])
})

test('an unknown distribution gets no command that it does not have', () => {
  expect(installRemedy(at([]))).toEqual({ hint: 'Install libvirt with its QEMU driver.', fix: [] })
})

test.each([
  [['/run/systemd/system', '/sbin/openrc-run'], 'sudo systemctl enable --now virtqemud.socket'],
  [['/sbin/openrc-run'], 'sudo rc-service virtqemud start'],
  [[], 'sudo virtqemud -d'],
])('with %j a daemon is started by: %s', (paths, command) => {
  expect(startRemedy('virtqemud', at(paths)).fix).toEqual([command])
})

const GROUPS = 'root:x:0:\nlibvirt-qemu:x:64055:ada\nlibvirt:x:120:grace,ada\n'

test('who is no member is told how to become one', () => {
  for (const read of [() => '', () => 'libvirt:x:120:adaline\n', () => 'damaged', () => 'libvirt-qemu:x:1:ada\n']) {
    const { hint, fix } = groupRemedy('ask polkit', at([], { read }))
    expect(fix).toEqual(['sudo usermod -aG libvirt ada'])
    expect(hint).toContain(', or ask polkit. A login keeps')
  }
})

test('a member whose login is older than the membership is told to log in again, and gets no command', () => {
  const stale = groupRemedy(undefined, at([], { read: () => GROUPS }))
  expect(stale.hint).toContain('log out and in again')
  expect(stale.fix).toEqual([])
  // With the group in force something else is wrong.
  expect(groupRemedy(undefined, at([], { read: () => GROUPS, groups: [1000, 120] })).fix).toHaveLength(1)
})
