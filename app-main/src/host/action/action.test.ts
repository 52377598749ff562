import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { hostEnglish, type HostAction, type HypervisorName } from '../../contract/index.ts'
import { PACKAGE_MANAGERS } from '../facts/distribution.ts'
import { readAll } from '../facts/read-all.ts'
import * as part from '../testing/computers.ts'
import { merged, recordedMachine, type Recording } from '../testing/recorded-machine.ts'
import { lineOf, quoted, scriptOf, step, writing } from './command.ts'
import { elevationFor, troubleOf } from './elevation.ts'
import { packagesOf } from './packages.ts'
import { planAction } from './plan.ts'
import { cleanLine, runScript } from './run-script.ts'
import { freeSubnet, parseSubnet } from './subnet.ts'
import { undoRefusal } from './undo.ts'

const NETWORK_XML =
  "<network><name>default</name><bridge name='virbr0'/><ip address='192.168.122.1' netmask='255.255.255.0'/></network>"
const NETWORK: Recording = { files: { '/usr/share/libvirt/networks/default.xml': NETWORK_XML } }
const RUNNING = [
  part.INTEL,
  part.MODULES_ON_DISK,
  part.KVM_LOADED,
  part.LIBVIRT_PROGRAMS,
  part.LIBVIRTD_RUNS,
  part.LIBVIRT_OPEN,
  NETWORK,
]
const manager = (program: string): Recording => ({ programs: [`/usr/bin/${program}`] })

const planned = async (recordings: readonly Recording[], action: HostAction, hypervisor: HypervisorName = 'kvm') => {
  const machine = recordedMachine(merged(part.DEBIAN, ...recordings))
  const plan = await planAction(machine, await readAll(machine), hypervisor, action)
  if ('refusal' in plan) return { refusal: plan.refusal }
  return { ...plan, commands: plan.steps.map(lineOf), back: plan.undo.map(lineOf), said: plan.notes.map(hostEnglish) }
}
const commands = async (...args: Parameters<typeof planned>) => {
  const plan = await planned(...args)
  return 'commands' in plan ? plan.commands : plan.refusal.message
}

