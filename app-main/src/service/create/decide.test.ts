import { describe, expect, it } from 'vitest'
import { CreateDraft, type CreateDraftInput } from '../../contract/index.ts'
import { expectationOf } from './boot-expectation.ts'
import { decide, type Chance } from './decide.ts'
import type { ImageSource } from './source.ts'
import type { Surroundings } from './surroundings.ts'

const GIB = 2 ** 30
const image = (change: Partial<ImageSource> = {}): ImageSource => ({
  ...{ kind: 'image', path: '/cache/base.qcow2', format: 'qcow2', bytes: 2 * GIB, osId: null },
  ...{ defaultUser: 'debian', firmware: 'any', agents: [], wishes: null },
  ...change,
})
const iso = { kind: 'iso', path: '/iso/debian.iso', bytes: GIB, osId: null, wishes: null } as const

const around = (change: Partial<Surroundings> = {}, host: Partial<Surroundings['host']> = {}): Surroundings => ({
  host: {
    ...{ local: true, foreignUser: true, arch: 'x86_64', machine: 'q35', emulator: null, kvm: true, maximumCpu: true },
    ...{ hostPassthrough: true, cpus: 8, memoryBytes: 16 * GIB, maxCpus: 255, uefi: true, secureBoot: true, tpm: true },
    ...{ virtioVideo: true, vdagent: false, passt: false, backingStoreInput: true },
    networks: [
      { name: 'default', active: true },
      { name: 'lab', active: false },
    ],
    ...host,
  },
  pool: { name: 'default', path: '/pool', availableBytes: 100 * GIB, folder: true, active: true },
  ...{ source: image(), copy: null, direct: true, kvmWorks: true, agentThere: true },
  ...change,
})

const chance = (): Chance => {
  let next = 0
  const uuid = '5c2b7b6e-3f3d-4a57-9a0f-6a2a2f1f8a11'
  return { uuid, screenPassword: 'secret12', mac: () => `52:54:00:00:00:0${next++}` }
}
const decided = (draft: Partial<CreateDraftInput> = {}, place = around()) =>
  decide(CreateDraft.parse({ source: '/cache/base.qcow2', name: 'web', ...draft }), place, chance())

