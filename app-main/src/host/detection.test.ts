import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { INCUS_SOCKETS } from '../base/lxd-sockets.ts'
import {
  hostEnglish,
  HostReport,
  HostStatus,
  type BootProbe,
  type CardState,
  type HostAction,
} from '../contract/index.ts'
import { reportOf } from './check.ts'
import { virtualBoxConflict } from './facts/conflict.ts'
import { parseOsRelease } from './facts/distribution.ts'
import { atLeast, blacklisting } from './facts/kernel-modules.ts'
import { readAll } from './facts/read-all.ts'
import { getOverSocket, realFiles } from './real-machine.ts'
import { runCommand } from './run-command.ts'
import { statusOf } from './status.ts'
import * as part from './testing/computers.ts'
import { merged, recordedMachine, type Recording } from './testing/recorded-machine.ts'
import { WATCHED_FOLDERS } from './watch.ts'

const probe = (verdict: BootProbe['verdict']): BootProbe => ({
  kvm: { outcome: verdict === 'fails' ? 'timeout' : 'passed', milliseconds: 38, message: 'it hung' },
  emulation: { outcome: 'passed', milliseconds: 700, message: null },
  ...{ verdict, at: 0 },
})

const look = async (recordings: readonly Recording[], found: BootProbe | null = null, final = true) => {
  const facts = await readAll(recordedMachine(merged(part.DEBIAN, ...recordings)), final)
  const status = statusOf(facts, { probe: found, versions: {} }, false, 1)
  const report = reportOf(facts, status)
  // Every answer must be what the contract says, and every sentence one that is known.
  expect(HostStatus.parse(status)).toEqual(status)
  expect(HostReport.parse(report)).toEqual(report)
  for (const card of Object.values(status.hypervisors))
    for (const words of [card.why, ...card.indicators.map(one => one.words)])
      expect(hostEnglish(words)).not.toBe(words.key)
  return { facts, status, report, ...status.hypervisors }
}

const INSTALLED = [part.INTEL, part.MODULES_ON_DISK, part.KVM_LOADED, part.LIBVIRT_PROGRAMS]
const GOOD = [...INSTALLED, part.LIBVIRTD_RUNS, part.LIBVIRT_OPEN]
const DEAF: Recording = { libvirt: { state: 'refused' } }

