import { execFile } from 'node:child_process'
import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { bench, noise, PLENTY, sha256 } from './testing/bench.ts'
import { packingOf, unpack, type Packing } from './unpack.ts'

const run = promisify(execFile)
const none = new AbortController().signal
const DISK = Buffer.concat([noise(200_000), Buffer.alloc(8_000_000), noise(100_000), Buffer.alloc(1_000_000)])

const packed = async (packing: Packing, path: string): Promise<string> => {
  const to = `${path}.${packing}`
  if (packing === 'gz') await writeFile(to, gzipSync(DISK))
  else {
    await writeFile(path, DISK)
    await run(packing === 'xz' ? 'xz' : 'zstd', packing === 'xz' ? ['-k', path] : ['-q', path])
  }
  return to
}

describe.for<Packing>(['xz', 'zst', 'gz'])('%s', packing => {
  const base = { folder: '/tmp', free: PLENTY, signal: none, progress: () => undefined }

  it('gives back what was packed, with holes for its zeros', async () => {
    await using place = await bench()
    const from = await packed(packing, join(place.folder, 'disk'))
    expect(packingOf((await readFile(from)).subarray(0, 16))).toBe(packing)
    const to = join(place.folder, 'out')
    expect(await unpack({ ...base, from, to, packing })).toEqual({ bytes: DISK.length, sha256: sha256(DISK) })
    expect((await readFile(to)).equals(DISK)).toBe(true)
    expect((await stat(to)).blocks * 512).toBeLessThan(DISK.length / 4)
  })

  it('is refused when it is cut off, damaged, or grows without end', async () => {
    await using place = await bench()
    const from = await packed(packing, join(place.folder, 'disk'))
    const to = join(place.folder, 'out')
    await expect(unpack({ ...base, from, to, packing, most: 1_000_000 })).rejects.toThrow('grows without end')
    const bytes = await readFile(from)
    await writeFile(from, bytes.subarray(0, bytes.length - 100))
    await expect(unpack({ ...base, from, to, packing })).rejects.toThrow('cannot be unpacked')
    await writeFile(from, Buffer.concat([bytes.subarray(0, 100), noise(bytes.length)]))
    await expect(unpack({ ...base, from, to, packing })).rejects.toThrow('cannot be unpacked')
  })

  it('ends when it is cancelled', async () => {
    await using place = await bench()
    const from = await packed(packing, join(place.folder, 'disk'))
    const leave = new AbortController()
    const progress = () => leave.abort()
    const work = unpack({ ...base, from, to: join(place.folder, 'out'), packing, signal: leave.signal, progress })
    await expect(work).rejects.toMatchObject({ detail: { kind: 'cancelled' } })
  })
})

it('what is not packed is not taken for it', () => {
  expect(packingOf(Buffer.from('QFI\xfb', 'latin1'))).toBeUndefined()
  expect(packingOf(Buffer.alloc(0))).toBeUndefined()
})