describe('what nobody said about a new machine', () => {
  it('is decided by the image and the host', () => {
    const { spec, seed, disks, hostname } = decided()
    expect(spec).toMatchObject({ cpus: 2, memoryBytes: 2 * GIB, accelerated: true, firmware: 'bios', desktop: false })
    expect(spec.disks).toMatchObject([{ path: '/pool/web-5c2b7b6e.qcow2', bus: 'virtio', discard: true, direct: true }])
    expect(spec.nics).toEqual([{ type: 'network', source: 'default', mac: '52:54:00:00:00:00', forwards: [] }])
    expect(disks).toMatchObject([{ capacityBytes: 20 * GIB, base: { path: '/cache/base.qcow2', format: 'qcow2' } }])
    expect(seed).toMatchObject({ user: { name: 'debian' }, vireoAgent: true, qemuAgent: true, family: 'linux' })
    expect(hostname).toBe('web')
  })

  it.each([
    ['small hosts', {}, around({}, { cpus: 1 }), { cpus: 1 }],
    ['images that want UEFI', {}, around({ source: image({ firmware: 'uefi' }) }), { firmware: 'uefi' }],
    ['ARM', {}, around({}, { arch: 'aarch64' }), { firmware: 'uefi' }],
    ['desktops from an installation medium', { desktop: true }, around({ source: iso }), { firmware: 'uefi' }],
    [
      'servers from an installation medium',
      {},
      around({ source: iso }),
      { firmware: 'bios', iso: '/iso/debian.iso', seed: null },
    ],
    ['hosts whose KVM does not work', {}, around({ kvmWorks: false }), { accelerated: false }],
    ['who wants KVM all the same', { accelerator: 'kvm' as const }, around({ kvmWorks: false }), { accelerated: true }],
  ])('is decided for %s', (_what, draft, place, expected) => {
    expect(decided(draft, place).spec).toMatchObject(expected)
  })

  it('keeps what was said', () => {
    const { spec, seed, disks } = decided({
      ...{ cpus: 4, memory: '1.5G', disk: '3 GiB', disks: [{ size: '1G', bus: 'sata' }], firmware: 'secure-boot' },
      ...{ user: 'ada', hostname: 'web.example.org', vireoAgent: false, discard: false, tags: ['a'] },
      networks: [
        { type: 'bridge', source: 'br0', mac: 'AA:BB:CC:00:11:22', address: '10.0.0.5/24', gateway: '10.0.0.1' },
      ],
    })
    expect(spec).toMatchObject({ cpus: 4, memoryBytes: 1.5 * GIB, firmware: 'secure-boot', tags: ['a'] })
    expect(disks.map(({ name, capacityBytes }) => [name, capacityBytes])).toEqual([
      ['web-5c2b7b6e.qcow2', 3 * GIB],
      ['web-5c2b7b6e-2.qcow2', GIB],
    ])
    expect(spec.disks.map(({ bus, discard, base }) => [bus, discard, base === null])).toEqual([
      ['virtio', false, false],
      ['sata', false, true],
    ])
    expect(seed).toMatchObject({ hostname: 'web.example.org', user: { name: 'ada' }, vireoAgent: false })
    expect(seed?.nics).toEqual([
      { mac: 'aa:bb:cc:00:11:22', address: '10.0.0.5/24', gateway: '10.0.0.1', nameServers: [] },
    ])
  })

  it('is decided by what its system wants, and told where it gets less', () => {
    const minimum = { cpus: 1, memoryBytes: 4 * GIB, diskBytes: 52 * GIB }
    const recommended = { cpus: 4, memoryBytes: 8 * GIB, diskBytes: 64 * GIB }
    const wishes = { name: 'Windows 11', minimum, recommended }
    const place = around({ source: { ...iso, wishes } })
    const usual = decided({}, place)
    expect(usual.spec).toMatchObject({ cpus: 4, memoryBytes: 8 * GIB })
    expect([usual.disks[0]?.capacityBytes, usual.warnings]).toEqual([64 * GIB, []])
    const unsaid = { ...wishes, recommended: { cpus: null, memoryBytes: null, diskBytes: null } }
    expect(decided({}, around({ source: { ...iso, wishes: unsaid } })).spec.memoryBytes).toBe(4 * GIB)
    const odd = { ...wishes, recommended: { cpus: 1, memoryBytes: GIB, diskBytes: GIB } }
    expect(decided({}, around({ source: { ...iso, wishes: odd } })).spec.memoryBytes).toBe(4 * GIB)
    const small = decided({ memory: '1G', disk: '10G' }, place)
    expect(small.warnings).toEqual([
      'Windows 11 needs at least 4 GiB of memory.',
      'Windows 11 needs at least 52 GiB of disk.',
    ])
  })

  it('does not install agents that the image brings', () => {
    const built = around({ source: image({ agents: ['qemu-ga', 'vireo'] }) })
    expect(decided({}, built).seed).toMatchObject({ qemuAgent: false, vireoAgent: false })
    expect(decided({}, around({ source: image({ agents: ['qemu-ga'] }) })).seed).toMatchObject({ vireoAgent: true })
  })

  it('builds on the copy where the image cannot be read', () => {
    const { spec, files } = decided({}, around({ copy: { name: 'vireo-base-1.qcow2', bytes: GIB } }))
    expect(spec.disks[0]?.base?.path).toBe('/pool/vireo-base-1.qcow2')
    expect(files.map(({ kind, made }) => [kind, made])).toEqual([
      ['base-copy', true],
      ['disk', true],
      ['seed', true],
    ])
  })

  it('is told where it will perhaps not be as expected', () => {
    const warned = (draft: Partial<CreateDraftInput>, place = around()) => decided(draft, place).warnings.join(' ')
    expect(warned({ sshKeys: ['k'] })).toBe('')
    expect(warned({})).toMatch(/Nobody will be able to log in/)
    expect(warned({ passwordHash: '$6$a$b' }, around({ kvmWorks: false }))).toMatch(/KVM is there but does not work/)
    expect(warned({ sshKeys: ['k'], memory: '32G', cpus: 16, disk: '1T', firmware: 'uefi', desktop: true })).toMatch(
      /memory.*processors.*full.*raw file.*clipboard/,
    )
    expect(warned({ packages: ['vim'] }, around({ source: iso }))).toMatch(/not told of packages/)
  })
})

