import { CreateDraft, parseSize } from '@vireo/app-main/contract'
import { expect, test } from 'vitest'
import { type Draft, emptyDraft, emptyNic, inputOf, parseForward, seedOnly, sourceWords } from './draft.ts'
import { hashPassword } from './hash-password.ts'
import { optionsOf } from './testing-create.ts'
import { wrongWith } from './wrong.ts'

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA me'
const OTHER = 'ssh-rsa AAAAB3NzaC1yc2EAAAADAQAB you'
const draftOf = (part: Partial<Draft> = {}): Draft => ({
  ...emptyDraft,
  ...{ source: { kind: 'system', id: 'debian-13', way: 'any' }, name: 'web' },
  ...part,
})
const subnets = [{ family: 'ipv4' as const, address: '192.168.122.1', prefix: 24, dhcp: [] }]
const known = {
  ...{ taken: new Set(['taken']), half: new Set(['half']), leastDisk: 2 ** 30 },
  options: optionsOf({
    networks: [{ name: 'default', active: true, subnets }],
    pools: [{ name: 'fast', path: '/fast', availableBytes: 2 ** 40, active: true }],
  }),
}
const faults = (part: Partial<Draft>) =>
  wrongWith(draftOf(part), known).map(({ step, field, fault }) => `${step} ${field} ${fault}`)

test('a name and a source are enough', () => {
  expect(wrongWith(draftOf(), known)).toEqual([])
  const input = inputOf(draftOf(), [KEY])
  expect(input).toMatchObject({ source: 'debian-13', name: 'web', sshKeys: [KEY] })
  for (const open of ['cpus', 'memory', 'disk', 'user', 'pool', 'userData', 'vireoAgent', 'passwordHash'])
    expect(input).not.toHaveProperty(open)
  expect(CreateDraft.safeParse(input).error).toBeUndefined()
})

test('disks lie in a folder or in a pool, as it was chosen last', () => {
  const both = { pool: 'fast', folder: ' /srv/disks ' }
  expect(inputOf(draftOf({ ...both, inFolder: true }), [])).toMatchObject({ folder: '/srv/disks' })
  expect(inputOf(draftOf({ ...both, inFolder: true }), [])).not.toHaveProperty('pool')
  expect(inputOf(draftOf(both), [])).toMatchObject({ pool: 'fast' })
  expect(inputOf(draftOf(both), [])).not.toHaveProperty('folder')
  expect(faults({ ...both, pool: 'gone', inFolder: true })).toEqual([])
})

const full = draftOf({
  ...{ name: ' web ', hostname: 'web.example.org', user: 'ada', ownKeys: `\n${OTHER}\n`, keysLeftOut: [KEY] },
  ...{ passwordHash: hashPassword('secret'), cpus: '4', memory: '2G', disk: '30 GB', bus: 'scsi', pool: 'fast' },
  ...{ disks: [{ key: 1, size: ' 5G', bus: 'sata' }], firmware: 'uefi', tags: 'a, b', notes: 'n', start: false },
  ...{ packages: 'vim git', commands: 'echo a, b\n\ntrue', userData: '#cloud-config\n', vireoAgent: 'no' },
  nics: [
    {
      ...emptyNic(1),
      ...{ type: 'bridge', source: 'br0', mac: '52:54:00:00:00:01', address: '10.0.0.5/24', gateway: '10.0.0.1' },
      ...{ nameServers: '10.0.0.1, fd00::1', forwards: '1:1' },
    },
    { ...emptyNic(2), type: 'user', source: 'br0', forwards: '2222:22, 5353:53/udp', gateway: '10.0.0.1' },
  ],
})

