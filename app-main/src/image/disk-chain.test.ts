import { execFile, spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { flattenLayers, nodeOf, readLayers } from './disk-chain.ts'
import { inspectDisk } from './qemu-img.ts'
import { rawDisk } from './testing/bench.ts'

const run = promisify(execFile)
const never = new AbortController().signal
const DISK = rawDisk(1024 * 1024)

describe('a disk of several layers', () => {
  let folder = ''
  const at = (name: string) => join(folder, name)
  const qemu = async (...args: readonly string[]) => run('qemu-img', [...args])
  const overlay = async (name: string, base: string, format: string) =>
    qemu('create', '-q', '-f', 'qcow2', '-b', base, '-F', format, at(name))
  /** Writes one letter over the first KiB at an offset, as a guest would. */
  const scribble = async (name: string, letter: string, offset: number) =>
    run('qemu-io', ['-f', 'qcow2', '-c', `write -P 0x${letter} ${offset} 1k`, at(name)])

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vireo-chain-'))
    await writeFile(at('base.raw'), DISK)
  })
  afterEach(async () => rm(folder, { recursive: true, force: true, maxRetries: 5 }))

  const flat = async (layers: Awaited<ReturnType<typeof readLayers>>): Promise<Buffer> => {
    const fractions: number[] = []
    const to = at('flat.qcow2')
    await flattenLayers({ layers, to, folder, signal: never, progress: one => void fractions.push(one) })
    expect(fractions.at(-1)).toBe(1)
    // Nothing else is needed for it.
    expect(await inspectDisk(to, never)).toEqual({ format: 'qcow2', bytes: DISK.length })
    await qemu('convert', '-f', 'qcow2', '-O', 'raw', to, at('flat.raw'))
    return readFile(at('flat.raw'))
  }

  it('becomes one image with what a guest sees of all of them', async () => {
    await overlay('middle.qcow2', 'base.raw', 'raw')
    await overlay('top.qcow2', at('middle.qcow2'), 'qcow2')
    await scribble('middle.qcow2', '11', 4096)
    await scribble('top.qcow2', '22', 8192)
    const layers = await readLayers(at('top.qcow2'), 'qcow2')
    expect(layers.map(({ path, format }) => [path, format])).toEqual([
      [at('top.qcow2'), 'qcow2'],
      [at('middle.qcow2'), 'qcow2'],
      [at('base.raw'), 'raw'],
    ])
    const wanted = Buffer.from(DISK)
    wanted.fill(0x11, 4096, 5120)
    wanted.fill(0x22, 8192, 9216)
    expect((await flat(layers)).equals(wanted)).toBe(true)
    // The layers are only read.
    expect((await readFile(at('base.raw'))).equals(DISK)).toBe(true)
  })

  it('takes a raw disk as bytes, whatever a guest wrote at its beginning', async () => {
    await overlay('evil.qcow2', '/etc/passwd', 'raw')
    const evil = Buffer.alloc(DISK.length)
    ;(await readFile(at('evil.qcow2'))).copy(evil)
    await writeFile(at('guest.raw'), evil)
    const layers = await readLayers(at('guest.raw'), 'raw')
    expect(layers).toHaveLength(1)
    expect((await flat(layers)).equals(evil)).toBe(true)
  })

  it.each([
    ['text', async () => overlay('top.qcow2', '/etc/passwd', 'raw')],
    ['what it does not tell the kind of', async () => overlay('top.qcow2', 'base.raw', 'raw').then(unformatted)],
    ['itself', async () => overlay('top.qcow2', 'base.raw', 'raw').then(async () => rebased('top.qcow2', 'qcow2'))],
    ['an address', async () => overlay('top.qcow2', 'base.raw', 'raw').then(async () => rebased('nbd:1:2', 'raw'))],
    [
      'a program’s words',
      async () => overlay('top.qcow2', 'base.raw', 'raw').then(async () => rebased('json:{}', 'raw')),
    ],
    [
      'another kind of disk',
      async () => overlay('top.qcow2', 'base.raw', 'raw').then(async () => rebased('base.raw', 'vmdk')),
    ],
  ])('is refused where it is built on %s', async (_what, prepare) => {
    await prepare()
    await expect(readLayers(at('top.qcow2'), 'qcow2')).rejects.toMatchObject({ detail: { kind: 'precondition' } })
  })

  /** Without looking at the new base. */
  const rebased = async (base: string, format: string) =>
    qemu('rebase', '-u', '-f', 'qcow2', '-b', base, '-F', format, at('top.qcow2'))
  const unformatted = async () => {
    const bytes = await readFile(at('top.qcow2'))
    const mark = bytes.indexOf(Buffer.from([0xe2, 0x79, 0x2a, 0xca]))
    expect(mark).toBeGreaterThan(0)
    bytes.writeUInt32BE(0x12345678, mark)
    await writeFile(at('top.qcow2'), bytes)
  }

  it('is refused where a layer is gone, or is no disk at all', async () => {
    await overlay('top.qcow2', 'base.raw', 'raw')
    await rm(at('base.raw'))
    await expect(readLayers(at('top.qcow2'), 'qcow2')).rejects.toMatchObject({
      detail: { kind: 'not-found', message: expect.stringContaining(at('base.raw')) },
    })
    await writeFile(at('no.qcow2'), 'nothing')
    await expect(readLayers(at('no.qcow2'), 'qcow2')).rejects.toMatchObject({ detail: { kind: 'precondition' } })
    await expect(readLayers(folder, 'raw')).rejects.toMatchObject({ detail: { kind: 'precondition' } })
  })

  it('is refused while somebody writes to it', async () => {
    await overlay('top.qcow2', 'base.raw', 'raw')
    const layers = await readLayers(at('top.qcow2'), 'qcow2')
    const writer = spawn('qemu-io', ['-f', 'qcow2', at('top.qcow2')], { stdio: ['pipe', 'pipe', 'inherit'] })
    try {
      writer.stdin.write('length\n')
      await new Promise(resolve => writer.stdout.once('data', resolve))
      const to = at('flat.qcow2')
      const work = flattenLayers({ layers, to, folder, signal: never, progress: () => undefined })
      await expect(work).rejects.toMatchObject({ detail: { kind: 'precondition', message: /in use/ } })
    } finally {
      const ended = new Promise(resolve => writer.once('close', resolve))
      writer.kill()
      await ended
    }
  })

  it('can be given up', async () => {
    const controller = new AbortController()
    const layers = await readLayers(at('base.raw'), 'raw')
    controller.abort()
    const work = flattenLayers({ layers, to: at('flat'), folder, signal: controller.signal, progress: () => undefined })
    await expect(work).rejects.toMatchObject({ detail: { kind: 'cancelled' } })
    await expect(stat(at('flat'))).rejects.toMatchObject({ code: 'ENOENT' })
  })

  it('names every file and format, so that no header is followed', () => {
    const layer = (path: string, format: 'qcow2' | 'raw') => ({ path, format, bytes: 0 })
    expect(nodeOf([layer('/a', 'qcow2'), layer('/b', 'qcow2')])).toEqual({
      ...{ driver: 'qcow2', file: { driver: 'file', filename: '/a' } },
      backing: { driver: 'qcow2', file: { driver: 'file', filename: '/b' }, backing: null },
    })
  })
})
