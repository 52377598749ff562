import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { RemoteError } from '../contract/index.ts'
import { seedDocuments } from './documents.ts'
import type { SeedDraft } from './seed-draft.ts'

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB3 me@here'
const HASH = '$6$salt$hash'

const draft = (change: Partial<SeedDraft> = {}): SeedDraft => ({
  ...{ instanceId: 'vireo-1', hostname: 'web', family: 'linux', packages: [], commands: [], nics: [], userData: null },
  ...{ user: { name: 'ada', passwordHash: null, sshKeys: [KEY] }, qemuAgent: false, vireoAgent: false },
  ...change,
})
const userData = (change: Partial<SeedDraft>): unknown => parse(seedDocuments(draft(change)).userData)
const refusal = (text: string) => {
  try {
    seedDocuments(draft({ userData: text }))
  } catch (error) {
    if (error instanceof RemoteError) return error.detail
    throw error
  }
  throw new Error('it was accepted')
}

describe('the documents of a seed', () => {
  it('make a user with keys and no password', () => {
    const { userData: text, metaData } = seedDocuments(draft())
    expect(text.startsWith('#cloud-config\n')).toBe(true)
    expect(parse(text)).toEqual({
      hostname: 'web',
      manage_etc_hosts: true,
      ssh_pwauth: false,
      users: [
        {
          ...{ name: 'ada', sudo: 'ALL=(ALL) NOPASSWD:ALL', shell: '/bin/bash', lock_passwd: true },
          ssh_authorized_keys: [KEY],
        },
      ],
    })
    expect(parse(metaData)).toEqual({ 'instance-id': 'vireo-1', 'local-hostname': 'web' })
  })

  it.each([
    ['linux', { shell: '/bin/bash' }],
    ['alpine', { shell: '/bin/ash', groups: ['wheel'] }],
    ['freebsd', { shell: '/bin/sh', groups: ['wheel'] }],
  ] as const)('speak to %s', (family, expected) => {
    const user = { name: 'ada', passwordHash: HASH, sshKeys: [] }
    expect(userData({ family, user })).toMatchObject({
      ssh_pwauth: true,
      users: [{ ...expected, lock_passwd: false, passwd: HASH }],
    })
  })

  it('let root in without sudo, and take a full name apart', () => {
    const config = userData({ hostname: 'web.example.org', user: { name: 'root', passwordHash: null, sshKeys: [KEY] } })
    expect(config).toMatchObject({ hostname: 'web', fqdn: 'web.example.org', disable_root: false })
    expect(config).toMatchObject({ users: [{ name: 'root', lock_passwd: true, ssh_authorized_keys: [KEY] }] })
  })

  it('install packages and agents before a person’s commands run', () => {
    const config = userData({
      packages: ['nginx'],
      commands: ['echo "a: b" > /tmp/x'],
      qemuAgent: true,
      vireoAgent: true,
    })
    expect(config).toMatchObject({ package_update: true, packages: ['qemu-guest-agent', 'nginx'] })
    const { runcmd } = config as { runcmd: unknown[] }
    expect(runcmd).toHaveLength(3)
    expect(runcmd.at(-1)).toBe('echo "a: b" > /tmp/x')
    expect(JSON.stringify(runcmd[1])).toContain('/dev/disk/by-label/cidata')
  })

  it('say what the network cards are to have', () => {
    const dhcp = { mac: '52:54:00:00:00:01', address: null, gateway: null, nameServers: [] }
    const fixed = { mac: '52:54:00:00:00:02', address: 'fd00::5/64', gateway: 'fd00::1', nameServers: ['fd00::1'] }
    expect(parse(seedDocuments(draft({ nics: [dhcp, fixed] })).networkConfig)).toEqual({
      version: 2,
      ethernets: {
        nic0: { match: { macaddress: dhcp.mac }, dhcp4: true },
        nic1: {
          ...{ match: { macaddress: fixed.mac }, dhcp4: false, addresses: ['fd00::5/64'] },
          ...{ routes: [{ to: '::/0', via: 'fd00::1' }], nameservers: { addresses: ['fd00::1'] } },
        },
      },
    })
  })
})

