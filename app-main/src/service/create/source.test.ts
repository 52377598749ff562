import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { OsinfoDatabase } from './osinfo.ts'
import { sourceFinder } from './source.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vireo-source-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const operation = { signal: new AbortController().signal, progress: () => undefined }
const medium = async (volume: string): Promise<string> => {
  const iso = Buffer.alloc(64 * 1024, ' ')
  iso.write('\u0001CD001\u0001', 16 * 2048, 'latin1')
  iso.write(volume, 16 * 2048 + 40)
  const path = join(folder, 'x.iso')
  await writeFile(path, iso)
  return path
}
const find = (path: string) =>
  sourceFinder(() => Promise.reject(new Error('not asked')), new OsinfoDatabase([]))(path, operation, false)

it('a medium of the catalogue is recognised without libosinfo’s database, with what it wants', async () => {
  expect(await find(await medium('Debian 12.5.0 amd64 n'))).toMatchObject({
    ...{ kind: 'iso', osId: 'http://debian.org/debian/12' },
    wishes: { minimum: { memoryBytes: expect.any(Number) } },
  })
})

it('any other is a medium all the same', async () => {
  expect(await find(await medium('SOMETHING'))).toMatchObject({ kind: 'iso', osId: null, wishes: null })
})
