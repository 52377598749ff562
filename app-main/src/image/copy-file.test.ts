import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { copyHashed } from './copy-file.ts'
import { noise, sha256 } from './testing/bench.ts'

const MIB = 2 ** 20
const never = new AbortController().signal
let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vireo-copy-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

it('copies what is there and leaves out what is empty, the end included', async () => {
  const bytes = Buffer.concat([noise(MIB), Buffer.alloc(6 * MIB), noise(1000), Buffer.alloc(MIB + 5)])
  const [from, to] = [join(folder, 'from'), join(folder, 'to')]
  await writeFile(from, bytes)
  await writeFile(to, 'what stood here before')
  const told: number[] = []
  expect(await copyHashed(from, to, never, done => void told.push(done))).toBe(sha256(bytes))
  expect((await readFile(to)).equals(bytes)).toBe(true)
  expect(told.at(-1)).toBe(bytes.length)
  const { blocks } = await stat(to)
  expect(blocks * 512).toBeLessThan((await stat(from)).blocks * 512)
})

it('stops when nobody wants it any more', async () => {
  const [from, to] = [join(folder, 'from'), join(folder, 'to')]
  await writeFile(from, noise(8 * MIB))
  const stop = new AbortController()
  const told: number[] = []
  const copying = copyHashed(from, to, stop.signal, done => {
    told.push(done)
    stop.abort()
  })
  await expect(copying).rejects.toMatchObject({ name: 'AbortError' })
  expect(told.length).toBeLessThan(8)
})