describe('a guest’s reader of YAML 1.1', () => {
  const asGuest = (text: string): unknown => parse(text, { version: '1.1' })

  it('finds a card by an address that looks like a number, and names that look like answers', () => {
    const nic = { mac: '52:54:00:12:34:56', address: null, gateway: null, nameServers: [] }
    const made = seedDocuments(draft({ nics: [nic], hostname: 'on', packages: ['no'] }))
    expect(asGuest(made.networkConfig)).toMatchObject({ ethernets: { nic0: { match: { macaddress: nic.mac } } } })
    expect(asGuest(made.userData)).toMatchObject({ hostname: 'on', packages: ['no'] })
    expect(asGuest(made.metaData)).toMatchObject({ 'local-hostname': 'on' })
  })

  it('is who a person’s own user-data is written for', () => {
    const own = '#cloud-config\npackage_upgrade: yes\nwrite_files: [{path: /x, content: !!binary aGk=}]\n'
    expect(asGuest(seedDocuments(draft({ userData: own })).userData)).toMatchObject({
      package_upgrade: true,
      write_files: [{ path: '/x', content: Buffer.from('hi') }],
    })
  })
})

describe('a person’s own user-data', () => {
  it('wins, adds to lists, and changes the user of the same name', () => {
    const config = userData({
      packages: ['git'],
      commands: ['echo ours'],
      userData: `#cloud-config
hostname: theirs
packages: [git, vim]
runcmd: ['echo ours', [touch, /tmp/x]]
users:
  - {name: ada, shell: /bin/zsh, ssh_authorized_keys: ['ssh-rsa AAAA other']}
  - {name: bob}
write_files: [{path: /etc/motd, content: hello, permissions: '0644'}]
`,
    })
    expect(config).toMatchObject({
      hostname: 'theirs',
      manage_etc_hosts: true,
      packages: ['git', 'vim'],
      runcmd: ['echo ours', 'echo ours', ['touch', '/tmp/x']],
      users: [
        { name: 'ada', shell: '/bin/zsh', lock_passwd: true, ssh_authorized_keys: [KEY, 'ssh-rsa AAAA other'] },
        { name: 'bob' },
      ],
      write_files: [{ path: '/etc/motd' }],
    })
  })

  it('may be empty, and is warned of what nobody reads', () => {
    expect(seedDocuments(draft({ userData: '#cloud-config\n' })).warnings).toEqual([])
    expect(seedDocuments(draft({ userData: '#cloud-config\npakages: [vim]\n' })).warnings).toEqual([
      'cloud-init has no module that reads “pakages”.',
    ])
  })

  it.each([
    ['a script', '#!/bin/sh\nreboot\n', /first line/],
    ['YAML that is none', '#cloud-config\npackages: [vim\nruncmd: x: y\n', /line 3|line 2/],
    ['a key twice', '#cloud-config\nhostname: a\nhostname: b\n', /line 3/],
    ['of a type that cloud-init does not know', '#cloud-config\nhostname: !strange a\n', /line 2.*strange/],
    ['a list', '#cloud-config\n- a\n', /keys and values/],
    ['a wrong kind of value', '#cloud-config\npackages: vim\n', /packages: /],
    [
      'a mistake deep inside',
      '#cloud-config\nusers:\n  - name: ada\n    lock_passwd: perhaps\n',
      /users\[0\]\.lock_passwd/,
    ],
    ['a mode without quotes', '#cloud-config\nwrite_files: [{path: /x, permissions: 0644}]\n', /must be quoted/],
    ['a path that is not absolute', '#cloud-config\nwrite_files: [{path: x}]\n', /absolute/],
    ['more than anybody writes', `#cloud-config\n# ${'x'.repeat(300_000)}\n`, /longer/],
  ])('is refused when it is %s', (_what, text, message) => {
    const detail = refusal(text)
    expect(detail).toMatchObject({ kind: 'invalid-input' })
    expect(JSON.stringify(detail)).toMatch(message)
  })

  it('cannot blow up by aliases', () => {
    const levels = ['a: &a [x,x,x,x,x,x,x,x,x]']
    for (const [one, two] of ['ab', 'bc', 'cd', 'de', 'ef', 'fg'])
      levels.push(`${two}: &${two} [${`*${one},`.repeat(9)}]`)
    expect(refusal(`#cloud-config\n${levels.join('\n')}\n`)).toMatchObject({ kind: 'invalid-input' })
  })

  it('cannot reach the prototype of our objects', () => {
    const text = '#cloud-config\n__proto__: {polluted: true}\nusers: [{name: ada, __proto__: {x: 1}}]\n'
    seedDocuments(draft({ userData: text }))
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  })
})