describe('the plan of an action, on recorded computers', () => {
  it('installs with the package manager that is there', async () => {
    const found = await commands([], 'install')
    expect(found).toEqual([
      'apt-get update -q',
      expect.stringMatching(/^env DEBIAN_FRONTEND=noninteractive apt-get install .* libvirt-daemon-system/),
    ])
    expect(await commands([], 'install', 'podman')).toContainEqual(expect.stringMatching(/ podman$/))
    const ubuntu = { files: { '/etc/os-release': 'ID=ubuntu\n' } }
    expect(await commands([ubuntu], 'install', 'lxd')).toEqual(['snap install lxd'])
    expect(await commands([], 'install', 'virtualbox')).toContain('by hand')
  })

  it('starts and enables what this distribution’s layout has', async () => {
    expect(await planned([part.LIBVIRT_PROGRAMS, part.LIBVIRTD_OFF], 'enable')).toMatchObject({
      commands: ['systemctl enable --now libvirtd.service'],
      back: ['systemctl disable libvirtd.service'],
    })
    // What was enabled before, and what nobody knows of, is not disabled when it is taken back.
    expect(await planned([part.LIBVIRT_PROGRAMS, part.LIBVIRTD_ENABLED_DEAD], 'enable')).toMatchObject({ back: [] })
    expect(await planned([part.LIBVIRT_PROGRAMS], 'enable')).toMatchObject({ back: [] })
    expect(await commands([part.SOCKET_ACTIVATED], 'enable')).toEqual([
      'systemctl enable --now virtqemud.socket virtnetworkd.socket virtstoraged.socket virtlogd.socket',
    ])
    expect(await commands([part.LIBVIRT_PROGRAMS, part.LIBVIRTD_MASKED], 'start')).toContain('masked')
  })

  it('does not offer to stop what would end containers', async () => {
    expect(await planned([part.LIBVIRT_PROGRAMS], 'start')).toMatchObject({ back: ['systemctl stop libvirtd.service'] })
    for (const hypervisor of ['docker', 'lxd'] as const)
      expect(await planned([], 'start', hypervisor)).toMatchObject({
        commands: [`systemctl start ${hypervisor}.service`],
        back: [],
      })
  })

  it('makes the default network, unless its addresses are somebody’s', async () => {
    const missing: Recording = { libvirt: { defaultNetwork: 'missing' } }
    expect(await planned([...RUNNING, missing], 'create-default-network')).toMatchObject({
      root: false,
      commands: [
        'virsh --connect qemu:///system net-define /usr/share/libvirt/networks/default.xml',
        'virsh --connect qemu:///system net-autostart default',
        'virsh --connect qemu:///system net-start default',
      ],
    })
    const route = (device: string, destination: string, mask: string): Recording => ({
      files: {
        '/proc/net/route': `Iface\tDestination\tGateway\nx\n${device}\t${destination}\t00000000\t1\t0\t0\t0\t${mask}\t0\t0\t0\n`,
      },
    })
    const on = (one: Recording) => planned([...RUNNING, missing, one], 'create-default-network')
    expect(await on(route('eth0', '007AA8C0', '00FFFFFF'))).toMatchObject({
      refusal: { message: expect.stringContaining('192.168.122.0/24') },
    })
    expect(await on(route('eth0', '0000A8C0', '0000FFFF'))).toMatchObject({ refusal: { kind: 'precondition' } })
    expect(await on(route('virbr0', '007AA8C0', '00FFFFFF'))).not.toHaveProperty('refusal')
    expect(await on(route('eth0', '00000000', '00000000'))).not.toHaveProperty('refusal')
    expect(await commands(RUNNING, 'create-default-network')).toContain('active already')
  })

  it('sets LXD up with storage, a network and a profile, in addresses that are free', async () => {
    const profile = (devices: unknown): Recording => ({
      sockets: {
        '/var/lib/lxd/unix.socket /1.0/profiles/default?project=default': {
          ...{ state: 'answered', status: 200, body: { metadata: { devices } } },
        },
      },
    })
    const bare = [part.lxdSays('trusted'), profile({})]
    const first = await planned(bare, 'initialise', 'lxd')
    expect(first).toMatchObject({
      root: false,
      commands: [
        'lxc storage create local:default dir --project default',
        'lxc profile device add local:default root disk path=/ pool=default --project default',
        'lxc network create local:lxdbr0 ipv4.address=10.100.1.1/24 ipv4.nat=true ipv6.address=none --project default',
        'lxc profile device add local:default eth0 nic name=eth0 network=lxdbr0 --project default',
      ],
      back: [
        'lxc profile device remove local:default eth0 --project default',
        'lxc network delete local:lxdbr0 --project default',
        'lxc profile device remove local:default root --project default',
        'lxc storage delete local:default --project default',
      ],
    })
    expect('said' in first && first.said.join()).toContain('10.100.1.0/24')
    const busy: Recording = {
      files: {
        // 10.100.0.0/14 through a VPN, and a network of libvirt that is off.
        '/proc/net/route': 'Iface\tDestination\nwg0\t0000640A\t00000000\t1\t0\t0\t0\t0000FCFF\t0\t0\t0\n',
        '/etc/libvirt/qemu/networks/lab.xml': "<ip address='10.137.54.1' prefix='24'></ip>",
        '/sys/class/net/lxdbr0/mtu': '1500',
      },
    }
    const second = await commands([...bare, busy], 'initialise', 'lxd')
    expect(second[2]).toBe(
      'lxc network create local:lxdbr1 ipv4.address=10.174.107.1/24 ipv4.nat=true ipv6.address=none --project default',
    )
    const half = [part.lxdSays('trusted', ['fast']), profile({ root: { type: 'disk', path: '/' } })]
    expect(await commands(half, 'initialise', 'lxd')).toEqual([
      expect.stringContaining('network create'),
      expect.stringContaining('eth0 nic'),
    ])
    const full = [part.lxdSays('trusted', ['fast'], ['lxdbr0']), profile({ root: { type: 'disk', path: '/' } })]
    expect(await commands(full, 'initialise', 'lxd')).toBe('LXD is set up already.')
    expect(await commands([part.lxdSays('untrusted')], 'initialise', 'lxd')).toContain('does not let this login')
    expect(await commands([part.lxdSays('trusted')], 'initialise', 'lxd')).toContain('does not tell')
    expect(await commands([], 'initialise', 'lxd')).toContain('does not run')
    expect(await commands(RUNNING, 'initialise')).toContain('about LXD and Incus only')
  })

  it('takes nothing away from under machines', async () => {
    const refusal = async (action: HostAction, ...recordings: readonly Recording[]) => {
      const machine = recordedMachine(merged(part.DEBIAN, ...recordings))
      return (await undoRefusal(machine, await readAll(machine), action))?.message ?? null
    }
    const instances = (metadata: unknown): Recording => ({
      sockets: {
        '/var/lib/lxd/unix.socket /1.0/instances?all-projects=true': {
          ...{ state: 'answered', status: 200, body: { metadata } },
        },
      },
    })
    const lxd = part.lxdSays('trusted', ['default'], ['lxdbr0'])
    expect(await refusal('initialise', lxd, instances([]))).toBeNull()
    expect(await refusal('initialise', lxd, instances(['/1.0/instances/web-1', '/1.0/instances/db?project=lab']))).toBe(
      'Instances need this storage and network: web-1, db.',
    )
    expect(await refusal('initialise', lxd)).toContain('does not tell')
    const busy: Recording = { libvirt: { running: ['web-1'] } }
    expect(await refusal('create-default-network', ...RUNNING, busy)).toContain('web-1')
    expect(await refusal('create-default-network', ...RUNNING)).toBeNull()
    expect(await refusal('start', ...RUNNING, busy)).toBeNull()
  })

  it('finds no free addresses where a route has all private ones', async () => {
    const rows = [
      '0000000A\t0\t1\t0\t0\t0\t000000FF',
      '000010AC\t0\t1\t0\t0\t0\t0000F0FF',
      '0000A8C0\t0\t1\t0\t0\t0\t0000FFFF',
    ]
    const machine = recordedMachine({
      files: { '/proc/net/route': ['Iface', ...rows.map(row => `tun0\t${row}`)].join('\n') },
    })
    expect(await freeSubnet(machine, [])).toBeNull()
    expect(await freeSubnet(recordedMachine({}), [])).toEqual({ subnet: '10.100.1.0/24', gateway: '10.100.1.1/24' })
    expect(parseSubnet('10.0.0.1/24; reboot')).toBeUndefined()
    expect(parseSubnet('10.0.0.300/24')).toBeUndefined()
  })

  it('adds to the groups that are there and are missing, and says what to do about the login', async () => {
    const plan = await planned([...RUNNING, { user: { groups: [1000] } }], 'add-to-groups')
    // `libvirt` has ada in the database: that login is only stale.
    expect(plan).toMatchObject({ commands: ['usermod --append --groups kvm ada'], back: ['gpasswd --delete ada kvm'] })
    expect('said' in plan && plan.said.join()).toContain('log in again')
    const hostile = { user: { name: '--help', groups: [1000] } }
    expect(await commands([...RUNNING, hostile], 'add-to-groups')).toContain('cannot be given')
  })

  it('loads the module of the processor with nesting that stays', async () => {
    const plan = await planned([part.AMD, part.MODULES_ON_DISK], 'load-modules')
    expect(plan).toMatchObject({
      commands: [
        'modprobe kvm_amd nested=1',
        "printf '%s\\n' 'options kvm_amd nested=1' | tee /etc/modprobe.d/vireo-kvm.conf",
      ],
      back: ['modprobe -r kvm_amd kvm', 'rm -- /etc/modprobe.d/vireo-kvm.conf'],
    })
    expect(await commands(RUNNING, 'load-modules')).toContain('loaded already')
  })

  it('does not unload modules while machines run, and names them', async () => {
    const busy: Recording = { libvirt: { running: ['web-1', 'db-1'] } }
    expect(await commands([...RUNNING, busy], 'unload-modules')).toBe(
      'KVM cannot be unloaded while virtual machines run: web-1, db-1.',
    )
    expect(await commands(RUNNING, 'unload-modules')).toEqual(['modprobe -r kvm_intel kvm'])
  })

  it('does not unload modules when nobody can tell whether machines run', async () => {
    const deaf: Recording = { libvirt: { state: 'silent', running: [] } }
    expect(await commands([...RUNNING, deaf], 'unload-modules')).toContain('cannot tell')
  })

  it('gives /dev/kvm to its group, with a rule that stays', async () => {
    expect(await commands([...RUNNING, { nodes: { '/run/udev': { kind: 'folder' } } }], 'fix-device')).toEqual([
      ...['chown root:kvm /dev/kvm', 'chmod 0660 /dev/kvm'],
      `printf '%s\\n' 'KERNEL=="kvm", GROUP="kvm", MODE="0660"' | tee /etc/udev/rules.d/65-vireo-kvm.rules`,
    ])
  })

  it('of KVM is no plan of another', async () => {
    expect(await commands(RUNNING, 'load-modules', 'lxd')).toContain('about KVM only')
  })

  it('installs what an ARM computer has', () => {
    for (const name of PACKAGE_MANAGERS) expect(packagesOf('kvm', name, 'x86_64')).toBeDefined()
    expect(packagesOf('kvm', 'apt', 'aarch64')).toContain('qemu-efi-aarch64')
    expect(packagesOf('kvm', 'apk', 'aarch64')).toContain('aavmf')
    expect(packagesOf('virtualbox', 'apt', 'x86_64')).toBeUndefined()
  })

  it('is the same for the managers that only their program tells', async () => {
    const only = (program: string): Recording => ({ ...manager(program), files: { '/etc/os-release': 'ID=x\n' } })
    const machine = recordedMachine(only('zypper'))
    const plan = await planAction(machine, await readAll(machine), 'kvm', 'install')
    expect('steps' in plan && plan.steps.map(lineOf)).toEqual([
      expect.stringMatching(/^zypper --non-interactive install/),
    ])
    const bare = recordedMachine({})
    expect(await planAction(bare, await readAll(bare), 'kvm', 'install')).toMatchObject({
      refusal: { kind: 'unsupported' },
    })
  })
})

