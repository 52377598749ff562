/**
 * What a disk image says of itself, read by us before any program opens it: headers can name other files of this
 * computer, as backing file, data file or extent, and QEMU's tools would open them.
 */
import { constants } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import { RemoteError } from '../contract/index.ts'

export type DiskFormat = 'qcow2' | 'raw' | 'vmdk' | 'vdi' | 'vhdx'
export interface DiskHeader {
  readonly format: DiskFormat | 'iso'
  /** Size of the disk the guest sees, bytes. */
  readonly bytes: number
}

/** A disk that claims more is a joke at our expense, bytes. */
export const MOST_VIRTUAL_BYTES = 64 * 1024 ** 4

const refused = (message: string, hint?: string) =>
  new RemoteError({ kind: 'precondition', message, ...(hint === undefined ? {} : { hint }) })
const SELF_CONTAINED = 'Only images that hold all of their data themselves are taken. Convert it where it comes from.'

const bytesAt = async (file: FileHandle, at: number, length: number): Promise<Buffer> => {
  const buffer = Buffer.alloc(length)
  const { bytesRead } = await file.read(buffer, 0, length, at)
  return buffer.subarray(0, bytesRead)
}

const sane = (bytes: bigint, what: string): number => {
  if (bytes > 0n && bytes <= BigInt(MOST_VIRTUAL_BYTES)) return Number(bytes)
  throw refused(`This ${what} claims a size of ${bytes} bytes, which no disk has.`)
}

const DIRTY = 1n
const CORRUPT = 2n
const DATA_FILE = 4n
/** Compression type and extended L2 entries: harmless. */
const KNOWN = DIRTY | CORRUPT | DATA_FILE | 8n | 16n
const EXTENSION_DATA_FILE = 0x44415441
const EXTENSION_END = 0
const EXTENSION_BASE_FORMAT = 0xe2792aca
/** A header and the name in it lie in the first cluster, which is 2 MiB at most. */
const MOST_PLACE = 1n << 21n
const MOST_NAME = 1023
const EXTENSION_LUKS = 0x0537be77

/** What the header of a qcow2 file says; the file named as its base was not looked at. */
export interface Qcow2Layer {
  /** Size of the disk the guest sees, bytes. */
  readonly bytes: number
  /** Format null: the header does not tell. */
  readonly base: { readonly name: string; readonly format: string | null } | null
}

const layerOf = async (file: FileHandle, head: Buffer): Promise<Qcow2Layer> => {
  const version = head.readUInt32BE(4)
  if (version !== 2 && version !== 3) throw refused(`This qcow image is of version ${version}, which is not supported.`)
  const clusterBits = head.readUInt32BE(20)
  if (clusterBits < 9 || clusterBits > 21) throw refused('This qcow2 image is damaged.')
  if (head.readUInt32BE(32) !== 0) throw refused('This qcow2 image is encrypted.')
  const bytes = sane(head.readBigUInt64BE(24), 'qcow2 image')
  const features = version === 3 ? head.readBigUInt64BE(72) : 0n
  if ((features & DATA_FILE) !== 0n) throw refused('This qcow2 image keeps its data in another file.', SELF_CONTAINED)
  if ((features & CORRUPT) !== 0n) throw refused('This qcow2 image is marked as damaged.')
  if ((features & ~KNOWN) !== 0n) throw refused('This qcow2 image uses features that are not known here.')
  const length = version === 3 ? head.readUInt32BE(100) : 72
  if (length < 72 || length > 4096 || length % 8 !== 0) throw refused('This qcow2 image is damaged.')
  let format: string | null = null
  const extensions = await bytesAt(file, length, 64 * 1024)
  for (let at = 0; at + 8 <= extensions.length;) {
    const [type, size] = [extensions.readUInt32BE(at), extensions.readUInt32BE(at + 4)]
    if (type === EXTENSION_END) break
    if (type === EXTENSION_DATA_FILE) throw refused('This qcow2 image names another file.', SELF_CONTAINED)
    if (type === EXTENSION_LUKS) throw refused('This qcow2 image is encrypted.')
    if (type === EXTENSION_BASE_FORMAT) format = extensions.subarray(at + 8, at + 8 + size).toString('utf8')
    at += 8 + Math.ceil(size / 8) * 8
  }
  const [place, size] = [head.readBigUInt64BE(8), head.readUInt32BE(16)]
  if (place === 0n && size === 0) return { bytes, base: null }
  if (place > MOST_PLACE || size === 0 || size > MOST_NAME) throw refused('This qcow2 image is damaged.')
  return { bytes, base: { name: (await bytesAt(file, Number(place), size)).toString('utf8'), format } }
}

const qcow2 = async (file: FileHandle, head: Buffer): Promise<DiskHeader> => {
  const { bytes, base } = await layerOf(file, head)
  if (base !== null) throw refused('This qcow2 image is only a difference to another file.', SELF_CONTAINED)
  return { format: 'qcow2', bytes }
}