describe('the network of a new machine', () => {
  const subnet = (address: string, start?: string, end?: string) => ({
    ...{ family: 'ipv4' as const, address, prefix: 24 },
    dhcp: start === undefined || end === undefined ? [] : [{ start, end }],
  })
  const networks = [
    {
      name: 'default',
      active: true,
      subnets: [subnet('192.168.122.1', '192.168.122.100', '192.168.122.200')],
      leadsOut: true,
      taken: [
        { ip: '192.168.122.30', mac: '52:54:00:00:00:30', machine: null },
        { ip: '192.168.122.160', mac: '52:54:00:00:00:60', machine: null },
        { ip: '192.168.122.170', mac: '52:54:00:00:00:70', machine: 'mail' },
      ],
    },
    { name: 'alone', active: true, subnets: [subnet('10.9.0.1')], leadsOut: false },
    { name: 'onto', active: true, subnets: [], leadsOut: true },
  ]
  const on = (host: Partial<Surroundings['host']>, ...cards: CreateDraftInput['networks'] & object) =>
    decided({ networks: cards, sshKeys: ['k'] }, around({}, { networks, ...host }))
  const address = (text: string, source = 'default') => ({ type: 'network' as const, source, address: text })
  const forwards = [{ host: 2222, guest: 22 }]

  it('takes the way out and the names of its network with a fixed address', () => {
    expect(on({}, { address: '192.168.122.5/24' }).seed?.nics).toMatchObject([
      { address: '192.168.122.5/24', gateway: '192.168.122.1', nameServers: ['192.168.122.1'] },
    ])
    expect(on({}, address('10.9.0.5/24', 'alone')).seed?.nics).toMatchObject([
      { gateway: null, nameServers: ['10.9.0.1'] },
    ])
    expect(on({}, address('172.16.0.5/24', 'onto')).seed?.nics).toMatchObject([{ gateway: null, nameServers: [] }])
    const told = { ...address('192.168.122.5/24'), gateway: '192.168.122.9', nameServers: ['9.9.9.9'] }
    expect(on({}, told).seed?.nics).toMatchObject([{ gateway: '192.168.122.9', nameServers: ['9.9.9.9'] }])
  })

  it('is told of an address that others may be given', () => {
    expect(on({}, address('192.168.122.150/24')).warnings).toEqual([
      expect.stringMatching(/gives 192.168.122.150 to others/),
    ])
    expect(on({}, address('192.168.122.5/24')).warnings).toEqual([])
  })

  it('may have an address inside of what DHCP gives out when the network keeps it for its card', () => {
    const kept = { ...address('192.168.122.160/24'), mac: '52:54:00:00:00:60' }
    expect(on({}, kept)).toMatchObject({ warnings: [], seed: { nics: [{ address: '192.168.122.160/24' }] } })
    // By libvirt's rules a kept address may as well lie outside of them.
    expect(on({}, { ...address('192.168.122.30/24'), mac: '52:54:00:00:00:30' }).warnings).toEqual([])
    for (const [ip, owner] of [
      ['192.168.122.30', 'keeps 192.168.122.30 for the card 52:54:00:00:00:30'],
      ['192.168.122.160', 'keeps 192.168.122.160 for the card 52:54:00:00:00:60'],
      ['192.168.122.170', 'belongs to “mail”'],
    ] as const)
      expect(() => on({}, address(`${ip}/24`))).toThrow(owner)
  })

  it('has its ports led in by Vireo on a network, and by libvirt where that can', () => {
    const led = on({}, { forwards })
    expect(led.led).toEqual([{ port: 2222, guestPort: 22, guestAddress: null }])
    expect(led.spec.nics).toMatchObject([{ type: 'network', source: 'default', forwards: [] }])
    expect(on({}, { ...address('192.168.122.5/24'), forwards }).led).toMatchObject([{ guestAddress: '192.168.122.5' }])
    const passt = on({ passt: true }, { forwards })
    expect(passt.led).toEqual([])
    expect(passt.spec.nics).toMatchObject([{ type: 'user', forwards: [{ host: 2222 }] }])
    // Who chose the network keeps it.
    expect(on({ passt: true }, { type: 'network', source: 'default', forwards }).led).toHaveLength(1)
  })

  const udp = [{ host: 53, guest: 53, protocol: 'udp' as const }]
  it.each([
    ['an address elsewhere', {}, [address('10.0.0.5/24')], /is 192\.168\.122\.0\/24, and 10\.0\.0\.5 is not in it/],
    ['the address of the host', {}, [address('192.168.122.1/24')], /has the address 192\.168\.122\.1 itself/],
    ['the address of everybody', {}, [address('192.168.122.255/24')], /no address of a single machine/],
    ['one address twice', {}, [address('192.168.122.5/24'), address('192.168.122.5/24')], /have the address 192/],
    ['one port twice', {}, [{ forwards: [...forwards, ...forwards] }], /Port 2222\/tcp .* twice/],
    ['UDP into a network', {}, [{ forwards: udp }], /TCP only/],
    ['ports into a network of another computer', { local: false }, [{ forwards }], /on another one/],
  ])('is refused with %s', (_what, host, cards, message) => {
    expect(() => on(host, ...cards)).toThrow(message)
  })
})