describe('rights', () => {
  const paths = { pkexec: '/usr/bin/pkexec', sudo: '/usr/bin/sudo' }
  const facts = { uid: 1000, needed: true, terminal: false, ...paths, silentSudo: false }
  it.each([
    ['root needs none', { uid: 0 }, 'none', []],
    ['what libvirt allows needs none', { needed: false }, 'none', []],
    ['a window asks through pkexec', {}, 'pkexec', ['/usr/bin/pkexec']],
    ['a terminal asks through sudo', { terminal: true }, 'sudo', ['/usr/bin/sudo', '--']],
    ['sudo without a terminal must not ask', { pkexec: undefined }, 'sudo', ['/usr/bin/sudo', '-n', '--']],
    ['nobody could answer pkexec', { silentSudo: true }, 'sudo', ['/usr/bin/sudo', '-n', '--']],
    ['a terminal without sudo', { terminal: true, sudo: undefined }, 'pkexec', ['/usr/bin/pkexec']],
  ] as const)('%s', (_name, change, kind, prefix) => {
    expect(elevationFor({ ...facts, ...change })).toEqual({ kind, prefix })
  })
  it('there may be no way', () => {
    expect(elevationFor({ ...facts, pkexec: undefined, sudo: undefined })).toBeUndefined()
  })

  it.each([
    [
      'pkexec dismissed (recorded)',
      126,
      'pkexec',
      ['Error executing command as another user: Request dismissed'],
      'cancelled',
    ],
    [
      'pkexec not authorised (recorded)',
      127,
      'pkexec',
      ['Error executing command as another user: Not authorized'],
      'permission',
    ],
    ['sudo without a password (recorded)', 1, 'sudo', ['sudo: a password is required'], 'permission'],
    [
      'apt locked (recorded)',
      100,
      'none',
      ['E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 1 (apt)'],
      'precondition',
    ],
    [
      'apt offline (recorded)',
      100,
      'none',
      ["Err:1 http://deb.debian.org  Temporary failure resolving 'deb.debian.org'"],
      'precondition',
    ],
    ['dnf without the package (recorded)', 1, 'none', ['No match for argument: qemu-kvm'], 'unsupported'],
    ['disk full (recorded)', 100, 'none', ['dpkg: error: No space left on device'], 'precondition'],
    ['module in use (recorded)', 1, 'none', ['modprobe: FATAL: Module kvm_intel is in use.'], 'precondition'],
    ['anything else', 7, 'none', ['$ foo bar', 'it broke'], 'precondition'],
  ] as const)('%s', (_name, code, elevation, lines, kind) => {
    expect(troubleOf(code, elevation, lines)?.detail.kind).toBe(kind)
  })
  it('a success is no trouble, and what else fails is named', () => {
    expect(troubleOf(0, 'none', ['E: Could not get lock'])).toBeNull()
    expect(troubleOf(7, 'none', ['$ foo bar', 'it broke'])?.message).toBe('“foo bar” failed (exit 7): it broke')
  })
})

