import { describe, expect, test } from 'vitest'
import { diagnose } from './package-diagnosis.mjs'
import * as system from './system-packages.mjs'

const machine = (...there) => ({
  hasCommand: name => there.includes(name),
  hasFile: path => there.includes(path),
})

const need = name => system.profiles.test.find(entry => entry.name === name)

describe('what is missing', () => {
  test('on an empty machine: everything', () => {
    expect(system.missingNeeds('test', machine())).toEqual(system.profiles.test)
  })

  test('any one of several commands will do', () => {
    const names = on => system.missingNeeds('app', on).map(entry => entry.name)
    expect(names(machine('libvirtd'))).not.toContain('libvirt')
    expect(names(machine('virtqemud'))).not.toContain('libvirt')
    expect(names(machine('virsh'))).toContain('libvirt')
  })

  test('a file counts like a command', () => {
    const found = system.missingNeeds('app', machine('/usr/libexec/qemu-kvm')).map(entry => entry.name)
    expect(found).not.toContain('QEMU')
  })

  test('a star in a path stands for part of one name only', () => {
    expect(system.hasFile('/pro*/self/stat')).toBe(true)
    expect(system.hasFile('/pro*/stat')).toBe(true)
    expect(system.hasFile('/pro*stat')).toBe(false)
    expect(system.hasFile('/no-such-folder/*')).toBe(false)
  })
})

describe('packages', () => {
  test.each(Object.keys(system.managers))('%s has something for all that the application needs', manager => {
    expect(system.packagesFor(system.profiles.app, manager).unmet).toEqual([])
  })

  test('each package once', () => {
    const { packages } = system.packagesFor(system.profiles.app, 'pacman')
    expect(packages.filter(name => name === 'libvirt')).toHaveLength(1)
  })

  test('what a manager does not have is said, not guessed', () => {
    const { packages, unmet } = system.packagesFor([need('mmdebstrap'), need('cpio')], 'dnf')
    expect(packages).toEqual(['cpio'])
    expect(unmet.map(entry => entry.name)).toEqual(['mmdebstrap'])
  })

  test('the first manager that is there is taken, none is none', () => {
    expect(system.findManager(machine('zypper'))).toBe('zypper')
    expect(system.findManager(machine('brew'))).toBeUndefined()
  })
})

describe('commands', () => {
  test('apt refreshes its index first and never asks', () => {
    const [refresh, install] = system.installCommands('apt', ['cpio'])
    expect(refresh).toEqual(['env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', 'update', '-q'])
    expect(install).toContain('-y')
    expect(install.at(-1)).toBe('cpio')
  })

  test('an SSH server for tests is installed only where it does not start by itself', () => {
    const needs = [need('OpenSSH server'), need('cpio')]
    const commands = system.installCommands('apt', ['openssh-server'], ['sudo'], system.beforehand(needs, 'apt'))
    expect(commands[1]).toEqual(['sudo', 'install', '-D', '-m', '644', '/dev/null', '/etc/ssh/sshd_not_to_be_run'])
    expect(commands[2]?.at(-1)).toBe('openssh-server')
    expect(commands.map(system.mayFail)).toEqual([true, false, false])
  })

  test('a person who is not root gets sudo in front of every command', () => {
    const commands = system.installCommands('apk', ['cpio'], ['sudo'])
    expect(commands).toEqual([
      ['sudo', 'apk', 'update'],
      ['sudo', 'apk', 'add', 'cpio'],
    ])
  })
})

describe('consent', () => {
  const nobody = { root: false, terminal: false, ci: false, yes: false }

  test.each([
    ['a person at a terminal is asked', { terminal: true }, 'ask'],
    ['root at a terminal is asked', { terminal: true, root: true }, 'ask'],
    ['--yes is enough', { yes: true }, 'go'],
    ['root in CI is not asked', { root: true, ci: true, terminal: true }, 'go'],
    ['root without a terminal is not asked', { root: true }, 'go'],
    ['an ordinary user without a terminal is refused', {}, 'refuse'],
    ['an ordinary user in CI is refused too', { ci: true }, 'refuse'],
  ])('%s', (_name, circumstances, verdict) => {
    expect(system.consent({ ...nobody, ...circumstances })).toBe(verdict)
  })
})

test.each([
  ['E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 1', 'Another program is installing'],
  [
    'System management is locked by the application with pid 12 (zypper). zypp is locked',
    'Another program is installing',
  ],
  [
    "W: Failed to fetch http://mirror.example.org  Temporary failure resolving 'mirror.example.org'",
    'cannot be reached',
  ],
  ['E: Unable to locate package libvirt-daemon-system', 'do not have all of it'],
  ['error: target not found: libvirt', 'do not have all of it'],
  ['dpkg: error: No space left on device', 'The disk is full'],
  ['sam is not in the sudoers file.', 'You may not install software'],
  ['E: dpkg was interrupted, you must manually run', 'An earlier installation was interrupted'],
  ['something nobody has seen before', 'what it said is above'],
])('the failure "%s" is explained', (output, advice) => {
  expect(diagnose(output)).toContain(advice)
})
