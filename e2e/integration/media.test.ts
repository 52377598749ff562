import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Media } from '../../app-main/src/hypervisor/media.ts'
import { testDomain } from '../fixture/domain.ts'
import { openConnection } from '../fixture/guest-link.ts'
import { run } from '../fixture/run.ts'
import { until } from '../fixture/wait.ts'

/** Two media that machines can read where they lie. */
const burn = async () => {
  const folder = await mkdtemp(join(tmpdir(), 'vireo-media-'))
  await chmod(folder, 0o755)
  await writeFile(join(folder, 'content'), 'content')
  const paths = ['one.iso', 'two.iso'].map(name => join(folder, name))
  for (const path of paths) await run('xorriso', ['-as', 'mkisofs', '-quiet', '-o', path, join(folder, 'content')])
  const [one = '', two = ''] = paths
  return { one, two, [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) }
}

const mediaOf = ({ media }: { readonly media?: Media }): Media => {
  if (!media) throw new Error('this driver has no media')
  return media
}

const CD = `<disk type='file' device='cdrom'><target dev='sda' bus='sata'/><readonly/></disk>`

test('media are inserted, changed and ejected in a machine that runs, and in its definition', async () => {
  await using iso = await burn()
  await using domain = await testDomain({ kind: 'blank', prefix: 't-media', extraDevices: CD })
  using stack = new DisposableStack()
  const connection = stack.adopt(await openConnection(), one => one.dispose())
  const media = mediaOf(connection)
  const key = domain.uuid
  const change = (path: string | null, drive?: string) => media.change(key, { path, drive, force: false })
  const lies = async () => {
    const tables = [await domain.virsh('domblklist'), await domain.virsh('domblklist', '--inactive')]
    return tables.map(table => /^ *sda +(\S+)/m.exec(table)?.[1])
  }

  expect(await change(iso.one)).toEqual({ drive: 'sda', needsRestart: false })
  expect(await lies()).toEqual([iso.one, iso.one])
  expect(await change(iso.two, 'sda')).toEqual({ drive: 'sda', needsRestart: false })
  expect(await lies()).toEqual([iso.two, iso.two])
  expect((await media.list(key)).drives).toMatchObject([{ target: 'sda', source: iso.two, nextSource: iso.two }])

  await expect(change(join(iso.one, 'none'))).rejects.toMatchObject({ detail: { message: expect.any(String) } })
  const stranger = media.list('00000000-0000-0000-0000-000000000000')
  await expect(stranger).rejects.toMatchObject({ detail: { kind: 'not-found' } })
  await expect(change(iso.one, 'sdz')).rejects.toMatchObject({ detail: { kind: 'not-found' } })
  expect(await lies(), 'after what failed').toEqual([iso.two, iso.two])

  expect(await change(null)).toEqual({ drive: 'sda', needsRestart: false })
  expect(await lies()).toEqual(['-', '-'])
  await expect(change(null)).rejects.toMatchObject({ detail: { kind: 'precondition' } })

  // libvirt takes no mixture of orders, and refuses a definition that has one.
  expect(await media.bootFirst(key, 'sda')).toEqual({ needsRestart: true })
  expect((await media.list(key)).boot.find(({ device }) => device === 'sda')?.order).toBe(1)
  await expect(media.bootFirst(key, 'vdz')).rejects.toMatchObject({ detail: { kind: 'not-found' } })

  // While the order of the running machine is another one than that of its definition.
  expect(await change(iso.one)).toEqual({ drive: 'sda', needsRestart: false })
  await domain.destroy()
  await until('the connection to hear that it is off', () => connection.domains.get(key)?.state === 'shutoff')
  expect(await media.bootFirst(key, 'sda')).toEqual({ needsRestart: false })
  expect(await change(null)).toEqual({ drive: 'sda', needsRestart: false })
})

test('a machine without a drive gets one: now where it can, else at its next start', async () => {
  await using iso = await burn()
  await using domain = await testDomain({ kind: 'blank', prefix: 't-media' })
  using stack = new DisposableStack()
  const connection = stack.adopt(await openConnection(), one => one.dispose())
  const media = mediaOf(connection)
  const { drive, needsRestart } = await media.change(domain.uuid, { path: iso.one, force: false })
  const [one, ...others] = (await media.list(domain.uuid)).drives
  expect(others).toEqual([])
  expect(one).toMatchObject({ target: drive, nextSource: iso.one, present: !needsRestart })
  // What it has from its next start on it has then.
  const known = (state: string) =>
    until(`the connection to hear that it is ${state}`, () => connection.domains.get(domain.uuid)?.state === state)
  await domain.destroy()
  await known('shutoff')
  await domain.start()
  await known('running')
  expect((await media.list(domain.uuid)).drives).toMatchObject([{ target: drive, source: iso.one, present: true }])
})
