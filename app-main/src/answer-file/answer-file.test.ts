import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import type { AnswerDraft } from './answer-draft.ts'
import { answersFor, appendFiles, checkAnswers, installerOf } from './index.ts'

const HASH = `$6$salt$${'a'.repeat(86)}`
const draft = (change: Partial<AnswerDraft> = {}): AnswerDraft => ({
  hostname: 'web.example.org',
  user: { name: 'ada', passwordHash: HASH },
  ...{ disk: '/dev/vda', fixed: null, mirror: null, plainNetwork: true, emulated: false },
  userData: '#cloud-config\nhostname: web\nusers:\n  - name: ada\n',
  networkConfig: 'version: 2\nethernets:\n  nic0:\n    dhcp4: true\n',
  ...change,
})
const fixed = { address: '192.168.1.5', netmask: '255.255.255.0', gateway: null, nameServers: ['1.1.1.1', '9.9.9.9'] }
const linesOf = (change: Partial<AnswerDraft> = {}) => answersFor('debian', draft(change)).text.split('\n')
const invalid = expect.objectContaining({ detail: expect.objectContaining({ kind: 'invalid-input' }) })

describe('the installers that can be answered', () => {
  it.each([
    ['http://debian.org/debian/12', 'debian'],
    ['http://ubuntu.com/ubuntu/24.04', 'ubuntu'],
    ['http://debian.org/debian/9', null],
    ['http://ubuntu.com/ubuntu/18.04', null],
    ['http://fedoraproject.org/fedora/43', null],
    ['http://evil.org/http://debian.org/debian/12', null],
    [null, null],
  ])('%s: %s', (osId, kind) => {
    expect(installerOf(osId)).toBe(kind)
  })
})

describe('Debian’s answer file', () => {
  it('says who, where and what, and switches the machine off at the end', () => {
    const lines = linesOf()
    for (const line of [
      'd-i netcfg/get_hostname string web',
      'd-i netcfg/get_domain string example.org',
      'd-i passwd/username string ada',
      `d-i passwd/user-password-crypted password ${HASH}`,
      'd-i partman-auto/disk string /dev/vda',
      'd-i debian-installer/exit/poweroff boolean true',
    ])
      expect(lines).toContain(line)
    expect(lines.join('\n')).not.toContain('passwd/root-password')
    expect(lines.join('\n')).not.toContain('disable_autoconfig')
  })

  it('locks what has no password, and gives root one where root is meant', () => {
    expect(linesOf({ user: { name: 'ada', passwordHash: null } })).toContain(
      'd-i passwd/user-password-crypted password !',
    )
    expect(linesOf({ user: null })).toContain('d-i passwd/root-password-crypted password !')
    const root = linesOf({ user: { name: 'root', passwordHash: HASH } })
    expect(root).toContain(`d-i passwd/root-password-crypted password ${HASH}`)
    expect(root).toContain('d-i passwd/make-user boolean false')
  })

  it('gives a fixed address to the installer', () => {
    expect(linesOf({ fixed })).toEqual(
      expect.arrayContaining([
        'd-i netcfg/get_ipaddress string 192.168.1.5',
        'd-i netcfg/get_gateway string none',
        'd-i netcfg/get_nameservers string 1.1.1.1 9.9.9.9',
      ]),
    )
  })

  it('leaves the network to its installer where that can do what was wanted, else to cloud-init', () => {
    expect(answersFor('debian', draft()).networkConfig).toBe('config: disabled\n')
    expect(answersFor('debian', draft({ plainNetwork: false })).networkConfig).toBe(draft().networkConfig)
    expect(answersFor('ubuntu', draft()).networkConfig).toBe(draft().networkConfig)
  })

  it('fetches packages from where somebody says, security updates too', () => {
    expect(linesOf()).toContain('d-i mirror/http/hostname string deb.debian.org')
    expect(linesOf().join()).not.toContain('security_host')
    const own = linesOf({ mirror: { host: '10.0.0.1:8080', folder: '/d/debian' } })
    expect(own).toContain('d-i mirror/http/hostname string 10.0.0.1:8080')
    expect(own).toContain('d-i mirror/http/directory string /d/debian')
    expect(own).toContain('d-i apt-setup/security_host string 10.0.0.1:8080')
  })

  it('trusts the late timer of an emulated PC, in the installer and in what it installs', () => {
    for (const kind of ['debian', 'ubuntu'] as const) {
      expect(answersFor(kind, draft({ emulated: true })).commandLine).toMatch(/ no_timer_check mitigations=off$/)
      expect(answersFor(kind, draft()).commandLine).not.toContain('no_timer_check')
    }
    expect(linesOf({ emulated: true })).toContain('d-i debian-installer/add-kernel-opts string no_timer_check')
    expect(linesOf().join()).not.toContain('add-kernel-opts')
  })

  const evil = 'x\nd-i preseed/late_command string rm -rf /target'
  it.each<[string, Partial<AnswerDraft>]>([
    ['a host name', { hostname: evil }],
    ['a host name with a return', { hostname: 'web\rd-i a b c' }],
    ['a host name that goes on in the next line', { hostname: 'web\\' }],
    ['a user', { user: { name: evil, passwordHash: null } }],
    ['a user with blanks', { user: { name: 'ada x', passwordHash: null } }],
    ['a password', { user: { name: 'ada', passwordHash: `${HASH}\nd-i a b c` } }],
    ['a password that is none', { user: { name: 'ada', passwordHash: 'plain' } }],
    ['a disk', { disk: `/dev/vda\n${evil}` }],
    ['a disk elsewhere', { disk: '/dev/../etc' }],
    ['a mirror', { mirror: { host: evil, folder: '/debian' } }],
    ['a mirror’s folder', { mirror: { host: 'a.b', folder: '/debian string' } }],
    ['an address', { fixed: { ...fixed, address: evil } }],
    ['a name server', { fixed: { ...fixed, nameServers: ['1.1.1.1 x'] } }],
  ])('%s cannot break out of its field', (_what, change) => {
    expect(() => answersFor('debian', draft(change))).toThrow(invalid)
  })

  it('passes Debian’s own check, which finds what is wrong', async () => {
    const good = await checkAnswers('debian', answersFor('debian', draft({ fixed })).text)
    expect(good.problems).toEqual([])
    const bad = await checkAnswers('debian', `d-i a/b strange secret\nonly-one-word\n`)
    // Where the program is not installed nothing is known, and that is said.
    if (good.by !== null) expect(bad.problems).toHaveLength(2)
    expect(bad.by).toBe(good.by)
    expect(good.by).toBe(existsSync('/usr/bin/debconf-set-selections') ? 'debconf-set-selections' : null)
    expect(bad.problems.join()).not.toContain('only-one-word')
  })
})