/** Reads one layer of a machine's disk, which may be built on another. Throws `precondition` for what is no sound qcow2. */
export const readQcow2Layer = async (path: string): Promise<Qcow2Layer> => {
  // A pipe of this name must not keep us waiting.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    if (!(await file.stat()).isFile()) throw refused(`“${path}” is no file.`)
    const head = await bytesAt(file, 0, 1024)
    if (head.length < 512 || !beginsWith(head, 'QFI\xfb')) throw refused(`“${path}” is no qcow2 image.`)
    return await layerOf(file, head)
  } finally {
    await file.close()
  }
}

const SECTOR = 512n
const MONOLITHIC = new Set(['monolithicsparse', 'streamoptimized'])

const vmdk = async (file: FileHandle, head: Buffer): Promise<DiskHeader> => {
  const [capacity, at, length] = [12, 28, 36].map(offset => head.readBigUInt64LE(offset))
  if (capacity === undefined || at === undefined || length === undefined) throw refused('This VMDK image is damaged.')
  // Without a capacity of its own it is but a list of other files.
  if (capacity === 0n || at === 0n)
    throw refused('This VMDK image is only a description of other files.', SELF_CONTAINED)
  if (length === 0n || length > 128n || at > 1n << 31n) throw refused('This VMDK image is damaged.')
  const text = (await bytesAt(file, Number(at * SECTOR), Number(length * SECTOR))).toString('latin1')
  const [, type = ''] = /^\s*createType\s*=\s*"?([A-Za-z]+)/m.exec(text) ?? []
  const [, parent = 'ffffffff'] = /^\s*parentCID\s*=\s*"?([0-9A-Fa-f]+)/m.exec(text) ?? []
  const extents = text.split('\n').filter(line => /^\s*(RW|RDONLY|NOACCESS)\s/i.test(line))
  const own = extents.length === 1 && /^\s*RW\s+\d+\s+SPARSE\s+"[^"/\\]*"/i.test(extents[0] ?? '')
  if (!MONOLITHIC.has(type.toLowerCase()) || !own || /parentFileNameHint/i.test(text) || !/^f{8}$/i.test(parent))
    throw refused('This VMDK image needs other files.', SELF_CONTAINED)
  return { format: 'vmdk', bytes: sane(capacity * SECTOR, 'VMDK image') }
}

const VDI_DYNAMIC = 1
const VDI_FIXED = 2

const vdi = (head: Buffer): DiskHeader => {
  const type = head.readUInt32LE(0x4c)
  const parents = head.subarray(0x1a8, 0x1c8)
  if ((type !== VDI_DYNAMIC && type !== VDI_FIXED) || !parents.equals(Buffer.alloc(parents.length)))
    throw refused('This VDI image is only a difference to another file.', SELF_CONTAINED)
  return { format: 'vdi', bytes: sane(head.readBigUInt64LE(0x170), 'VDI image') }
}

const beginsWith = (head: Buffer, text: string, at = 0) =>
  head.subarray(at, at + text.length).toString('latin1') === text

const isIso = async (file: FileHandle) => beginsWith(await bytesAt(file, 0x8001, 5), 'CD001')
const isBootRecord = (head: Buffer) => head[510] === 0x55 && head[511] === 0xaa
/** What no disk begins with and a wrong download does. */
const looksLikeText = (head: Buffer) => /^[\t\n\r -~]{64}/.test(head.subarray(0, 64).toString('latin1'))

export interface HeaderOptions {
  /** A file without any mark is taken as the bytes of a disk: a person said so. */
  readonly raw?: boolean
}

/**
 * Tells what `path` is. Throws `precondition` when it names other files, is encrypted, or is no disk at all. The size of a
 * VHDX stands in its regions, which qemu-img reads; it is 0 here.
 */
export const readDiskHeader = async (path: string, options: HeaderOptions = {}): Promise<DiskHeader> => {
  const file = await open(path, 'r')
  try {
    const [head, { size }] = [await bytesAt(file, 0, 1024), await file.stat()]
    if (head.length < 512) throw refused('This file is too small for a disk.')
    if (beginsWith(head, 'QFI\xfb')) return await qcow2(file, head)
    if (beginsWith(head, 'KDMV')) return await vmdk(file, head)
    if (beginsWith(head, '# Disk DescriptorFile') || beginsWith(head, 'COWD'))
      throw refused('This VMDK file is only a description of other files.', SELF_CONTAINED)
    if (head.readUInt32LE(0x40) === 0xbeda107f) return vdi(head)
    if (beginsWith(head, 'vhdxfile')) return { format: 'vhdx', bytes: 0 }
    if (beginsWith(head, 'QED\0') || beginsWith(head, 'conectix') || beginsWith(head, 'LUKS'))
      throw refused('Images of this kind are not supported.', 'Convert it to qcow2 where it comes from.')
    if (await isIso(file)) return { format: 'iso', bytes: size }
    if (isBootRecord(head) || (options.raw === true && !looksLikeText(head)))
      return { format: 'raw', bytes: sane(BigInt(size), 'disk') }
    throw refused(
      'This file is no disk image that Vireo knows.',
      'If it is a raw disk without a partition table, say so.',
    )
  } finally {
    await file.close()
  }
}