test('everything that is filled in reaches the contract, in its form', () => {
  expect(wrongWith(full, { ...known, options: { ...known.options, portForwards: true } })).toEqual([])
  const input = inputOf(full, [KEY])
  expect(input).toMatchObject({
    ...{ name: 'web', cpus: 4, memory: '2G', disk: '30 GB', sshKeys: [OTHER], tags: ['a', 'b'], vireoAgent: false },
    ...{ disks: [{ size: '5G', bus: 'sata' }], packages: ['vim', 'git'], runcmd: ['echo a, b', 'true'] },
  })
  // What a kind of card does not have stays out, whatever stands in its fields.
  expect(input.networks?.[0]).toMatchObject({ source: 'br0', nameServers: ['10.0.0.1', 'fd00::1'], forwards: [] })
  expect(input.networks?.[1]).toEqual({
    type: 'user',
    nameServers: [],
    forwards: [
      { host: 2222, guest: 22, protocol: 'tcp' },
      { host: 5353, guest: 53, protocol: 'udp' },
    ],
  })
  expect(CreateDraft.safeParse(input).error).toBeUndefined()
})

test('where nobody is told anything, no key, password or command is', () => {
  const silent = inputOf({ ...full, cloudInit: false }, [KEY])
  expect(silent).toMatchObject({ cloudInit: false })
  for (const field of ['sshKeys', 'passwordHash', 'packages', 'runcmd', 'userData'])
    expect(silent).not.toHaveProperty(field)
  const nobody = inputOf({ ...full, withUser: false }, [KEY])
  expect(nobody.user).toBeNull()
  expect(nobody).not.toHaveProperty('passwordHash')
})

test.each([
  [{ kind: 'system', id: 'debian-13', way: 'any' }, 'debian-13'],
  [{ kind: 'system', id: 'debian-13', way: 'image' }, 'image:debian-13'],
  [{ kind: 'system', id: 'debian-13', way: 'iso' }, 'debian-13:iso'],
  [{ kind: 'system', id: 'debian-13', way: 'build' }, 'build:debian-13'],
  [{ kind: 'cached', sha256: 'abcdef' }, 'abcdef'],
  [{ kind: 'own', place: ' /a.iso ' }, '/a.iso'],
] as const)('the source %o is “%s”', (source, words) => {
  expect(sourceWords(source)).toBe(words)
})

const nic = (part: object) => ({ nics: [{ ...emptyNic(7), ...part }] })