describe('Ubuntu’s answer file', () => {
  const answersOf = (change: Partial<AnswerDraft> = {}): unknown => parse(answersFor('ubuntu', draft(change)).userData)

  it('is a cloud-config with what cloud-init is told inside', () => {
    expect(answersFor('ubuntu', draft()).userData).toMatch(/^#cloud-config\n/)
    expect(answersOf()).toEqual({
      autoinstall: expect.objectContaining({
        version: 1,
        'user-data': { hostname: 'web', users: [{ name: 'ada' }] },
        network: { version: 2, ethernets: { nic0: { dhcp4: true } } },
        storage: { layout: { name: 'direct', match: { path: '/dev/vda' } } },
        ssh: { 'install-server': true, 'allow-pw': true },
        shutdown: 'poweroff',
      }),
    })
    expect(answersFor('ubuntu', draft()).commandLine).toMatch(/^autoinstall /)
  })

  it('fetches packages from where somebody says', async () => {
    const change = { mirror: { host: '10.0.0.1', folder: '/ubuntu' } }
    expect(answersOf(change)).toMatchObject({
      autoinstall: { apt: { primary: [{ arches: ['default'], uri: 'http://10.0.0.1/ubuntu' }] } },
    })
    expect((await checkAnswers('ubuntu', answersFor('ubuntu', draft(change)).text)).problems).toEqual([])
  })

  it('keeps whatever user-data holds below its key', async () => {
    const userData = `#cloud-config\nhostname: "a\\nautoinstall: {version: 2}\\n"\n"shutdown": "x"\n`
    expect(answersOf({ userData })).toMatchObject({
      autoinstall: { shutdown: 'poweroff', version: 1, 'user-data': { shutdown: 'x' } },
    })
    expect((await checkAnswers('ubuntu', answersFor('ubuntu', draft({ userData })).text)).problems).toEqual([])
  })

  it.each<[string, Partial<AnswerDraft>]>([
    ['user-data that is a list', { userData: '- a' }],
    ['user-data that is nothing', { userData: '' }],
    ['a network that is a word', { networkConfig: 'word' }],
    ['a disk', { disk: '/dev/vda\n' }],
  ])('%s is refused', (_what, change) => {
    expect(() => answersFor('ubuntu', draft(change))).toThrow(invalid)
  })

  it('is checked for the keys that are written', async () => {
    expect((await checkAnswers('ubuntu', answersFor('ubuntu', draft()).text)).problems).toEqual([])
    const { problems } = await checkAnswers('ubuntu', '#cloud-config\nautoinstall: { version: 2, shutdown: reboot }\n')
    expect(problems.join()).toMatch(/autoinstall\.version.*autoinstall\.shutdown/s)
    const nested = answersFor('ubuntu', draft({ userData: 'autoinstall: {}\n' })).text
    expect((await checkAnswers('ubuntu', nested)).problems).toHaveLength(1)
  })
})

describe('a ramdisk', () => {
  it('is what it was without files', () => {
    expect(appendFiles(Buffer.from('abc'), [])).toEqual(Buffer.from('abc'))
  })

  it.skipIf(!existsSync('/usr/bin/cpio'))('carries files behind it, as cpio reads them (where cpio is)', async () => {
    const before = gzipSync('anything')
    const all = appendFiles(before, [
      { name: 'preseed.cfg', text: 'd-i a b c\n' },
      { name: 'x', text: 'é' },
    ])
    expect(all.subarray(0, before.length)).toEqual(before)
    const start = Math.ceil(before.length / 4) * 4
    expect(all.length % 4).toBe(0)
    const folder = await mkdtemp(join(tmpdir(), 'vireo-cpio-'))
    try {
      const { status } = spawnSync('cpio', ['-i', '--quiet'], { cwd: folder, input: all.subarray(start) })
      expect(status).toBe(0)
      expect(await readFile(join(folder, 'preseed.cfg'), 'utf8')).toBe('d-i a b c\n')
      expect(await readFile(join(folder, 'x'), 'utf8')).toBe('é')
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})
