import { chmod, mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { CreationHost, PoolFacts } from '../../hypervisor/creation.ts'
import { folderPlace } from './folder-place.ts'

/** Nobody of this computer. */
const MACHINES = { uid: 64_777, gid: 64_777 }
const host = (change: Partial<CreationHost> = {}): CreationHost => ({
  ...{ local: true, foreignUser: true, arch: 'x86_64', machine: 'q35', emulator: null, kvm: true, maximumCpu: true },
  ...{ hostPassthrough: true, cpus: 8, memoryBytes: 2 ** 34, maxCpus: 255, uefi: true, secureBoot: true, tpm: true },
  ...{ virtioVideo: true, vdagent: false, passt: false, backingStoreInput: true, networks: [], machineUser: MACHINES },
  ...change,
})
const poolOf = (path: string): PoolFacts => ({ name: 'mine', path, availableBytes: 1, folder: true, active: true })

let folder = ''
beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'vireo-folder-')))
  await chmod(folder, 0o755)
})
afterEach(() => rm(folder, { recursive: true }))

const place = (path: string, change: Partial<CreationHost> = {}, pools: readonly PoolFacts[] = []) =>
  folderPlace({ pools: async () => [...pools] }, path, host(change))
const refused = (kind: string, part: object = {}) => ({ detail: expect.objectContaining({ kind, ...part }) })

describe('a folder for disks', () => {
  it('gets a pool of its own, by the same name each time, with what is free there', async () => {
    const made = await place(folder)
    expect(made).toMatchObject({ path: folder, folder: true, active: false, forFolder: 'new' })
    expect(made.availableBytes).toBeGreaterThan(0)
    expect(made.name).toMatch(/^vireo-vireo-folder-\w+-[0-9a-f]{10}$/)
    expect((await place(`${folder}/../${folder.split('/').at(-1)}`)).name).toBe(made.name)
  })

  it('has one pool, whoever made it and whatever links lead there', async () => {
    await symlink(folder, join(folder, 'link'))
    expect(await place(join(folder, 'link'), {}, [poolOf('/elsewhere'), poolOf(folder)])).toMatchObject({
      ...{ name: 'mine', active: true },
    })
    expect((await place(folder, {}, [poolOf(join(folder, 'link'))])).name).toBe('mine')
    const { name } = await place(folder)
    expect(await place(folder, {}, [{ ...poolOf(folder), name }])).toMatchObject({ forFolder: 'there' })
  })

  it.each<[string, string, string, Partial<CreationHost>]>([
    ['is not there', 'missing', 'not-found', {}],
    ['is a file', 'file', 'invalid-input', {}],
    ['belongs to the system', '../../../../../../etc', 'invalid-input', {}],
    ['is on another computer', '', 'unsupported', { local: false }],
  ])('is refused where it %s', async (_what, name, kind, change) => {
    await writeFile(join(folder, 'file'), '')
    await expect(place(join(folder, name), change)).rejects.toMatchObject(refused(kind))
  })

  it('must be one that machines reach, and tells what would let them', async () => {
    const inner = join(folder, 'closed', 'disks')
    await mkdir(inner, { recursive: true, mode: 0o755 })
    await chmod(join(folder, 'closed'), 0o700)
    await expect(place(inner)).rejects.toMatchObject(
      refused('permission', { fix: [`setfacl -m u:64777:x -- ${join(folder, 'closed')}`] }),
    )
    await expect(place(inner, { machineUser: null })).rejects.toMatchObject(refused('permission'))
    expect(await place(inner, { machineUser: { uid: 0, gid: 0 } })).toMatchObject({ path: inner })
    // Machines that run as who asks go where that person goes.
    expect(await place(inner, { foreignUser: false })).toMatchObject({ path: inner })
    await chmod(join(folder, 'closed'), 0o711)
    expect(await place(inner)).toMatchObject({ path: inner })
  })
})