test.each<[Partial<Draft>, string]>([
  [{ source: null }, 'source source sourceEmpty'],
  [{ source: { kind: 'own', place: 'disk.img' } }, 'source source sourceRelative'],
  [{ source: { kind: 'own', place: 'file:///etc/shadow' } }, 'source source sourceRelative'],
  [{ name: '' }, 'identity name nameBad'],
  [{ name: '-web' }, 'identity name nameBad'],
  [{ name: 'a/b' }, 'identity name nameBad'],
  [{ name: 'x'.repeat(65) }, 'identity name nameBad'],
  [{ name: 'taken' }, 'identity name nameTaken'],
  [{ name: 'half' }, 'identity name nameHalf'],
  [{ hostname: 'a_b' }, 'identity hostname hostnameBad'],
  [{ user: 'Ada' }, 'identity user userBad'],
  [{ ownKeys: 'hello' }, 'identity ownKeys keyBad'],
  [{ ownKeys: '-----BEGIN OPENSSH PRIVATE KEY-----' }, 'identity ownKeys keyPrivate'],
  [{ passwordDiffers: true }, 'identity password passwordDiffers'],
  [{ cpus: '0' }, 'resources cpus cpusBad'],
  [{ cpus: '1.5' }, 'resources cpus cpusBad'],
  [{ cpus: '9' }, 'resources cpus cpusTooMany'],
  [{ memory: 'lots' }, 'resources memory memoryBad'],
  [{ memory: '2048' }, 'resources memory memoryBad'],
  [{ memory: '1M' }, 'resources memory memoryTooLittle'],
  [{ disk: '512M' }, 'disks disk sizeTooSmall'],
  [{ disk: '1000T' }, 'disks disk sizeBad'],
  [{ disks: [{ key: 3, size: '', bus: 'virtio' }] }, 'disks disk:3 sizeBad'],
  [{ pool: 'gone' }, 'disks pool poolGone'],
  [{ inFolder: true, pool: 'gone', folder: 'disks' }, 'disks folder folderBad'],
  [nic({ type: 'network', source: 'gone' }), 'network nic:7:source networkGone'],
  [nic({ address: '192.168.1.5/24' }), 'network nic:7:address addressOutside'],
  [nic({ address: '192.168.122.1/24' }), 'network nic:7:address addressOutside'],
  [nic({ forwards: '53:53/udp' }), 'network nic:7:forwards forwardsUdp'],
  [nic({ forwards: '22:22 22:80' }), 'network nic:7:forwards forwardsTwice'],
  [nic({ type: 'user', forwards: '22:22' }), 'network nic:7:forwards forwardsNobody'],
  [nic({ type: 'bridge' }), 'network nic:7:source deviceMissing'],
  [nic({ type: 'macvtap', source: 'a b' }), 'network nic:7:source deviceBad'],
  [nic({ mac: '53:54:00:00:00:01' }), 'network nic:7:mac macBad'],
  [nic({ address: '10.0.0.5' }), 'network nic:7:address addressBad'],
  [nic({ address: '10.0.0.256/24' }), 'network nic:7:address addressBad'],
  [nic({ address: '192.168.122.5/24', gateway: 'router' }), 'network nic:7:gateway gatewayBad'],
  [nic({ nameServers: 'dns' }), 'network nic:7:nameServers nameServersBad'],
  [nic({ type: 'user', forwards: '22' }), 'network nic:7:forwards forwardsBad'],
  [{ tags: 'x'.repeat(65) }, 'options tags tagsBad'],
  [{ userData: 'packages: [vim]' }, 'options userData userDataHead'],
])('%o is told as “%s”', (part, fault) => {
  expect(faults(part)).toEqual([fault])
})

test('what is not asked cannot be wrong', () => {
  expect(faults({ cloudInit: false, user: 'Ada', ownKeys: 'x', userData: 'y' })).toEqual([])
  expect(faults({ withUser: false, user: 'Ada', ownKeys: 'x', passwordDiffers: true })).toEqual([])
  expect(faults(nic({ type: 'auto', source: 'a b', gateway: 'y' }))).toEqual([])
  expect(faults(nic({ type: 'bridge', source: 'br0', forwards: 'x' }))).toEqual([])
  expect(faults(nic({ forwards: '2222:22, 8080:80', address: '192.168.122.5/24' }))).toEqual([])
})

test.each([
  ['22:22', true],
  ['0:22', false],
  ['22:65536', false],
  ['22:22/icmp', false],
])('the forward %s is one: %s', (text, is) => {
  expect(parseForward(text) !== undefined).toBe(is)
})

test('sizes are powers of 1024', () => {
  expect(parseSize('1.5GiB')).toBe(1.5 * 2 ** 30)
  expect(parseSize('20')).toBeUndefined()
})

test('user-data can be read whatever else is wrong', () => {
  const wrong = { ...full, source: null, name: '-', user: 'Ada', cpus: 'x', nics: [{ ...emptyNic(1), mac: 'x' }] }
  const input = inputOf(seedOnly(wrong, new Set(['source', 'name', 'user', 'cpus', 'nic:1:mac'])), [KEY])
  expect(CreateDraft.safeParse(input).error).toBeUndefined()
  expect(input).toMatchObject({ packages: ['vim', 'git'], userData: '#cloud-config\n', hostname: 'web.example.org' })
})

test('an installer is answered only when somebody says so', () => {
  const source = { kind: 'system', id: 'debian-13', way: 'iso' } as const
  expect(inputOf(draftOf({ source }), [])).not.toHaveProperty('unattended')
  expect(inputOf(draftOf({ source, unattended: true }), [])).toMatchObject({
    ...{ source: 'debian-13:iso', unattended: true },
  })
})
