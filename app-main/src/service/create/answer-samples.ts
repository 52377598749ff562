/** Documents of every kind that a new machine may be told, for whoever judges them: none of them is ever used. */
import { seedDocuments, type GuestFamily, type SeedDraft } from '../../cloud-init/index.ts'
import { CreateDraft, type CreateDraftInput } from '../../contract/index.ts'
import type { Source } from './source.ts'
import { unattendedOf } from './unattended.ts'

export interface SampleDocuments {
  /** What is special about the machine. */
  readonly name: string
  readonly userData: string
  readonly networkConfig: string
}

interface Wish {
  readonly seed?: Partial<SeedDraft>
  readonly draft?: Partial<CreateDraftInput>
  readonly emulated?: boolean
}

const NIC = { mac: '52:54:00:00:00:01', address: null, gateway: null, nameServers: [] }
const FIXED = { ...NIC, address: '192.168.1.5/24', gateway: '192.168.1.1', nameServers: ['1.1.1.1', '2606:4700::1111'] }
const SIX = { ...NIC, mac: '52:54:00:00:00:02', address: 'fd00::5/64', gateway: 'fd00::1', nameServers: ['fd00::53'] }
const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ1jKCVkMJ0mNbrl0xWgLBYFQpv0xLzEDkZ3n3bXGqrP ada@example.org'
const HASH = `$6$salt$${'a'.repeat(86)}`
const ADA = { name: 'ada', passwordHash: null, sshKeys: [KEY] }

/** What a person may well write into the editor, of every module that Vireo looks into. */
const OWN = `#cloud-config
timezone: Europe/Berlin
locale: de_DE.UTF-8
keyboard: { layout: de }
users: [default, { name: ada, gecos: Ada, groups: [adm, dialout] }, { name: grace, uid: 2000, system: true }]
ssh_pwauth: false
ssh_genkeytypes: [ed25519]
chpasswd: { expire: false }
package_upgrade: true
packages: [htop, [nginx, 1.24.0-1]]
write_files: [{ path: /etc/motd, content: hello, permissions: '0644', append: true, defer: true }]
mounts: [[/dev/vdb, /data, ext4, 'defaults,nofail', '0', '2']]
growpart: { devices: [/] }
bootcmd: [echo early, [echo, one, two]]
runcmd: [echo late]
ntp: { enabled: true, servers: [ntp.example.org] }
power_state: { mode: reboot, delay: now }
final_message: ready
`

const WISHES: Readonly<Record<string, Wish>> = {
  'a key and no password': {},
  'a password and no key': { seed: { user: { name: 'ada', passwordHash: HASH, sshKeys: [] } } },
  'a password and a key': { seed: { user: { ...ADA, passwordHash: HASH } } },
  root: { seed: { user: { ...ADA, name: 'root', passwordHash: HASH } } },
  nobody: { seed: { user: null } },
  'a name with a domain': { seed: { hostname: 'web.example.org' } },
  'packages, commands and agents': {
    seed: { packages: ['nginx', 'jq'], commands: ['echo "a: b" > /etc/x'], qemuAgent: true, vireoAgent: true },
  },
  'no network': { seed: { nics: [] } },
  'a fixed address': { seed: { nics: [FIXED] } },
  'several cards': { seed: { nics: [{ ...NIC, nameServers: ['9.9.9.9'] }, SIX] } },
  'a mirror': { draft: { mirror: 'http://10.0.0.1:8080/ubuntu' } },
  'a SATA disk': { draft: { bus: 'sata' } },
  'an emulated processor': { emulated: true },
  'user-data of one’s own': { seed: { userData: OWN, packages: ['jq'] } },
}

const seedOf = ({ seed }: Wish, family: GuestFamily = 'linux'): SeedDraft => ({
  ...{ instanceId: 'i-1', hostname: 'web', user: ADA, family, packages: [], commands: [] },
  ...{ qemuAgent: false, vireoAgent: false, nics: [NIC], userData: null },
  ...seed,
})

const MEDIUM: Source = {
  ...{ kind: 'iso', path: '/medium.iso', bytes: 1, wishes: null },
  osId: 'http://ubuntu.com/ubuntu/24.04',
}

/** For cloud-init in the machine itself. */
export const cloudSamples = (): SampleDocuments[] =>
  (['linux', 'alpine', 'freebsd'] as const).flatMap(family =>
    Object.entries(WISHES).map(([name, wish]) => ({
      name: `${family}, ${name}`,
      ...seedDocuments(seedOf(wish, family)),
    })),
  )

/** For Ubuntu’s installer. */
export const ubuntuSamples = (): SampleDocuments[] =>
  Object.entries(WISHES).flatMap(([name, wish]) => {
    const draft = CreateDraft.parse({ source: 'x', name: 'web', unattended: true, ...wish.draft })
    const made = unattendedOf(draft, MEDIUM, seedOf(wish), wish.emulated)
    return made ? [{ name: `Ubuntu’s installer, ${name}`, ...made.answers }] : []
  })