it('gives a system of the catalogue what is enough for it, as the wizard proposes', () => {
  const resources = { cpus: 2, memoryBytes: GIB, diskBytes: 10 * GIB }
  const wishes = { name: 'Debian 12', minimum: resources, recommended: resources }
  const { spec, disks } = decided({}, around({ source: image({ wishes }) }))
  expect([spec.cpus, spec.memoryBytes, disks[0]?.capacityBytes]).toEqual([2, GIB, 10 * GIB])
  const large = decided({}, around({ source: image({ wishes, bytes: 12 * GIB }) }, { cpus: 1 }))
  expect([large.spec.cpus, large.disks[0]?.capacityBytes]).toEqual([1, 12 * GIB])
  expect(decided({ memory: '4G' }, around({ source: image({ wishes }) })).spec.memoryBytes).toBe(4 * GIB)
})

describe('what a first start will bring', () => {
  const expectation = (draft: Partial<CreateDraftInput> = {}, place = around()) =>
    expectationOf(place, decided(draft, place))
  const skipped = (draft: Partial<CreateDraftInput>, place?: Surroundings) =>
    Object.keys(expectation(draft, place).skipped).toSorted()

  it('is everything for a cloud image on libvirt’s network', () => {
    expect(expectation()).toMatchObject({ name: 'web', user: 'debian', skipped: {}, forward: null, fixedAddress: null })
    const fixed = { type: 'bridge', source: 'br0', address: '10.0.0.5/24' } as const
    expect(expectation({ networks: [fixed] })).toMatchObject({ fixedAddress: '10.0.0.5', bridged: true })
  })

  it('is nothing that cannot be seen from here', () => {
    const forwards = [{ host: 2222, guest: 22 }]
    const forwarded = expectation({ networks: [{ type: 'user', forwards }] })
    expect([forwarded.forward, Object.keys(forwarded.skipped)]).toEqual([
      { host: '127.0.0.1', port: 2222 },
      ['address'],
    ])
    expect(skipped({ networks: [] })).toEqual(['address', 'ssh'])
    expect(skipped({ networks: [{ type: 'user' }] })).toEqual(['address', 'ssh'])
    expect(skipped({ networks: [{ type: 'macvtap', source: 'eth0' }] })).toEqual(['address', 'ssh'])
    expect(skipped({}, around({}, { local: false }))).toEqual(['ssh'])
  })

  it('is nothing that nobody was told or installs', () => {
    expect(skipped({}, around({ source: iso }))).toEqual(['address', 'agent', 'cloud-init', 'ssh'])
    expect(skipped({ cloudInit: false })).toEqual(['agent', 'cloud-init', 'ssh'])
    expect(skipped({ qemuAgent: false, vireoAgent: false })).toEqual(['agent'])
    const built = around({ source: image({ agents: ['qemu-ga'] }) })
    expect(skipped({ qemuAgent: false, vireoAgent: false }, built)).toEqual([])
  })
})

describe('what makes no sense', () => {
  it.each([
    ['a disk smaller than its image', { disk: '1G' }, around(), 'invalid-input'],
    ['a network that is not there', { networks: [{ type: 'network', source: 'nix' }] }, around(), 'invalid-input'],
    ['a network that does not run', { networks: [{ type: 'network', source: 'lab' }] }, around(), 'precondition'],
    ['a bridge without a name', { networks: [{ type: 'bridge' }] }, around(), 'invalid-input'],
    ['a gateway without an address', { networks: [{ gateway: '10.0.0.1' }] }, around(), 'invalid-input'],
    [
      'one address twice',
      { networks: [{ mac: '52:54:00:00:00:aa' }, { mac: '52:54:00:00:00:AA' }] },
      around(),
      'invalid-input',
    ],
    ['a full pool', {}, around({ pool: { ...around().pool, availableBytes: 1 } }), 'precondition'],
    ['no room for the copy', {}, around({ copy: { name: 'x', bytes: 200 * GIB } }), 'precondition'],
  ] as const)('is refused: %s', (_what, draft, place, kind) => {
    const input = structuredClone(draft) as Partial<CreateDraftInput>
    expect(() => decided(input, place)).toThrow(expect.objectContaining({ detail: expect.objectContaining({ kind }) }))
  })

  it.each([
    ['name', '../etc'],
    ['name', '-odd'],
    ['name', 'a b'],
    ['hostname', 'under_score'],
    ['hostname', '-web'],
    ['hostname', 'a'.repeat(64)],
    ['memory', 'lots'],
    ['memory', 2048],
    ['memory', '1000T'],
    ['disk', '-1G'],
    ['disk', '1e30G'],
    ['passwordHash', 'hunter2'],
    ['passwordHash', '$6$a$b\nroot::0:0'],
    ['user', 'Root User'],
    ['sshKeys', ['one\ntwo']],
    ['packages', ['']],
    ['surprise', 1],
  ])('is refused by the contract: %s = %j', (field, value) => {
    expect(CreateDraft.safeParse({ source: '/x', name: 'web', [field]: value }).success).toBe(false)
  })
})