describe('commands', () => {
  const run = async (lines: readonly string[], signal = new AbortController().signal) => {
    const written: string[] = []
    const code = await runScript(lines, {
      elevation: { kind: 'none', prefix: [] },
      signal,
      onLine: line => written.push(line),
    })
    return { code, written }
  }

  it('run as they are shown, and end at the first that fails', async () => {
    const nasty = `it's $HOME; \`x\` "y" \\ *`
    const folder = await mkdtemp(join(tmpdir(), 'action-'))
    const lines = [
      lineOf(step('printf', '%s\\n', nasty)),
      lineOf(writing(join(folder, 'a b'), nasty)),
      'sh -c "exit 4"',
      'echo never',
    ]
    const { code, written } = await run(lines)
    expect(await readFile(join(folder, 'a b'), 'utf8')).toBe(`${nasty}\n`)
    await rm(folder, { recursive: true })
    expect(code).toBe(4)
    // Once from each command: tee shows what it writes.
    expect(written.filter(line => line === nasty)).toHaveLength(2)
    expect(written).toContain(`$ ${lines[0]}`)
    expect(written).not.toContain('never')
    expect(quoted('')).toBe("''")
    expect(scriptOf(['true'])).toBe("set -e\nprintf '%s\\n' '$ true'\ntrue")
  })

  it('end when they are cancelled, with their children', async () => {
    const stop = new AbortController()
    const ended = run(['sleep 600 & wait'], stop.signal)
    setTimeout(() => stop.abort(), 100)
    expect((await ended).code).toBeNull()
  })

  it('write nothing that moves a cursor', () => {
    expect(cleanLine('\u001b[31mred\u001b[0m \u0007bell')).toBe('red \ufffdbell')
    expect(cleanLine('10%\r50%\r100%\r')).toBe('100%')
    expect(cleanLine('x'.repeat(9000))).toHaveLength(2000)
  })
})
