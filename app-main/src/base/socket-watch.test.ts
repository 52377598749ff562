import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { watchSocket } from './socket-watch.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vireo-watch-'))
})
afterEach(() => rm(folder, { recursive: true, maxRetries: 5 }))

test('a socket that is replaced is told, its neighbours are not', async () => {
  const path = join(folder, 'sock')
  await writeFile(path, '')
  const appeared = vi.fn()
  const watched = watchSocket(path, appeared)
  const neighbour = vi.fn()
  const other = watchSocket(join(folder, 'neighbour'), neighbour)
  await writeFile(join(folder, 'neighbour'), '')
  await vi.waitFor(() => expect(neighbour).toHaveBeenCalled())
  expect(appeared).not.toHaveBeenCalled()
  await rename(join(folder, 'neighbour'), path)
  await vi.waitFor(() => expect(appeared).toHaveBeenCalled())
  watched.dispose()
  other.dispose()
})

test('a socket whose folder is made later is told, too', async () => {
  const path = join(folder, 'libvirt', 'deeper', 'sock')
  const appeared = vi.fn()
  const watched = watchSocket(path, appeared)
  await mkdir(join(folder, 'libvirt', 'deeper'), { recursive: true })
  await vi.waitFor(async () => {
    await writeFile(path, '')
    expect(appeared).toHaveBeenCalled()
  })
  watched.dispose()
})
