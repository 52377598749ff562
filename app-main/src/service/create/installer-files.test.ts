import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { installerFiles } from './installer-files.ts'

const run = promisify(execFile)
const answers = {
  ...{
    commandLine: '',
    text: 'd-i a b c\n',
    userData: '',
    initrd: [{ name: 'preseed.cfg', text: 'd-i a b c\n' }],
    networkConfig: '',
  },
  ...{ kernel: ['/install.amd/vmlinuz', '/install.a64/vmlinuz'], ramdisk: ['/install.amd/initrd.gz'] },
}
const { signal } = new AbortController()

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vireo-test-medium-'))
  await mkdir(join(folder, 'tree/install.amd'), { recursive: true })
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const burn = async (): Promise<string> => {
  const iso = join(folder, 'a.iso')
  await run('xorriso', ['-as', 'mkisofs', '-quiet', '-R', '-o', iso, join(folder, 'tree')])
  return iso
}
const left = async () => (await readdir(tmpdir())).filter(name => name.startsWith('vireo-installer-'))

describe('what an installer starts from', () => {
  it('is taken out of its medium, with the answers behind the ramdisk', async () => {
    await writeFile(join(folder, 'tree/install.amd/vmlinuz'), 'kernel')
    await writeFile(join(folder, 'tree/install.amd/initrd.gz'), 'ramdisk1')
    const before = await left()
    const { kernel, ramdisk } = await installerFiles(await burn(), answers, signal)
    expect(kernel.toString()).toBe('kernel')
    expect(ramdisk.toString('latin1')).toMatch(/^ramdisk1070701.*preseed\.cfg\0.*d-i a b c\n/s)
    expect(await left()).toEqual(before)
  })

  it('is never a file of this computer that the medium points at', async () => {
    await writeFile(join(folder, 'secret'), 'secret')
    await symlink(join(folder, 'secret'), join(folder, 'tree/install.amd/vmlinuz'))
    await writeFile(join(folder, 'tree/install.amd/initrd.gz'), 'ramdisk1')
    await expect(installerFiles(await burn(), answers, signal)).rejects.toMatchObject({
      detail: { kind: 'unsupported' },
    })
  })

  it('is missed where the medium has it elsewhere, or is none', async () => {
    const failure = { detail: { kind: 'unsupported', hint: expect.stringContaining('netinst') } }
    await expect(installerFiles(await burn(), answers, signal)).rejects.toMatchObject(failure)
    await writeFile(join(folder, 'x'), 'nothing')
    await expect(installerFiles(join(folder, 'x'), answers, signal)).rejects.toMatchObject(failure)
  })

  it('is not waited for when somebody gives up', async () => {
    await expect(installerFiles('/none', answers, AbortSignal.abort())).rejects.toMatchObject({
      detail: { kind: 'cancelled' },
    })
  })
})
