import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { sampleHost } from '../../hypervisor/kvm/testing/creation-samples.ts'
import { machinesCanRead, machinesCanWalk } from './placement.ts'
import { aclGrants, obstacleTo } from './reach.ts'

/** Nobody of this computer. */
const STRANGER = { uid: 64_777, gid: 64_777 }
const host = (machineUser: { uid: number; gid: number } | null = STRANGER) => sampleHost({ machineUser })
const HAS_ACL = existsSync('/usr/bin/setfacl')

let folder = ''
let iso = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vireo-reach-'))
  await chmod(folder, 0o755)
  await mkdir(join(folder, 'home'), { mode: 0o755 })
  iso = join(folder, 'home', "it's one.iso")
  await writeFile(iso, 'x', { mode: 0o644 })
})
afterEach(() => rm(folder, { recursive: true, force: true }))

describe('whether machines reach a file', () => {
  it('goes by what others may, where its user is a stranger', async () => {
    expect(await obstacleTo(iso, host())).toBeNull()
    await chmod(iso, 0o640)
    expect(await obstacleTo(iso, host())).toMatchObject({ paths: [iso] })
    await chmod(join(folder, 'home'), 0o700)
    const both = await obstacleTo(iso, host())
    expect(both).toEqual({
      user: '64777',
      paths: [join(folder, 'home'), iso],
      commands: [
        `setfacl -m u:64777:x -- ${join(folder, 'home')}`,
        `setfacl -m u:64777:r -- '${join(folder, 'home')}/it'\\''s one.iso'`,
      ],
    })
    expect(await machinesCanRead(iso, host())).toBe(false)
  })

  it('goes by what the owner may, where machines run as its owner or as root', async () => {
    await chmod(iso, 0o600)
    await chmod(join(folder, 'home'), 0o700)
    const me = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 }
    expect(await obstacleTo(iso, host(me))).toBeNull()
    expect(await obstacleTo(iso, host({ uid: 0, gid: 0 }))).toBeNull()
  })

  it('follows a link to where the file really is', async () => {
    await mkdir(join(folder, 'public'), { mode: 0o755 })
    const link = join(folder, 'public', 'a.iso')
    await symlink(iso, link)
    await chmod(join(folder, 'home'), 0o700)
    expect(await obstacleTo(link, host())).toMatchObject({ paths: [join(folder, 'home')] })
    await chmod(join(folder, 'home'), 0o755)
    await chmod(join(folder, 'public'), 0o700)
    expect(await obstacleTo(link, host())).toMatchObject({ paths: [join(folder, 'public')] })
  })

  it('knows no command where nobody tells as whom machines run', async () => {
    await chmod(iso, 0o640)
    expect(await obstacleTo(iso, host(null))).toMatchObject({ paths: [iso], commands: [] })
  })

  it('rejects where the file is gone', async () => {
    await expect(obstacleTo(join(folder, 'none'), host())).rejects.toThrow(/ENOENT/)
    expect(await machinesCanRead(join(folder, 'none'), host())).toBe(false)
  })

  it('goes by the folder in which a file will lie, or in which that folder will be made', async () => {
    const later = join(folder, 'home', 'new', 'deeper')
    const me = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 }
    expect(await machinesCanWalk(later, host())).toBe(true)
    await chmod(join(folder, 'home'), 0o700)
    expect(await machinesCanWalk(later, host())).toBe(false)
    expect(await machinesCanWalk(later, host(null))).toBe(false)
    expect(await machinesCanWalk(later, host(me))).toBe(true)
  })

  it.skipIf(!HAS_ACL)('is so after the commands that it gave (where setfacl is)', async () => {
    await chmod(iso, 0o600)
    await chmod(join(folder, 'home'), 0o700)
    const { commands = [] } = (await obstacleTo(iso, host())) ?? {}
    expect(commands).toHaveLength(2)
    for (const command of commands) await promisify(execFile)('sh', ['-c', command])
    expect(await obstacleTo(iso, host())).toBeNull()
    expect(await machinesCanRead(iso, host())).toBe(true)
    expect(await obstacleTo(iso, host({ uid: 64_778, gid: 64_778 }))).toMatchObject({
      paths: [join(folder, 'home'), iso],
    })
  })
})

it.each([
  ['user::rw-\nuser:7:r--\ngroup::---\nmask::r--\nother::---\n', true],
  ['user::rw-\nuser:7:r--\t#effective:---\ngroup::---\nmask::---\nother::---\n', false],
  ['user::rw-\nuser:77:r--\ngroup::---\nmask::r--\nother::---\n', false],
  ['user::r--\ngroup::r--\nother::---\n', false],
  ['user::rwx\ngroup::---\ngroup:8:r-x\nmask::r-x\nother::---\n', true],
  ['user::rwx\nuser:7:--x\ngroup:8:r--\nmask::rwx\nother::---\n', false],
  ['', false],
])('a list grants: %j', (text, grants) => {
  expect(aclGrants(text, { uid: 7, gid: 8 }, 'r')).toBe(grants)
})
