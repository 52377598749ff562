import { describe, expect, it } from 'vitest'
import { CreateDraft, type CreateDraftInput } from '../../contract/index.ts'
import type { SeedDraft } from '../../cloud-init/index.ts'
import type { Source } from './source.ts'
import { installerFor, systemDisk, unattendedOf } from './unattended.ts'

const iso: Source = { kind: 'iso', path: '/a.iso', bytes: 1, osId: 'http://debian.org/debian/12', wishes: null }
const ubuntu: Source = { ...iso, osId: 'http://ubuntu.com/ubuntu/24.04' }
const image: Source = {
  ...{ kind: 'image', path: '/a', format: 'raw', bytes: 1, osId: iso.osId, wishes: null },
  ...{ defaultUser: null, firmware: 'any', agents: [] },
}
const draft = (change: Partial<CreateDraftInput> = {}) =>
  CreateDraft.parse({ source: 'x', name: 'web', unattended: true, ...change })
const nic = { mac: '52:54:00:00:00:01', address: null, gateway: null, nameServers: [] }
const seed = (change: Partial<SeedDraft> = {}): SeedDraft => ({
  ...{ instanceId: 'i', hostname: 'web', user: { name: 'ada', passwordHash: null, sshKeys: ['ssh-ed25519 AAAA a'] } },
  ...{ family: 'linux', packages: ['nginx'], commands: [], qemuAgent: true, vireoAgent: false, nics: [nic] },
  userData: null,
  ...change,
})
const failing = (kind: string) => expect.objectContaining({ detail: expect.objectContaining({ kind }) })

describe('an installer', () => {
  it('is answered where somebody asked for it, and Vireo can', () => {
    expect(installerFor(draft(), iso)).toBe('debian')
    expect(installerFor(draft(), ubuntu)).toBe('ubuntu')
    expect(installerFor(draft({ unattended: false }), iso)).toBeNull()
    expect(installerFor(draft({ unattended: false }), image)).toBeNull()
  })

  it.each([
    ['of an image', draft(), image, 'invalid-input'],
    ['without cloud-init', draft({ cloudInit: false }), iso, 'invalid-input'],
    ['of a medium that nobody knows', draft(), { ...iso, osId: null }, 'unsupported'],
    ['of another system', draft(), { ...iso, osId: 'http://fedoraproject.org/fedora/43' }, 'unsupported'],
    ['under Secure Boot', draft({ firmware: 'secure-boot' }), iso, 'unsupported'],
  ] as const)('%s is not', (_what, wanted, source, kind) => {
    expect(() => installerFor(wanted, source)).toThrow(failing(kind))
  })

  it('overwrites the system’s disk and no other', () => {
    expect(systemDisk(draft())).toBe('/dev/vda')
    expect(systemDisk(draft({ bus: 'sata', disks: [{ size: '1G', bus: 'virtio' }] }))).toBe('/dev/sda')
    const mixed = draft({ bus: 'sata', disks: [{ size: '1G', bus: 'scsi' }] })
    expect(() => systemDisk(mixed)).toThrow(failing('invalid-input'))
  })

  it('is told of its network', () => {
    const fixed = { ...nic, address: '10.0.0.5/22', gateway: '10.0.0.1', nameServers: ['fe80::1', '10.0.0.2'] }
    const { text } = unattendedOf(draft(), iso, seed({ nics: [fixed] }))?.answers ?? { text: '' }
    expect(text).toContain('get_netmask string 255.255.252.0')
    expect(text).toContain('get_nameservers string 10.0.0.2\n')
    const six = unattendedOf(draft(), iso, seed({ nics: [{ ...nic, address: 'fd00::5/64' }] }))
    expect(six?.answers.text).not.toContain('get_ipaddress')
  })

  it('sets up the network alone where it can', () => {
    const told = (...nics: SeedDraft['nics'][number][]) =>
      unattendedOf(draft(), iso, seed({ nics }))?.answers.networkConfig
    const plain = 'config: disabled\n'
    expect(told(nic)).toBe(plain)
    expect(told({ ...nic, address: '10.0.0.5/24' })).toBe(plain)
    expect(told()).toBe(plain)
    expect(told(nic, nic)).toMatch(/^version: 2/)
    expect(told({ ...nic, address: 'fd00::5/64' })).toMatch(/^version: 2/)
    expect(told({ ...nic, nameServers: ['10.0.0.2'] })).toMatch(/^version: 2/)
  })

  it('is told of a mirror, and of nothing that is more than one', () => {
    const textOf = (mirror: string) => unattendedOf(draft({ mirror }), iso, seed())?.answers.text ?? ''
    expect(textOf('http://10.0.0.1:8080/debian/')).toContain('mirror/http/directory string /debian\n')
    expect(textOf('http://10.0.0.1')).toContain('mirror/http/directory string /\n')
    expect(() => textOf('http://ada:secret@10.0.0.1/debian')).toThrow(failing('invalid-input'))
    expect(() => textOf('http://10.0.0.1/debian?x')).toThrow(failing('invalid-input'))
    expect(() => textOf('http://[fd00::1]/debian')).toThrow(failing('invalid-input'))
    expect(() => draft({ mirror: 'https://10.0.0.1/debian' })).toThrow(/http address/)
    expect(() => draft({ mirror: 'file:///etc' })).toThrow(/http address/)
  })

  it('leaves keys, packages and commands to cloud-init, in the installed system', () => {
    const debian = unattendedOf(draft(), iso, seed())
    expect(debian?.answers.userData).toMatch(/^#cloud-config\n(?!autoinstall)[^]*ssh-ed25519 AAAA a/)
    expect(debian?.answers.text).not.toContain('ssh-ed25519')
    const other = unattendedOf(draft(), ubuntu, seed())
    expect(other?.answers.userData).toMatch(/^#cloud-config\nautoinstall:\n[^]*user-data:[^]*ssh-ed25519 AAAA a/)
  })

  it('of Ubuntu gets no key that it would stop at, of which Debian’s is only warned', () => {
    const typo = seed({ userData: '#cloud-config\npakages: [vim]\n' })
    expect(() => unattendedOf(draft(), ubuntu, typo)).toThrow(
      expect.objectContaining({
        detail: expect.objectContaining({ kind: 'invalid-input', issues: [expect.stringContaining('“pakages”')] }),
      }),
    )
    expect(unattendedOf(draft(), iso, typo)?.answers.userData).toContain('pakages')
  })

  it('gets no words of a person that are more than their field', () => {
    expect(() => unattendedOf(draft(), iso, seed({ hostname: 'web\nd-i x' }))).toThrow(failing('invalid-input'))
    const quoted = seed({ packages: ["a'\nautoinstall: {}"], commands: ['echo "}\n#cloud-config'] })
    const { userData = '' } = unattendedOf(draft(), ubuntu, quoted)?.answers ?? {}
    expect(userData.match(/^\S/gm)).toHaveLength(2)
  })
})
