import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CreateDraft } from '../../contract/index.ts'
import { draftInFile, draftOf, parseForward, parseNetwork } from './create-line.ts'

let folder = ''
beforeAll(async () => (folder = await mkdtemp(join(tmpdir(), 'vireo-test-line-'))))
afterAll(() => rm(folder, { recursive: true, force: true }))
const file = async (name: string, text: string) => {
  await writeFile(join(folder, name), text)
  return join(folder, name)
}

describe('the draft of a new machine', () => {
  it('comes from the command line', async () => {
    const key = await file('id.pub', 'ssh-ed25519 AAAAC3 me\n')
    const userData = await file('user-data', '#cloud-config\n')
    const draft = await draftOf('/images/base.qcow2', {
      ...{
        name: 'web',
        cpus: '4',
        memory: '2G',
        disk: '20G',
        moreDisk: ['1G'],
        bus: 'scsi',
        firmware: 'uefi',
        tpm: true,
      },
      ...{ discard: false, cloudInit: true, qemuAgent: false, start: false, vireoAgent: true, user: 'ada' },
      ...{ sshKey: [key, 'ssh-rsa AAAAB3 you'], package: ['vim'], run: ['echo a,b'], tag: ['t'], userData },
      network: ['lab,address=10.0.0.5/24,dns=10.0.0.1,dns=10.0.0.2', 'bridge=br0'],
    })
    expect(draft).toEqual({
      ...{
        source: '/images/base.qcow2',
        name: 'web',
        cpus: 4,
        memory: '2G',
        disk: '20G',
        bus: 'scsi',
        firmware: 'uefi',
      },
      ...{ tpm: true, discard: false, qemuAgent: false, start: false, vireoAgent: true, user: 'ada', tags: ['t'] },
      ...{ disks: [{ size: '1G', bus: 'scsi' }], packages: ['vim'], runcmd: ['echo a,b'] },
      ...{ sshKeys: ['ssh-ed25519 AAAAC3 me', 'ssh-rsa AAAAB3 you'], userData: '#cloud-config\n' },
      networks: [
        { type: 'network', source: 'lab', address: '10.0.0.5/24', nameServers: ['10.0.0.1', '10.0.0.2'] },
        { type: 'bridge', source: 'br0' },
      ],
    })
    expect(CreateDraft.safeParse(draft).error).toBeUndefined()
  })

  it('comes from a file, which counts less', async () => {
    const path = await file(
      'web.yaml',
      'source: debian-12\nname: web\nmemory: 1G\npackages: [git]\nnetworks:\n  - type: user\n',
    )
    expect(await draftOf(undefined, { file: path, memory: '4G', package: ['vim'], forward: ['2222:22'] })).toEqual({
      ...{ source: 'debian-12', name: 'web', memory: '4G', packages: ['git', 'vim'] },
      networks: [{ type: 'user', forwards: [{ host: 2222, guest: 22, protocol: 'tcp' }] }],
    })
    const cards = await file(
      'cards.yaml',
      'source: a\nname: web\nnetworks: [{ type: bridge, source: br0 }, { type: user }]\n',
    )
    const forwards = [{ host: 80, guest: 8080, protocol: 'tcp' }]
    expect((await draftOf(undefined, { file: cards, forward: ['80:8080'] }))['networks']).toEqual([
      { type: 'bridge', source: 'br0', forwards },
      { type: 'user' },
    ])
    // Which network leads in is the host's to say.
    expect((await draftOf('a', { name: 'web', forward: ['80:8080'] }))['networks']).toEqual([{ forwards }])
    expect(await draftOf('other', { file: path, sshKeys: false, user: false })).toMatchObject({
      source: 'other',
      sshKeys: [],
      user: null,
    })
  })

  it('takes a file’s place from here, and leaves names of the catalogue alone', async () => {
    expect((await draftOf('./x.iso', { name: 'a' }))['source']).toBe(join(process.cwd(), 'x.iso'))
    expect((await draftOf('debian-12', { name: 'a' }))['source']).toBe('debian-12')
  })

  it.each([
    ['nothing to start from', undefined, { name: 'web' }],
    ['no name', 'debian-12', {}],
    ['a network that makes no sense', 'debian-12', { name: 'web', network: ['lab,speed=10'] }],
    ['a forward that makes no sense', 'debian-12', { name: 'web', forward: ['22'] }],
    ['a file that is not there', undefined, { file: '/nonexistent.yaml' }],
    ['a key that is not there', 'debian-12', { name: 'web', sshKey: ['/nonexistent.pub'] }],
  ])('is refused with %s', async (_what, source, options) => {
    await expect(draftOf(source, options)).rejects.toMatchObject({ detail: { kind: 'invalid-input' } })
  })

  it('takes no private key and no password in plain text', async () => {
    const key = await file('id', '-----BEGIN OPENSSH PRIVATE KEY-----\nx\n')
    await expect(draftOf('debian-12', { name: 'web', sshKey: [key] })).rejects.toThrow(/private key/)
    expect(() => draftInFile('name: web\npassword: hunter2\n', 'web.yaml')).toThrow(/plain text/)
    expect(() => draftInFile('name: [web\n', 'web.yaml')).toThrow(/not valid YAML/)
    expect(() => draftInFile('- web\n', 'web.yaml')).toThrow(/names and values/)
  })

  it('knows the short forms of networks', () => {
    expect(parseNetwork('user')).toEqual({ type: 'user' })
    expect(parseNetwork('macvtap=eth0,mac=52:54:00:00:00:01')).toEqual({
      type: 'macvtap',
      source: 'eth0',
      mac: '52:54:00:00:00:01',
    })
    expect(parseForward('8080:80/udp')).toEqual({ host: 8080, guest: 80, protocol: 'udp' })
  })
})
