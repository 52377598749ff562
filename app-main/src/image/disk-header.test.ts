import { execFile } from 'node:child_process'
import { open, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { readDiskHeader } from './disk-header.ts'
import { inspectDisk } from './qemu-img.ts'
import { bench, noise, rawDisk } from './testing/bench.ts'

const run = promisify(execFile)
const none = new AbortController().signal
const MIB = 1024 * 1024

/** Makes an image with the real qemu-img. */
const make = async (folder: string, format: string, ...more: string[]) => {
  const path = join(folder, `disk-${Math.random()}.${format}`)
  await run('qemu-img', ['create', '-q', '-f', format, ...more, path, '8M'])
  return path
}
const patch = async (path: string, at: number, bytes: Buffer) => {
  const file = await open(path, 'r+')
  await file.write(bytes, 0, bytes.length, at)
  await file.close()
}
const u64 = (value: bigint) => {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64BE(value)
  return bytes
}

describe('images that qemu-img makes', () => {
  it.for(['qcow2', 'vmdk', 'vdi', 'vhdx'])('%s: are known by what is in them', async format => {
    await using place = await bench()
    expect(await inspectDisk(await make(place.folder, format), none)).toEqual({ format, bytes: 8 * MIB })
  })

  it('of a stream-optimized VMDK and an old qcow2 too', async () => {
    await using place = await bench()
    const streamed = await make(place.folder, 'vmdk', '-o', 'subformat=streamOptimized')
    expect(await inspectDisk(streamed, none)).toEqual({ format: 'vmdk', bytes: 8 * MIB })
    const old = await make(place.folder, 'qcow2', '-o', 'compat=0.10')
    expect(await inspectDisk(old, none)).toEqual({ format: 'qcow2', bytes: 8 * MIB })
  })
})

describe('files without a format', () => {
  it('are disks when they have a boot record, or when a person says so', async () => {
    await using place = await bench()
    const path = join(place.folder, 'x')
    await writeFile(path, rawDisk(MIB))
    expect(await readDiskHeader(path)).toEqual({ format: 'raw', bytes: MIB })
    await writeFile(path, noise(MIB))
    await expect(readDiskHeader(path)).rejects.toThrow('no disk image that Vireo knows')
    expect(await readDiskHeader(path, { raw: true })).toMatchObject({ format: 'raw' })
    await writeFile(path, `<!doctype html>${'<p>sorry</p>'.repeat(100)}`)
    await expect(readDiskHeader(path, { raw: true })).rejects.toThrow('no disk image')
    await writeFile(path, 'short')
    await expect(readDiskHeader(path)).rejects.toThrow('too small')
  })

  it('are installation media by their volume descriptor', async () => {
    await using place = await bench()
    const path = join(place.folder, 'x')
    const iso = rawDisk(64 * 1024)
    iso.write('CD001', 0x8001)
    await writeFile(path, iso)
    expect(await readDiskHeader(path)).toMatchObject({ format: 'iso' })
  })
})

describe('images that reach for other files are refused', () => {
  it('a qcow2 over another file', async () => {
    await using place = await bench()
    const path = await make(place.folder, 'qcow2')
    const over = join(place.folder, 'over')
    await run('qemu-img', ['create', '-q', '-f', 'qcow2', '-F', 'qcow2', '-b', path, over])
    await expect(inspectDisk(over, none)).rejects.toThrow('only a difference to another file')
    const crafted = await make(place.folder, 'qcow2')
    await patch(crafted, 4096, Buffer.from('/etc/shadow'))
    await patch(crafted, 8, u64(4096n))
    await patch(crafted, 16, Buffer.from([0, 0, 0, 11]))
    await expect(inspectDisk(crafted, none)).rejects.toThrow('only a difference to another file')
  })

  it('a qcow2 with its data elsewhere, by its feature bit or by its extension', async () => {
    await using place = await bench()
    const data = join(place.folder, 'data.raw')
    const outer = await make(place.folder, 'qcow2', '-o', `data_file=${data},data_file_raw=on`)
    await expect(inspectDisk(outer, none)).rejects.toThrow('keeps its data in another file')
    // The bit cleared, the name left.
    await patch(outer, 72, u64(0n))
    await expect(inspectDisk(outer, none)).rejects.toThrow('names another file')
  })

  it('a qcow2 of a size that no disk has, or of unknown kind, or encrypted', async () => {
    await using place = await bench()
    const path = await make(place.folder, 'qcow2')
    await patch(path, 24, u64(2n ** 50n))
    await expect(inspectDisk(path, none)).rejects.toThrow('claims a size')
    const odd = await make(place.folder, 'qcow2')
    await patch(odd, 72, u64(1n << 40n))
    await expect(inspectDisk(odd, none)).rejects.toThrow('not known here')
    const locked = await make(place.folder, 'qcow2')
    await patch(locked, 32, Buffer.from([0, 0, 0, 1]))
    await expect(inspectDisk(locked, none)).rejects.toThrow('encrypted')
  })

  it('a VMDK that describes other files, openly or behind a sparse header', async () => {
    await using place = await bench()
    const flat = join(place.folder, 'flat.vmdk')
    await writeFile(
      flat,
      `# Disk DescriptorFile\nversion=1\ncreateType="monolithicFlat"\nRW 16384 FLAT "/etc/shadow" 0\n${' '.repeat(600)}`,
    )
    await expect(inspectDisk(flat, none)).rejects.toThrow('only a description of other files')
    const sparse = await make(place.folder, 'vmdk')
    const text = Buffer.alloc(10_240)
    text.write(
      '# Disk DescriptorFile\nversion=1\nparentCID=ffffffff\ncreateType="monolithicFlat"\nRW 16384 FLAT "/etc/shadow" 0\n',
    )
    await patch(sparse, 512, text)
    await expect(inspectDisk(sparse, none)).rejects.toThrow('needs other files')
    await patch(sparse, 12, Buffer.alloc(8))
    await expect(inspectDisk(sparse, none)).rejects.toThrow('only a description of other files')
  })

  it('a VMDK over another one', async () => {
    await using place = await bench()
    const path = await make(place.folder, 'vmdk')
    const over = join(place.folder, 'over.vmdk')
    await run('qemu-img', ['create', '-q', '-f', 'vmdk', '-F', 'vmdk', '-b', path, over])
    await expect(inspectDisk(over, none)).rejects.toThrow('needs other files')
  })
})

it('damage is refused and never followed', async () => {
  await using place = await bench()
  const path = await make(place.folder, 'qcow2')
  await patch(path, 20, Buffer.from([0, 0, 0, 60]))
  await expect(inspectDisk(path, none)).rejects.toThrow('damaged')
  const short = await make(place.folder, 'vhdx')
  await truncate(short, 70_000)
  await expect(inspectDisk(short, none)).rejects.toThrow('cannot be read')
})
