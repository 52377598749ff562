import { existsSync } from 'node:fs'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { ConnectionUri } from '../../app-main/src/contract/index.ts'
import type { HypervisorConnection } from '../../app-main/src/hypervisor/driver.ts'
import { KvmDriver } from '../../app-main/src/hypervisor/kvm/driver.ts'
import { unattended } from '../../app-main/src/hypervisor/waiting.ts'
import { testDomain } from '../fixture/domain.ts'
import { run } from '../fixture/run.ts'

const URI = 'qemu:///system'
let folder: string
let pool: string
let connection: HypervisorConnection

const virsh = (...args: string[]): Promise<string> => run('virsh', ['-q', '-c', URI, ...args])

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vireo-pool-'))
  await chmod(folder, 0o755)
  pool = `t-driver-${basename(folder)}`
  await virsh('pool-create-as', pool, 'dir', '--target', folder)
  connection = new KvmDriver().create(URI as ConnectionUri)
  connection.open()
  await connection.settled()
})

afterEach(async () => {
  connection.dispose()
  await virsh('pool-destroy', pool)
  await rm(folder, { recursive: true, maxRetries: 5 })
})

const disk = async (name: string, ...more: string[]): Promise<string> => {
  const path = join(folder, name)
  await run('qemu-img', ['create', '-q', '-f', 'qcow2', ...more, path, '1M'])
  return path
}

const xmlDisk = (path: string, target: string, more: string): string =>
  `<disk type='file' device='disk'><driver type='qcow2'/><source file='${path}'/><target dev='${target}'/>${more}</disk>`

const machine = (disks: string[], extraDevices = '') =>
  testDomain({ kind: 'blank', prefix: 't-driver', start: false, disks, extraDevices })

const DELETE = { storage: 'delete', nvram: 'delete' } as const

test('a dry run says exactly what the deletion then does', async () => {
  const [own, shared, locked] = [await disk('own'), await disk('shared'), await disk('locked')]
  const base = await disk('base')
  await disk('child', '-b', base, '-F', 'qcow2')
  const outside = join(tmpdir(), `t-driver-${Date.now()}.img`)
  await run('qemu-img', ['create', '-q', '-f', 'qcow2', outside, '1M'])
  const rest = xmlDisk(locked, 'vdx', '<readonly/>') + "<disk type='file' device='cdrom'><target dev='sda'/></disk>"
  await using other = await machine([shared])
  await using domain = await machine([own, shared, base, outside], rest)
  const { disks } = await connection.definition.undefinePreview(domain.uuid)
  const kept = new Map(disks.map(({ path, keptBecause }) => [path, keptBecause]))
  expect([...kept.keys()].sort()).toEqual([own, shared, base, outside, locked].sort())
  expect(kept.get(own)).toBeNull()
  expect(kept.get(shared)).toContain(other.name)
  expect(kept.get(base)).toMatch(/built on it/)
  expect(kept.get(outside)).toMatch(/no running storage pool/)
  expect(kept.get(locked)).toMatch(/read-only/)
  expect(existsSync(own)).toBe(true)

  await connection.definition.undefine(domain.uuid, DELETE, unattended())
  expect(connection.domains.has(domain.uuid)).toBe(false)
  for (const [path, reason] of kept) expect([path, existsSync(path)]).toEqual([path, reason !== null])
  await rm(outside)
})

test('keeping the storage keeps every disk', async () => {
  const own = await disk('own')
  await using domain = await machine([own])
  await connection.definition.undefine(domain.uuid, { storage: 'keep', nvram: 'keep' }, unattended())
  expect(existsSync(own)).toBe(true)
})

test('a disk that cannot be deleted is named, and so is what was', async () => {
  const [first, second] = [await disk('first'), await disk('second')]
  await using domain = await machine([first, second])
  await connection.definition.undefinePreview(domain.uuid)
  // Gone before libvirt can delete it.
  const operation = {
    signal: new AbortController().signal,
    progress: (step: string) => void (step.includes(second) && rmNow(second)),
  }
  await expect(connection.definition.undefine(domain.uuid, DELETE, operation)).rejects.toMatchObject({
    detail: { message: expect.stringMatching(new RegExp(`${second}.*Deleted: ${first}`, 's')) },
  })
  expect(connection.domains.has(domain.uuid)).toBe(false)
  expect(existsSync(first)).toBe(false)
})

/** A folder in the file's place: libvirt's unlink fails on it. */
const rmNow = (path: string): void => {
  process.getBuiltinModule('node:fs').rmSync(path)
  process.getBuiltinModule('node:fs').mkdirSync(path)
  process.getBuiltinModule('node:fs').writeFileSync(join(path, 'x'), '')
}

test('cancelled before it began, it removes nothing', async () => {
  const own = await disk('own')
  await using domain = await machine([own])
  const signal = AbortSignal.abort()
  const undefining = connection.definition.undefine(domain.uuid, DELETE, { signal, progress: () => undefined })
  await expect(undefining).rejects.toMatchObject({ detail: { kind: 'cancelled' } })
  expect(connection.domains.has(domain.uuid)).toBe(true)
  expect(existsSync(own)).toBe(true)
})

const UEFI = (name: string): string =>
  `<domain type='qemu'><name>${name}</name><memory unit='MiB'>64</memory><os firmware='efi'>` +
  `<type machine='q35'>hvm</type></os><features><acpi/></features></domain>`

test('firmware variables are kept or deleted as asked, and the dry run names them', async () => {
  const { definition, lifecycle } = connection
  for (const nvram of ['keep', 'delete'] as const) {
    const key = await definition.define(UEFI(`${pool}-${nvram}`))
    await lifecycle.start(key, { paused: true }, unattended())
    await lifecycle.destroy(key, unattended())
    const { nvram: named } = await definition.undefinePreview(key)
    const file = join('/var/lib/libvirt/qemu/nvram', basename(named ?? ''))
    expect(existsSync(file)).toBe(true)
    await definition.undefine(key, { storage: 'keep', nvram }, unattended())
    expect(existsSync(file)).toBe(nvram === 'keep')
    await rm(file, { force: true })
  }
})

test('snapshots go with their machine, and are counted before', async () => {
  const own = await disk('own')
  await using domain = await machine([own])
  await domain.virsh('snapshot-create-as', 'first')
  expect((await connection.definition.undefinePreview(domain.uuid)).snapshots).toBe(1)
  await connection.definition.undefine(domain.uuid, DELETE, unattended())
  expect(existsSync(own)).toBe(false)
})
