import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { writeBiosLoader } from './boot-disk.ts'
import { sourcesOf } from './mirror-build.ts'
import { agentFiles, packagesOf, recipeFor, recipeKey } from './recipe.ts'
import { bench } from './testing/bench.ts'

const { recipe } = recipeFor('debian-12', { architecture: 'x86_64' })

describe('a recipe', () => {
  it('has the same key whenever it gives the same image', async () => {
    const key = await recipeKey(recipe)
    expect(await recipeKey({ ...recipe, packages: ['vim', 'git', 'vim'] })).toBe(
      await recipeKey({ ...recipe, packages: ['git', 'vim'] }),
    )
    for (const other of [
      { variant: 'standard' },
      { suite: 'trixie' },
      { mirror: 'http://m.example/debian' },
      { packages: ['git'] },
    ] as const)
      expect(
        await recipeKey({ ...recipe, ...other, packages: [...('packages' in other ? other.packages : [])] }),
      ).not.toBe(key)
  })

  it('changes with what the agent is', async () => {
    await using place = await bench()
    const agentFolder = join(place.folder, 'agent')
    await mkdir(agentFolder)
    for (const path of Object.values(agentFiles(agentFolder, 'x86_64'))) await writeFile(path, 'one')
    const before = await recipeKey({ ...recipe, agentFolder })
    await writeFile(join(agentFolder, 'config.json'), 'two')
    expect(await recipeKey({ ...recipe, agentFolder })).not.toBe(before)
  })

  it('has what makes a machine reachable, by BIOS and by UEFI', () => {
    expect(packagesOf(recipe)).toEqual(
      expect.arrayContaining([
        'cloud-init',
        'qemu-guest-agent',
        'openssh-server',
        'grub-pc-bin',
        'shim-signed',
        'linux-image-cloud-amd64',
      ]),
    )
    expect(packagesOf({ ...recipe, distribution: 'ubuntu', suite: 'noble' })).toContain('linux-image-virtual')
    expect(packagesOf({ ...recipe, suite: 'bullseye' })).not.toContain('systemd-resolved')
  })

  it('refuses what no mirror and no shell should see', async () => {
    await expect(recipeKey({ ...recipe, packages: ['x;reboot'] })).rejects.toThrow('packages')
    await expect(recipeKey({ ...recipe, suite: '../x' })).rejects.toThrow('suite')
    expect(() => recipeFor('fedora-43')).toThrow('cannot be built from packages')
    expect(() => recipeFor('plan-9')).toThrow('has no')
  })

  it('takes security updates from the distribution, and everything from a mirror that is given', () => {
    expect(sourcesOf(recipe).join('\n')).toContain('bookworm-security main')
    const own = sourcesOf({ ...recipe, mirror: 'http://m.example/debian' })
    expect(own.every(line => line.includes('http://m.example/debian'))).toBe(true)
  })
})

it('the loader of BIOS knows where its parts are, and leaves the table of partitions alone', async () => {
  await using place = await bench()
  const disk = join(place.folder, 'disk')
  const before = Buffer.alloc(3 * 1024 * 1024, 7)
  await writeFile(disk, before)
  await writeBiosLoader(disk, Buffer.alloc(512, 1), Buffer.alloc(2048, 2))
  const after = await readFile(disk)
  expect(after.readBigUInt64LE(0x5c)).toBe(2048n)
  expect(after.subarray(440, 512).equals(before.subarray(440, 512))).toBe(true)
  expect(after.readBigUInt64LE(1024 * 1024 + 0x1f4)).toBe(2049n)
  await expect(writeBiosLoader(disk, Buffer.alloc(100), Buffer.alloc(2048))).rejects.toThrow('another form')
})