describe('KVM on recorded computers', () => {
  it.each<[string, readonly Recording[], BootProbe | null, CardState, HostAction | null]>([
    ['all is well', GOOD, probe('works'), 'ready', null],
    [
      'modular daemons wait behind their sockets',
      [...INSTALLED, part.SOCKET_ACTIVATED, part.LIBVIRT_OPEN],
      null,
      'ready',
      null,
    ],
    ['the guest of the probe hangs', GOOD, probe('fails'), 'not_working', null],
    ['KVM is as slow as software', GOOD, probe('crawls'), 'not_working', null],
    ['only the hardware is there', [part.INTEL, part.MODULES_ON_DISK], null, 'not_installed', 'install'],
    ['libvirt was never switched on', [...INSTALLED, part.LIBVIRTD_OFF], null, 'not_enabled', 'enable'],
    ['libvirtd died', [...INSTALLED, part.LIBVIRTD_ENABLED_DEAD], null, 'not_running', 'start'],
    ['a socket is left and refuses', [...INSTALLED, part.LIBVIRTD_ENABLED_DEAD, DEAF], null, 'not_running', 'start'],
    ['libvirtd is masked', [...INSTALLED, part.LIBVIRTD_MASKED], null, 'not_running', null],
    [
      'the network is off',
      [...GOOD, { libvirt: { defaultNetwork: 'inactive' } }],
      null,
      'needs_init',
      'create-default-network',
    ],
    ['the daemon is dumb', [...GOOD, { libvirt: { state: 'silent' } }], null, 'not_responding', null],
    [
      'the socket refuses this user',
      [...GOOD, { libvirt: { state: 'denied' }, user: { groups: [1000] } }],
      null,
      'no_permission',
      null,
    ],
    ['virtualisation is off in the firmware', [part.INTEL_OFF], null, 'bios_required', null],
    ['a virtual machine without nesting', [part.CLOUD], null, 'not_available', null],
    [
      'the same, with an emulator',
      [part.CLOUD, part.LIBVIRT_PROGRAMS, part.LIBVIRTD_RUNS, part.LIBVIRT_OPEN],
      null,
      'emulation_only',
      null,
    ],
    [
      'modules are not loaded',
      [part.AMD, part.MODULES_ON_DISK, part.LIBVIRT_PROGRAMS, part.LIBVIRTD_RUNS, part.LIBVIRT_OPEN],
      null,
      'ready',
      'load-modules',
    ],
  ])('%s', async (_name, recordings, found, state, primary) => {
    const { kvm } = await look(recordings, found)
    expect([kvm.state, kvm.primary]).toEqual([state, primary])
  })

  it('a daemon that is slow at first is unknown, not silent', async () => {
    const slow = [...GOOD, { libvirt: { state: 'silent' } } as const]
    expect((await look(slow, null, false)).kvm.state).toBe('unknown')
  })

  it('has the fields of the seed by their names', async () => {
    const { kvm } = await look(GOOD, probe('works'))
    expect(kvm).toMatchObject({
      ...{ available: true, installed: true, enabled: true, running: true, initialized: true, cpu_supported: true },
      ...{
        kernel_supported: true,
        user_in_group: true,
        management: 'libvirt',
        needs_install: false,
        needs_enable: false,
      },
      ...{
        needs_init: false,
        modules_loaded: true,
        modules_available: true,
        needs_modprobe: false,
        cpu_vendor: 'intel',
      },
      ...{ nested: true, version: '9.0.0', can_auto_install: true },
    })
  })

  it('tells a login that is older than its group', async () => {
    const { kvm, report } = await look([...GOOD, { user: { groups: [1000] } }])
    expect(kvm.indicators.map(({ words }) => hostEnglish(words))).toContain(
      'Group libvirt counts after you log in again',
    )
    expect(report.checks.find(({ id }) => id === 'access')).toMatchObject({
      status: 'WARN',
      fix: expect.stringContaining('Log out'),
    })
  })

  it('tells that QEMU’s own user may not open /dev/kvm', async () => {
    const { kvm, report } = await look([
      ...GOOD,
      { nodes: { '/dev/kvm': { kind: 'device', mode: 0o600, uid: 0, gid: 0 } } },
    ])
    expect(kvm.actions).toContain('fix-device')
    expect(report.overall).toBe('FAIL')
    expect(report.checks.find(({ id }) => id === 'device')?.details).toContain('libvirt-qemu')
  })

  it('tells who blacklisted a module', async () => {
    const blocked = { files: { '/etc/modprobe.d/no-kvm.conf': '# off\nblacklist kvm-intel\n' } }
    const { kvm } = await look([part.INTEL, part.MODULES_ON_DISK, blocked])
    expect(kvm.indicators.map(({ words }) => hostEnglish(words))).toContain(
      'Kernel module kvm_intel is blocked by /etc/modprobe.d/no-kvm.conf',
    )
    const line = recordedMachine({ files: { '/proc/cmdline': 'quiet modprobe.blacklist=x,kvm_amd ro' } })
    expect(await blacklisting(line, ['kvm_amd'])).toEqual({ module: 'kvm_amd', where: 'the kernel command line' })
    const install = recordedMachine({ files: { '/etc/modprobe.d/a.conf': 'install kvm_amd /bin/false' } })
    expect(await blacklisting(install, ['kvm_amd'])).toMatchObject({ where: '/etc/modprobe.d/a.conf' })
    expect(await blacklisting(install, ['kvm_intel'])).toBeNull()
  })
})

describe('LXD and Incus on recorded computers', () => {
  const LXD = '/var/lib/lxd/unix.socket /1.0'
  it.each<[string, readonly Recording[], CardState, HostAction | null]>([
    ['nothing is there', [], 'not_installed', 'install'],
    ['it is set up', [part.lxdSays('trusted', ['default'], ['lxdbr0'])], 'ready', null],
    ['it has no storage', [part.lxdSays('trusted')], 'needs_init', 'initialise'],
    ['it does not know this user', [part.lxdSays('untrusted')], 'no_permission', 'add-to-groups'],
    [
      'its socket may not be opened',
      [part.lxdSays('trusted'), { sockets: { [LXD]: { state: 'denied' } } }],
      'no_permission',
      'add-to-groups',
    ],
    [
      'it talks nonsense',
      [part.lxdSays('trusted'), { sockets: { [LXD]: { state: 'nonsense' } } }],
      'not_responding',
      null,
    ],
    [
      'it answers, but not as LXD does',
      [part.lxdSays('trusted'), { sockets: { [LXD]: { state: 'answered', status: 200, body: ['x'] } } }],
      'not_responding',
      null,
    ],
    ['it stalls', [part.lxdSays('trusted'), { sockets: { [LXD]: { state: 'silent' } } }], 'not_responding', null],
    [
      'its socket is dead',
      [part.lxdSays('trusted'), { sockets: { [LXD]: { state: 'refused' } } }],
      'not_enabled',
      'enable',
    ],
  ])('%s', async (_name, recordings, state, primary) => {
    const { lxd } = await look(recordings)
    expect([lxd.state, lxd.primary]).toEqual([state, primary])
  })

  it('has the fields of the seed by their names', async () => {
    const { lxd } = await look([part.lxdSays('trusted', ['default'], ['lxdbr0']), { programs: ['/usr/bin/snap'] }])
    expect(lxd).toMatchObject({
      ...{ available: true, installed: true, enabled: expect.any(Boolean), running: true, initialized: true },
      ...{ user_in_group: expect.any(Boolean), snap_available: true, needs_install: false, needs_init: false },
    })
    const none = await look([])
    expect(none.lxd).toMatchObject({ installed: false, snap_available: false, needs_install: true, needs_init: false })
    expect(none.status.hypervisors.virtualbox).toMatchObject({
      ...{ available: expect.any(Boolean), enabled: false, running: false, initialized: false },
    })
    expect(none.status).toMatchObject({ platform: 'Linux', default_hypervisor: null })
    expect(Object.keys(none.status.hypervisors).sort()).toEqual(['docker', 'kvm', 'lxd', 'podman', 'virtualbox'])
  })

  it('tells the snap and Incus from the package', async () => {
    const snap = await look([{ nodes: { '/snap/lxd/current': { kind: 'folder' } }, programs: ['/snap/bin/lxd'] }])
    expect(snap.facts.lxd).toMatchObject({ product: 'LXD', origin: 'snap', unit: 'snap.lxd.daemon' })
    const incus = await look([{ programs: ['/usr/bin/incus'] }])
    expect(incus.facts.lxd).toMatchObject({ product: 'Incus', origin: 'package', group: 'incus-admin' })
    expect(incus.lxd.management).toBe('incus')
    for (const socket of INCUS_SOCKETS) {
      const there = await look([{ programs: ['/usr/bin/incus'], nodes: { [socket]: { kind: 'socket' } } }])
      expect(there.facts.lxd.socket).toBe(socket)
      expect(WATCHED_FOLDERS[dirname(socket)]?.test('unix.socket')).toBe(true)
    }
  })
})

describe('VirtualBox, Podman and Docker on recorded computers', () => {
  const BOX: Recording = { programs: ['/usr/bin/VBoxManage'] }
  const DRIVER: Recording = { files: { '/sys/module/vboxdrv/version': '7.0.20_Debian r163906 (0x00320000)\n' } }
  it.each<[string, readonly Recording[], CardState]>([
    ['nothing is there', [part.INTEL], 'not_installed'],
    ['no module for this kernel', [part.INTEL, BOX], 'no_kernel_support'],
    ['the module is loaded', [part.INTEL, BOX, DRIVER], 'ready'],
    [
      'KVM holds the processor since Linux 6.12',
      [part.INTEL, part.KVM_LOADED, BOX, DRIVER, { kernel: '6.12.9-amd64' }],
      'conflict',
    ],
    ['before that it does not', [part.INTEL, part.KVM_LOADED, BOX, DRIVER, { kernel: '6.11.2-amd64' }], 'ready'],
  ])('VirtualBox: %s', async (_name, recordings, state) => {
    expect((await look(recordings)).virtualbox.state).toBe(state)
  })

  it('KVM is told when a VirtualBox machine holds the processor', async () => {
    const busy = {
      files: { '/proc/modules': 'vboxnetadp 28672 0 - Live 0x0\nvboxdrv 696320 3 vboxnetadp, Live 0x0\n' },
    }
    expect((await look([...GOOD, DRIVER, busy])).kvm.indicators).toContainEqual(
      expect.objectContaining({ id: 'holder', mark: 'warn' }),
    )
    const idle = { files: { '/proc/modules': 'vboxdrv 696320 1 vboxnetadp, Live 0x0\n' } }
    expect((await look([...GOOD, DRIVER, idle])).facts.holder).toBeNull()
  })

  const both = { loaded: true, names: ['kvm', 'kvm_amd'] }
  it.each([
    ['6.11.0', '7.0.20', null, 'while-running'],
    ['6.12.0', '7.0.20', null, 'held'],
    ['6.12.0', '7.0.20', true, 'held'],
    ['6.12.0', '7.0.20', false, 'while-running'],
    ['6.14.0', '7.2.10', true, 'held'],
    ['6.16.0', '7.2.10', true, 'while-running'],
    ['6.16.0', '7.2.10', false, 'option'],
    ['6.16.0', '7.2.9', true, 'held'],
    ['6.16.0', null, true, 'held'],
  ] as const)('on Linux %s, VirtualBox %s, enable_virt_at_load %s: %s', (kernel, version, takesAtLoad, found) => {
    expect(virtualBoxConflict(kernel, version, { ...both, takesAtLoad })).toBe(found)
  })

  it('there is no conflict with a KVM that is not loaded, or needs no processor', () => {
    expect(virtualBoxConflict('6.18.0', '7.0.20', { loaded: false, names: [], takesAtLoad: null })).toBe('none')
    expect(virtualBoxConflict('6.18.0', '7.0.20', { loaded: true, names: ['kvm', 'kvm_pvm'], takesAtLoad: null })).toBe(
      'none',
    )
  })

  const DOCKER: Recording = { programs: ['/usr/bin/docker'] }
  const answers = (body: unknown) => ({ state: 'answered', status: 200, body }) as const
  it.each<[string, Recording, CardState]>([
    ['answers', { sockets: { '/run/docker.sock /version': answers({ Version: '27.3.1' }) } }, 'ready'],
    [
      'answers on this user’s own socket',
      { sockets: { '/run/user/1000/docker.sock /version': answers({ Version: '27.3.1' }) } },
      'ready',
    ],
    ['refuses this user', { sockets: { '/run/docker.sock /version': { state: 'denied' } } }, 'no_permission'],
    ['says something else', { sockets: { '/run/docker.sock /version': answers({ Version: 7 }) } }, 'not_responding'],
    ['is not there', {}, 'not_enabled'],
  ])('Docker %s', async (_name, recording, state) => {
    expect((await look([DOCKER, recording])).docker.state).toBe(state)
  })
})

describe('the unified answer', () => {
  it('names where new machines go', async () => {
    expect((await look(GOOD)).status.default_hypervisor).toBe('kvm')
    expect((await look([part.CLOUD, part.lxdSays('trusted', ['default'])])).status.default_hypervisor).toBe('lxd')
    expect((await look([])).status.default_hypervisor).toBeNull()
  })

  it('versions are compared by their numbers', () => {
    expect([
      atLeast('6.12', '6.12'),
      atLeast('6.9.9', '6.12'),
      atLeast('7.0', '6.16'),
      atLeast('junk', '6.12'),
    ]).toEqual([true, false, true, false])
  })

  it('os-release is read with its quotes', () => {
    expect(parseOsRelease('ID=arch\nPRETTY_NAME="A \\"B\\""\n#c\nbad').get('PRETTY_NAME')).toBe('A "B"')
  })
})

describe('this computer is read', () => {
  let folder = ''
  let server: Server | undefined
  beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'host-'))))
  afterEach(async () => {
    server?.close()
    server = undefined
    await rm(folder, { recursive: true })
  })
  const serve = (reply: string | null): Promise<string> =>
    new Promise(resolve => {
      const path = join(folder, 'socket')
      server = createServer(socket => {
        socket.on('error', () => undefined)
        if (reply !== null) socket.once('data', () => socket.end(reply))
      }).listen(path, () => resolve(path))
    })
  const http = (body: string) => `HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n\r\n${body}`

  it.each([
    ['a JSON answer', http('{"a":1}'), { state: 'answered', status: 200, body: { a: 1 } }],
    ['an answer of another kind', http('hello'), { state: 'nonsense' }],
    ['no HTTP at all', 'SSH-2.0-x\r\n', { state: 'nonsense' }],
    ['half an answer', 'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{', { state: 'nonsense' }],
    ['a flood', http(' '.repeat(2_000_000)), { state: 'nonsense' }],
  ])('a socket gives %s', async (_name, reply, expected) => {
    expect(await getOverSocket(await serve(reply), '/', 20_000)).toEqual(expected)
  })

  it('a socket that says nothing is silent, one that is missing is absent, one that is dead refuses', async () => {
    const path = await serve(null)
    expect(await getOverSocket(path, '/', 50)).toEqual({ state: 'silent' })
    expect(await getOverSocket(join(folder, 'none'), '/', 5000)).toEqual({ state: 'absent' })
    const dead = join(folder, 'dead')
    // A socket file whose listener was killed.
    const code = `require('net').createServer().listen(${JSON.stringify(dead)}, () => process.kill(process.pid, 'SIGKILL'))`
    await runCommand(process.execPath, ['-e', code], 20_000)
    expect(await getOverSocket(dead, '/', 5000)).toEqual({ state: 'refused' })
  })

  it('a program that hangs, floods or is missing ends', async () => {
    expect(await runCommand('/bin/sleep', ['60'], 50)).toMatchObject({ code: null })
    expect(await runCommand('/usr/bin/yes', [], 20_000)).toMatchObject({ code: null })
    expect(await runCommand('/nothing/there', [], 1000)).toBeUndefined()
    expect(await runCommand('/bin/sh', ['-c', 'echo out; echo err >&2; exit 3'], 20_000)).toEqual({
      code: 3,
      out: 'out\n',
      err: 'err\n',
    })
  })

  it('a pipe or device at the place of a file does not hold it up', async () => {
    await runCommand('/usr/bin/mkfifo', [join(folder, 'pipe')], 20_000)
    expect(await realFiles.read(join(folder, 'pipe'))).toBeUndefined()
    expect(await realFiles.read('/dev/zero')).toBeUndefined()
    expect(await realFiles.list(join(folder, 'none'))).toEqual([])
  })
})
